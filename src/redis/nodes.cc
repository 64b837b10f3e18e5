#include "sluice/redis/nodes.h"

#include <algorithm>
#include <utility>

#include "redis/inquiry.h"
#include "redis/node_question.h"
#include "sluice/base/check.h"
#include "sluice/base/limits.h"
#include "sluice/base/log.h"
#include "sluice/redis/node_map.h"

namespace sluice {

struct Nodes::Node {
  Address address;
  std::unique_ptr<Dialer> dialer;
  Link link;
  SharedLink shared;

  Node(const Address& at, const Options& options, const DialerMaker& make_dialer, TurnClock& clock,
       LaneStats& stats)
      : address(at),
        dialer(make_dialer(at)),
        link({.url = options.url, .connect_ms = options.connect_ms}, *dialer, clock,
             options.jitter_seed),
        shared(link, {.lane = options.lane, .node = options.url.is_single() ? "" : at.ToString()},
               stats.redis_reconnects) {}
};

Nodes::Nodes(Options options, DialerMaker make_dialer, TurnClock& clock, LaneStats& stats)
    : options_(std::move(options)),
      make_dialer_(std::move(make_dialer)),
      clock_(clock),
      stats_(stats),
      question_(std::make_unique<NodeQuestion>(options_.url)) {
  if (fixed()) return;
  to_ask_ = options_.url.seeds;
  next_to_ask_ = options_.jitter_seed % to_ask_.size();
}

Nodes::~Nodes() = default;

void Nodes::Add(Lane& lane, uint16_t slot) {
  followers_.push_back({.lane = &lane, .slot = slot});
  if (!fixed()) lane.set_guide(*this);
}

void Nodes::Start() {
  if (!fixed()) return Ask();
  Node& node = NodeAt(options_.url.address);
  for (Follower& follower : followers_) Attach(follower, node, false);
}

Nodes::Node& Nodes::NodeAt(const Address& address) {
  for (const auto& node : nodes_) {
    if (node->address == address) return *node;
  }
  nodes_.push_back(std::make_unique<Node>(address, options_, make_dialer_, clock_, stats_));
  return *nodes_.back();
}

// ---- Lanes -------------------------------------------------------------------------------------

void Nodes::Attach(Follower& follower, Node& node, bool asking) {
  follower.node = &node;
  follower.asking = asking;
  follower.moved_ns = clock_.now_ns();
  follower.lane->Attach(node.shared, asking);
  node.link.Start();
}

void Nodes::Detach(Follower& follower) {
  if (follower.node == nullptr) return;
  follower.lane->Detach();
  follower.node = nullptr;
  follower.asking = false;
}

void Nodes::OnRedirected(Lane& lane, const Redirect& redirect) {
  stats_.redirects[static_cast<size_t>(redirect.kind)].Add();
  for (Follower& follower : followers_) {
    if (follower.lane == &lane) follower.redirect = redirect;
  }
  unsettled_ = true;
}

void Nodes::Turn() {
  if (fixed() || closed_) return;
  if (inquiry_ && inquiry_->over()) TakeAnswer();
  if (!unsettled_) return;
  unsettled_ = false;
  for (Follower& follower : followers_) {
    if (follower.redirect) Redirected(follower);
    Place(follower);
  }
  RestUnused();
}

void Nodes::Redirected(Follower& follower) {
  const Redirect redirect = *std::exchange(follower.redirect, std::nullopt);
  const Address from = follower.node->address;
  const uint64_t stayed_ns = clock_.now_ns() - follower.moved_ns;
  Detach(follower);
  wanted_ = true;
  auto to = Address::Parse(redirect.address.starts_with(':') ? from.host + redirect.address
                                                             : redirect.address);
  if (redirect.kind == Redirect::Kind::kWait || !to.ok()) {
    follower.resumes_ns = clock_.now_ns() + kRedirectWaitMs * kNsPerMs;
    return;
  }
  if (redirect.kind == Redirect::Kind::kAsk) return Attach(follower, NodeAt(to.value()), true);
  AskFirst(to.value());
  if (map_) map_->Move(follower.slot, to.value());
  // Nodes that do not agree yet would send it to and fro.
  if (stayed_ns < kRedirectWaitMs * kNsPerMs) {
    follower.resumes_ns = clock_.now_ns() + kRedirectWaitMs * kNsPerMs;
  }
}

// Brings it to its slot's node, as soon as it can be.
void Nodes::Place(Follower& follower) {
  const Address* home = map_ ? map_->At(follower.slot) : nullptr;
  Lane& lane = *follower.lane;
  if (follower.node != nullptr) {
    const bool at_home = home == nullptr || follower.node->address == *home;
    if (at_home && !follower.asking) return;
    if (!at_home && follower.asking) return;  // its slot is on the way
    if (!lane.idle()) {
      // Whether what it sent arrives in time shows by its ledger at the new node.
      if (!at_home) lane.Drop("another node has the slot now");
      unsettled_ = true;
      return;
    }
    Detach(follower);
  }
  if (home == nullptr || clock_.now_ns() < follower.resumes_ns) {
    wanted_ |= home == nullptr;
    unsettled_ = true;
    return;
  }
  Attach(follower, NodeAt(*home), false);
}

void Nodes::RestUnused() {
  for (const auto& node : nodes_) {
    if (!node->shared.has_users()) node->link.Rest();
  }
}

bool Nodes::InTrouble(const Follower& follower) const {
  // That its slot has arrived, nobody says.
  return follower.node == nullptr || follower.asking || !follower.node->shared.ready() ||
         follower.lane->waited_ns() > kStallMs * kNsPerMs;
}

// ---- Who has what ------------------------------------------------------------------------------

void Nodes::AskFirst(const Address& address) {
  const auto known = std::find(to_ask_.begin(), to_ask_.end(), address);
  next_to_ask_ = static_cast<size_t>(known - to_ask_.begin());
  if (known == to_ask_.end()) to_ask_.push_back(address);
}

void Nodes::Ask() {
  wanted_ = false;
  asked_ = to_ask_[next_to_ask_++ % to_ask_.size()];
  inquiry_dialer_ = make_dialer_(asked_);
  inquiry_ = std::make_unique<Inquiry>(*inquiry_dialer_, attempt_++, question_->bytes(),
                                       question_->passed_over(), clock_,
                                       std::min(options_.connect_ms, kStallMs));
}

void Nodes::TakeAnswer() {
  Result<NodeMap> map = Error{inquiry_->reason()};
  if (const ReplyValue* answer = inquiry_->answer()) map = question_->Read(*answer, asked_);
  inquiry_.reset();
  inquiry_dialer_.reset();
  backoff_ms_ = std::clamp(backoff_ms_ * 2, kBackoffMinMs, kBackoffMaxMs / 2);
  ask_due_ns_ = clock_.now_ns() + backoff_ms_ * kNsPerMs;
  if (!map) {
    wanted_ = true;
    // One may be away; that nobody knows is worth a line.
    if (++asked_in_vain_ < to_ask_.size()) return;
    if (std::exchange(complaint_, map.error()) == map.error()) return;
    Log(LogLevel::kWarning, "where Redis is was not learned; redis.url says whom to ask",
        {{"lane", options_.lane}, {"asked", asked_.ToString()}, {"reason", complaint_}});
    return;
  }
  complaint_.clear();
  asked_in_vain_ = 0;
  to_ask_ = map.value().nodes();
  for (const Address& seed : options_.url.seeds) {
    if (std::find(to_ask_.begin(), to_ask_.end(), seed) == to_ask_.end()) to_ask_.push_back(seed);
  }
  map_ = std::make_unique<NodeMap>(std::move(map.value()));
  stats_.node_maps.Add();
  unsettled_ = true;
}

// ---- Time --------------------------------------------------------------------------------------

void Nodes::Sweep() {
  for (const auto& node : nodes_) node->link.Sweep();
  if (fixed() || closed_) return;
  if (inquiry_) inquiry_->Sweep();
  const bool trouble = std::any_of(followers_.begin(), followers_.end(),
                                   [this](const Follower& each) { return InTrouble(each); });
  if (!trouble && !wanted_) backoff_ms_ = 0;
  wanted_ |= trouble;
  if (wanted_ && !inquiry_ && clock_.now_ns() >= ask_due_ns_) Ask();
}

void Nodes::Close() {
  closed_ = true;
  for (const auto& node : nodes_) node->link.Close();
  if (inquiry_) inquiry_->Close();
}

bool Nodes::closed() const {
  const bool links_closed = std::all_of(nodes_.begin(), nodes_.end(),
                                        [](const auto& node) { return node->link.closed(); });
  return closed_ && links_closed && (!inquiry_ || inquiry_->over());
}

}  // namespace sluice
