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
               clock, stats.redis_reconnects) {}
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
  const auto to = redirect.Target(from);
  if (!to) {
    follower.resumes_ns = clock_.now_ns() + kRedirectWaitMs * kNsPerMs;
    return SayWaiting(follower, from, redirect.error);
  }
  if (redirect.kind == Redirect::Kind::kAsk) return Attach(follower, NodeAt(*to), true);
  AskFirst(*to);
  if (map_) map_->Move(follower.slot, *to);
  // Nodes that do not agree yet would send it to and fro.
  if (stayed_ns < kRedirectWaitMs * kNsPerMs) {
    follower.resumes_ns = clock_.now_ns() + kRedirectWaitMs * kNsPerMs;
  }
}

// One that is turned away again and again for a second is worth a line, every ten of them.
void Nodes::SayWaiting(Follower& follower, const Address& node, const std::string& error) {
  const uint64_t now_ns = clock_.now_ns();
  if (now_ns - follower.turned_away_ns > kStallMs * kNsPerMs) follower.waiting_since_ns = now_ns;
  follower.turned_away_ns = now_ns;
  if (now_ns - follower.waiting_since_ns < kStallMs * kNsPerMs || now_ns < next_line_ns_) return;
  next_line_ns_ = now_ns + 10 * kStallMs * kNsPerMs;
  Log(LogLevel::kWarning, "Redis takes no records for now; they wait until their deadline",
      {{"lane", options_.lane}, {"node", node.ToString()}, {"error", error}});
}

// Brings it to its slot's node, as soon as it can be.
void Nodes::Place(Follower& follower) {
  const Address* home = map_ ? map_->At(follower.slot) : nullptr;
  Lane& lane = *follower.lane;
  if (follower.node != nullptr) {
    const bool at_home = home == nullptr || follower.node->address == *home;
    // Where all is well a cluster's map, which may be an old one, does not count: the node itself
    // knows.
    const bool map_counts = led() || IsStuck(follower);
    if (follower.asking ? !at_home && !map_counts : at_home || !map_counts) return;
    if (!lane.idle()) {
      // Whether what it sent arrives in time shows by its ledger at the new node.
      if (!at_home) {
        lane.Drop(led() ? "the sentinels name another primary"
                        : "it does not answer, and another is said to have its place");
      }
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
  const auto waits = [](const Follower& each) { return each.node == nullptr; };
  if (std::any_of(followers_.begin(), followers_.end(), waits)) return;  // perhaps for one of them
  for (const auto& node : nodes_) {
    if (!node->shared.has_users()) node->link.Rest();
  }
}

// It had its time to get there.
bool Nodes::IsStuck(const Follower& follower) const {
  const bool is_new = clock_.now_ns() - follower.moved_ns < kStallMs * kNsPerMs;
  return (!is_new && !follower.node->shared.ready()) ||
         follower.lane->waited_ns() > kStallMs * kNsPerMs;
}

// That the slot of one who asks has arrived, nobody says.
bool Nodes::InTrouble(const Follower& follower) const {
  return follower.node == nullptr || follower.asking || !follower.node->shared.ready() ||
         IsStuck(follower);
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
  watch_due_ns_ = clock_.now_ns() + kSentinelWatchMs * kNsPerMs;
  inquiry_ = std::make_unique<Inquiry>(*inquiry_dialer_, attempt_++, question_->bytes(),
                                       question_->passed_over(), clock_, options_.connect_ms);
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
  TakeMap(std::move(map.value()));
}

void Nodes::TakeMap(NodeMap map) {
  if (led() && IsOlder(map)) {
    wanted_ = true;
    return;
  }
  const bool is_news = !led() || !map_ || map.primaries() != map_->primaries();
  to_ask_ = map.nodes();
  for (const Address& seed : options_.url.seeds) {
    if (std::find(to_ask_.begin(), to_ask_.end(), seed) == to_ask_.end()) to_ask_.push_back(seed);
  }
  map_ = std::make_unique<NodeMap>(std::move(map));
  if (!is_news) return;
  stats_.node_maps.Add();
  unsettled_ = true;
}

// A sentinel that has not heard of a failover yet tells what was. If all say so, one behind the
// other, they were set up anew, and it is so.
bool Nodes::IsOlder(const NodeMap& map) {
  if (!map_ || map.epoch() >= map_->epoch() || ++older_in_row_ >= to_ask_.size()) older_in_row_ = 0;
  return older_in_row_ > 0;
}

// ---- Time --------------------------------------------------------------------------------------

void Nodes::Sweep() {
  for (const auto& node : nodes_) node->link.Sweep();
  if (fixed() || closed_) return;
  if (inquiry_) inquiry_->Sweep();
  const bool trouble = std::any_of(followers_.begin(), followers_.end(),
                                   [this](const Follower& each) { return InTrouble(each); });
  if (!trouble && !wanted_) backoff_ms_ = 0;
  wanted_ |= trouble || (led() && clock_.now_ns() >= watch_due_ns_);
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
