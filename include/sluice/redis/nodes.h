// Nodes: the Redis nodes that a worker's lanes of one kind go to, a link each, and which lane goes
// to which. One Redis is one node. In a cluster each lane follows its slot: what CLUSTER SLOTS
// says, a MOVED, an ASK while the slot migrates; among sentinels all lanes follow the primary. The
// nodes are asked for anew when a lane is turned away, its slot is on the way, its link is down, or
// it waits for long; sentinels each kSentinelWatchMs too, since a primary that was followed may not
// know it yet.
//
// Lanes are moved in Turn and never from a callback. A node that has no lane rests: its link is
// closed, and kept, since it knows what to fence when it comes back. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/worker_stats.h"
#include "sluice/net/byte_stream.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/link.h"
#include "sluice/redis/redirect.h"
#include "sluice/redis/redis_url.h"
#include "sluice/redis/shared_link.h"

namespace sluice {

class Inquiry;
class NodeMap;
class NodeQuestion;

class Nodes final : public LaneGuide {
 public:
  struct Options {
    RedisUrl url;
    uint64_t connect_ms;
    uint64_t jitter_seed;
    std::string_view lane = "bulk";  // in the log
  };
  using DialerMaker = std::function<std::unique_ptr<Dialer>(const Address&)>;

  Nodes(Options options, DialerMaker make_dialer, TurnClock& clock, LaneStats& stats);
  ~Nodes() override;
  Nodes(const Nodes&) = delete;
  Nodes& operator=(const Nodes&) = delete;

  // Before Start; the lane outlives this, or Close.
  void Add(Lane& lane, uint16_t slot);
  void Start();
  // At each turn's end, before the lanes are flushed.
  void Turn();
  void Sweep();
  // For good.
  void Close();
  bool closed() const;

  void OnRedirected(Lane& lane, const Redirect& redirect) override;

 private:
  struct Node;
  // A lane and where it goes.
  struct Follower {
    Lane* lane;
    uint16_t slot;
    Node* node = nullptr;           // where it is attached
    bool asking = false;            // there for as long as its slot is on the way
    uint64_t moved_ns = 0;          // when it was attached there
    uint64_t resumes_ns = 0;        // not attached before
    uint64_t turned_away_ns = 0;    // when it was last told to wait, and
    uint64_t waiting_since_ns = 0;  // when that began
    std::optional<Redirect> redirect = {};
  };

  bool fixed() const { return options_.url.is_single(); }
  // By sentinels, who know better than a node what it is.
  bool led() const { return options_.url.mode == RedisUrl::Mode::kSentinel; }
  Node& NodeAt(const Address& address);
  void Attach(Follower& follower, Node& node, bool asking);
  void Detach(Follower& follower);
  void Redirected(Follower& follower);
  void Place(Follower& follower);
  void RestUnused();
  void SayWaiting(Follower& follower, const Address& node, const std::string& error);
  bool IsStuck(const Follower& follower) const;
  bool InTrouble(const Follower& follower) const;

  void AskFirst(const Address& address);
  void Ask();
  void TakeAnswer();
  void TakeMap(NodeMap map);
  bool IsOlder(const NodeMap& map);

  const Options options_;
  const DialerMaker make_dialer_;
  TurnClock& clock_;
  LaneStats& stats_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<Follower> followers_;
  std::unique_ptr<NodeMap> map_;  // null: nobody has said yet
  std::unique_ptr<NodeQuestion> question_;
  std::vector<Address> to_ask_;  // in turn
  size_t next_to_ask_ = 0;
  uint32_t attempt_ = 0;
  Address asked_;
  std::unique_ptr<Dialer> inquiry_dialer_;
  std::unique_ptr<Inquiry> inquiry_;  // null: none is under way
  bool wanted_ = false;               // a new map
  uint64_t next_line_ns_ = 0;         // in the log
  uint64_t ask_due_ns_ = 0;
  uint64_t watch_due_ns_ = 0;  // where sentinels lead
  uint64_t backoff_ms_ = 0;
  bool unsettled_ = false;  // some lane is to be looked at in Turn
  bool closed_ = false;
  size_t asked_in_vain_ = 0;  // since the last map
  size_t older_in_row_ = 0;   // answers
  std::string complaint_;     // the last that was logged
};

}  // namespace sluice
