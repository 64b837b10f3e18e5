// One connection through a Relay: sluice's socket, Redis's socket, and the bytes on their way. Like
// any proxy it still delivers to Redis what it took from a client that has gone. Driven by the
// relay's thread under the relay's lock.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

enum class RelayDirection : uint8_t { kToRedis, kFromRedis };

// How both sockets of a connection are closed.
enum class RelayEnd : uint8_t { kClose, kReset };

// To which connections a fault happens: see Relay::Mark.
enum class RelayLinks : uint8_t { kNone = 0, kMarked = 1, kUnmarked = 2, kAll = 3 };

inline RelayLinks operator|(RelayLinks a, RelayLinks b) {
  return static_cast<RelayLinks>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

// What the test wants.
struct RelayRules {
  enum class Cut : uint8_t { kNone, kAfterBytes, kBeforeExecReply };

  std::string mark;  // empty: none is marked
  RelayLinks frozen_to_redis = RelayLinks::kNone;
  RelayLinks frozen_from_redis = RelayLinks::kNone;
  bool blackhole = false;
  size_t bytes_per_s = 0;  // towards Redis; 0: as they come

  Cut cut = Cut::kNone;                     // of the first connection
  RelayLinks cut_links = RelayLinks::kAll;  // of these that gets so far
  RelayDirection cut_direction = RelayDirection::kToRedis;
  size_t cut_bytes = 0;  // still to pass
  RelayEnd cut_end = RelayEnd::kClose;
  uint64_t cut_count = 0;
  uint64_t passed_bytes = 0;  // towards Redis

  // How many bytes may go to Redis now.
  size_t Allowance();

 private:
  friend class RelayConnection;
  size_t tokens_ = 0;
  std::chrono::steady_clock::time_point refilled_{};
};

class RelayConnection {
 public:
  // Takes both descriptors, non-blocking; without Redis's (-1) it is a blackhole.
  RelayConnection(int client_fd, int redis_fd) : client_fd_(client_fd), redis_fd_(redis_fd) {}
  ~RelayConnection();
  RelayConnection(const RelayConnection&) = delete;
  RelayConnection& operator=(const RelayConnection&) = delete;

  void AddPolls(const RelayRules& rules, std::vector<pollfd>* polls) const;
  // Moves what can be moved; consumes the rules' cut when it comes due here.
  void Move(RelayRules* rules);
  void End(RelayEnd how);
  bool ended() const { return client_fd_ < 0 && redis_fd_ < 0; }

  // From now on what comes from sluice is kept.
  void Hold() { held_ = !is_blackhole(); }
  void DropClient();  // by a reset; Redis's side stays
  void Deliver() { held_ = false; }
  bool held() const { return held_ && !ended(); }
  void Unmark() {
    marked_ = false;
    before_.clear();
  }
  bool IsOf(RelayLinks links) const {
    const RelayLinks own = marked_ ? RelayLinks::kMarked : RelayLinks::kUnmarked;
    return (links | own) == links;
  }
  bool is_blackhole() const { return redis_fd_ < 0; }
  size_t bytes_to_redis() const { return to_redis_.size(); }

 private:
  bool FrozenToRedis(const RelayRules& rules) const { return IsOf(rules.frozen_to_redis); }
  bool FrozenFromRedis(const RelayRules& rules) const { return IsOf(rules.frozen_from_redis); }
  // Whether that cut, if it is armed, is meant for this connection too.
  bool Cuts(const RelayRules& rules, RelayRules::Cut cut) const {
    return rules.cut == cut && IsOf(rules.cut_links);
  }
  bool CutsAfterBytes(const RelayRules& rules, RelayDirection direction) const {
    return Cuts(rules, RelayRules::Cut::kAfterBytes) && rules.cut_direction == direction;
  }
  void LookForMark(const RelayRules& rules, size_t from);
  bool WantsFromClient(const RelayRules& rules) const;
  void ReadClient(const RelayRules& rules);
  void WriteRedis(RelayRules* rules);
  void ReadRedis(const RelayRules& rules);
  void WriteClient(RelayRules* rules);
  void CloseSide(int* fd, RelayEnd how);
  bool Passed(RelayRules* rules, RelayDirection direction, size_t bytes);

  int client_fd_;
  int redis_fd_;
  std::string to_redis_;
  std::string to_client_;
  std::string before_;  // the last of what was read before: a mark may be split over reads
  bool marked_ = false;
  bool held_ = false;
  bool finished_writing_ = false;  // FIN was sent to Redis
};

}  // namespace sluice
