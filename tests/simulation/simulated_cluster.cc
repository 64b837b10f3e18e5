#include "simulation/simulated_cluster.h"

#include <algorithm>
#include <utility>

#include "sluice/base/check.h"
#include "sluice/redis/hash_slot.h"

namespace sluice {

class SimulatedCluster::NodeDialer final : public Dialer {
 public:
  NodeDialer(size_t node, std::vector<Wire>& wires) : node_(node), wires_(wires) {}

  std::unique_ptr<ByteStream> Dial(uint32_t, StreamHandler& handler) override {
    wires_.push_back({.node = node_, .fake = std::make_shared<FakeWire>()});
    wires_.back().fake->handler = &handler;
    return std::make_unique<FakeStream>(wires_.back().fake);
  }

 private:
  const size_t node_;
  std::vector<Wire>& wires_;
};

SimulatedCluster::SimulatedCluster(Random& random, const std::vector<std::string>& tags)
    : random_(random) {
  for (auto& node : nodes_) {
    node = std::make_unique<SimulatedRedis>(random);
    node->slots = this;
  }
  for (const std::string& tag : tags) slots_.push_back({.number = HashSlot(tag), .tag = tag});
}

std::unique_ptr<Dialer> SimulatedCluster::MakeDialer(const Address& address) {
  for (size_t i = 0; i < kNodes; ++i) {
    if (AddressOf(i) == address.ToString()) return std::make_unique<NodeDialer>(i, wires_);
  }
  SLUICE_CHECK(false);
}

size_t SimulatedCluster::IndexOf(const SimulatedRedis& node) const {
  size_t i = 0;
  while (nodes_[i].get() != &node) ++i;
  return i;
}

// ---- Slots -------------------------------------------------------------------------------------

// As getNodeByQuery of Redis 7.0's cluster.c.
std::string SimulatedCluster::Refusal(const SimulatedRedis& node, const std::set<std::string>& keys,
                                      bool asking) const {
  const uint16_t number = HashSlot(*keys.begin());
  const auto slot = std::find_if(slots_.begin(), slots_.end(),
                                 [number](const Slot& each) { return each.number == number; });
  SLUICE_CHECK(slot != slots_.end());
  const auto missing = std::count_if(keys.begin(), keys.end(), [&](const std::string& key) {
    SLUICE_CHECK(HashSlot(key) == number);
    return !node.Has(key);
  });
  const View& view = slot->views[IndexOf(node)];
  const std::string where = " " + std::to_string(number) + " ";
  if (view.migrating && missing > 0) return "-ASK" + where + AddressOf(*view.migrating) + "\r\n";
  if (view.importing && asking) {
    return keys.size() > 1 && missing > 0
               ? "-TRYAGAIN Multiple keys request during rehashing of slot\r\n"
               : "";
  }
  if (view.owner != IndexOf(node)) return "-MOVED" + where + AddressOf(view.owner) + "\r\n";
  return "";
}

std::string SimulatedCluster::Map(const SimulatedRedis& node) const {
  std::string reply = "*" + std::to_string(slots_.size()) + "\r\n";
  for (const Slot& slot : slots_) {
    const std::string number = ":" + std::to_string(slot.number) + "\r\n";
    const Address address = Address::Parse(AddressOf(slot.views[IndexOf(node)].owner)).value();
    reply += "*3\r\n" + number + number + "*3\r\n$" + std::to_string(address.host.size()) + "\r\n" +
             address.host + "\r\n:" + std::to_string(address.port) + "\r\n$2\r\nid\r\n";
  }
  return reply;
}

void SimulatedCluster::StepMigration() {
  Slot& slot = slots_[random_.Below(slots_.size())];
  if (slot.moving) return Advance(slot);
  if (random_.Below(3) == 0) BeginMigration(slot);
}

void SimulatedCluster::BeginMigration(Slot& slot) {
  const size_t at = slot.to;
  const size_t to = (at + 1 + random_.Below(kNodes - 1)) % kNodes;
  if (!slots_return && to < at) return;
  // Bytes of a connection that was cut may be late, but no longer than a slot is away.
  nodes_[to]->RunOrphans();
  slot.from = at;
  slot.to = to;
  slot.moving = true;
  slot.views[slot.to].importing = slot.from;
}

// One command of whoever moves the slot: to the node that it goes to, to the one that it leaves,
// and then the other nodes hear of it.
void SimulatedCluster::Advance(Slot& slot) {
  SimulatedRedis& from = *nodes_[slot.from];
  SimulatedRedis& to = *nodes_[slot.to];
  View& there = slot.views[slot.to];
  View& here = slot.views[slot.from];
  const std::vector<std::string> keys = from.Tagged(slot.tag);
  if (there.importing && !here.migrating) {
    here.migrating = slot.to;
  } else if (!keys.empty()) {
    from.MoveKey(keys[random_.Below(keys.size())], to);
  } else if (there.importing) {
    there = {.owner = slot.to};
  } else if (here.migrating) {
    here = {.owner = slot.to};
  } else {
    for (View& view : slot.views) view.owner = slot.to;
    slot.moving = false;
  }
}

// ---- The network -------------------------------------------------------------------------------

void SimulatedCluster::ForgetClosed() {
  std::erase_if(wires_, [](const Wire& wire) { return wire.fake->handler == nullptr; });
}

SimulatedCluster::Wire* SimulatedCluster::AnyWire() {
  ForgetClosed();
  return wires_.empty() ? nullptr : &wires_[random_.Below(wires_.size())];
}

void SimulatedCluster::StepNetwork() {
  if (Wire* wire = AnyWire()) Progress(*wire);
}

void SimulatedCluster::Progress(Wire& wire) {
  const std::shared_ptr<FakeWire> fake = wire.fake;  // others may be dialled meanwhile
  if (fake->closing) return fake->FinishClose();
  if (std::exchange(wire.connected, true)) return;
  nodes_[wire.node]->Accept(fake);
  fake->Connect();
}

void SimulatedCluster::StepKernel() {
  Wire* wire = AnyWire();
  if (wire == nullptr || wire->fake->closing) return;
  wire->fake->room = random_.Below(3) == 0 ? random_.Below(300) : SIZE_MAX;
  if (wire->fake->has_waiting()) wire->fake->TakeWaiting(1 + random_.Below(300));
}

void SimulatedCluster::Cut() {
  Wire* wire = AnyWire();
  if (wire == nullptr || wire->fake->closing) return;
  const std::shared_ptr<FakeWire> fake = wire->fake;
  if (random_.Below(3) == 0) nodes_[wire->node]->LoseTail(*fake);
  fake->FinishClose(wire->connected ? "connection reset by peer" : "connection refused");
}

void SimulatedCluster::RunToRest() {
  for (Slot& slot : slots_) {
    while (slot.moving) Advance(slot);
  }
  ForgetClosed();
  for (size_t i = 0; i < wires_.size(); ++i) {
    const std::shared_ptr<FakeWire> fake = wires_[i].fake;
    if (fake->handler == nullptr) continue;
    Progress(wires_[i]);
    if (fake->handler == nullptr || fake->closing) continue;
    fake->room = SIZE_MAX;
    if (fake->has_waiting()) fake->TakeWaiting();
  }
  for (const auto& node : nodes_) node->RunToRest();
}

// ---- What came of it ---------------------------------------------------------------------------

size_t SimulatedCluster::Count(const std::string& value) const {
  size_t count = 0;
  for (const auto& node : nodes_) count += node->Count(value);
  return count;
}

std::vector<std::string> SimulatedCluster::Stream(const std::string& key) const {
  for (const auto& node : nodes_) {
    if (node->Has(key)) return node->Stream(key);
  }
  return {};
}

}  // namespace sluice
