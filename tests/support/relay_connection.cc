#include "support/relay_connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace sluice {
namespace {

constexpr size_t kPendingBytesMax = 64u << 10;  // of one direction, before its source is not read
constexpr size_t kHeldBytesMax = 64u << 20;

// What is there, up to one buffer; false when the other side has ended.
bool ReadSome(int fd, std::string* into) {
  std::array<char, 65'536> bytes;
  const ssize_t n = recv(fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (n > 0) into->append(bytes.data(), static_cast<size_t>(n));
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

// How many bytes were taken; -1 when the other side has ended.
ssize_t WriteSome(int fd, const std::string& bytes, size_t most) {
  const ssize_t n =
      send(fd, bytes.data(), std::min(bytes.size(), most), MSG_DONTWAIT | MSG_NOSIGNAL);
  return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : n;
}

// Redis answers MULTI and what it queued with lines and one EXEC with an array.
bool HasExecReply(const std::string& replies) {
  return replies.starts_with('*') || replies.find("\r\n*") != std::string::npos;
}

}  // namespace

size_t RelayRules::Allowance() {
  if (bytes_per_s == 0) return SIZE_MAX;
  const auto now = std::chrono::steady_clock::now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - refilled_).count();
  if (ms > 0) {
    // What was not used is not saved up for longer than a moment.
    const size_t most = bytes_per_s / 20 + 1;
    tokens_ =
        std::min(most, tokens_ + bytes_per_s * static_cast<size_t>(std::min(ms, 1'000L)) / 1'000);
    refilled_ = now;
  }
  return tokens_;
}

RelayConnection::~RelayConnection() { End(RelayEnd::kClose); }

void RelayConnection::CloseSide(int* fd, RelayEnd how) {
  if (*fd < 0) return;
  if (how == RelayEnd::kReset) {
    // On a Unix socket it changes nothing.
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(*fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  close(std::exchange(*fd, -1));
}

void RelayConnection::End(RelayEnd how) {
  CloseSide(&client_fd_, how);
  CloseSide(&redis_fd_, how);
  to_redis_.clear();
  to_client_.clear();
}

void RelayConnection::DropClient() { CloseSide(&client_fd_, RelayEnd::kReset); }

bool RelayConnection::WantsFromClient(const RelayRules& rules) const {
  if (client_fd_ < 0 || is_blackhole()) return false;
  if (held_) return to_redis_.size() < kHeldBytesMax;
  return !FrozenToRedis(rules) && to_redis_.size() < kPendingBytesMax;
}

void RelayConnection::AddPolls(const RelayRules& rules, std::vector<pollfd>* polls) const {
  const auto add = [polls](int fd, bool in, bool out) {
    const int events = (in ? POLLIN : 0) | (out ? POLLOUT : 0);
    if (fd >= 0 && events != 0) polls->push_back({fd, static_cast<short>(events), 0});
  };
  const bool swallows = Cuts(rules, RelayRules::Cut::kBeforeExecReply);
  const bool frozen = FrozenFromRedis(rules);
  add(client_fd_, WantsFromClient(rules), !to_client_.empty() && !frozen && !swallows);
  // A throttled relay looks again by the clock.
  const bool writes =
      !to_redis_.empty() && !held_ && !FrozenToRedis(rules) && rules.bytes_per_s == 0;
  const bool reads = !frozen && (swallows || to_client_.size() < kPendingBytesMax);
  add(redis_fd_, reads, writes);
}

void RelayConnection::Move(RelayRules* rules) {
  if (is_blackhole()) return;
  if (WantsFromClient(*rules)) ReadClient(*rules);
  if (!ended() && !held_ && !FrozenToRedis(*rules)) WriteRedis(rules);
  if (!ended() && !FrozenFromRedis(*rules)) ReadRedis(*rules);
  if (!ended() && !FrozenFromRedis(*rules)) WriteClient(rules);
}

void RelayConnection::ReadClient(const RelayRules& rules) {
  while (WantsFromClient(rules)) {
    const size_t before = to_redis_.size();
    if (!ReadSome(client_fd_, &to_redis_)) return CloseSide(&client_fd_, RelayEnd::kClose);
    if (to_redis_.size() == before) return;
    LookForMark(rules, before);
  }
}

void RelayConnection::LookForMark(const RelayRules& rules, size_t from) {
  if (marked_ || rules.mark.empty()) return;
  before_.append(to_redis_, from);
  marked_ = before_.find(rules.mark) != std::string::npos;
  before_.erase(0, before_.size() - std::min(before_.size(), rules.mark.size() - 1));
}

// Counts the bytes against an armed cut; true when it fell due and the connection is no more.
bool RelayConnection::Passed(RelayRules* rules, RelayDirection direction, size_t bytes) {
  if (!CutsAfterBytes(*rules, direction)) return false;
  rules->cut_bytes -= bytes;
  if (rules->cut_bytes > 0) return false;
  rules->cut = RelayRules::Cut::kNone;
  ++rules->cut_count;
  End(rules->cut_end);
  return true;
}

void RelayConnection::WriteRedis(RelayRules* rules) {
  while (!to_redis_.empty()) {
    size_t most = rules->Allowance();
    if (CutsAfterBytes(*rules, RelayDirection::kToRedis)) most = std::min(most, rules->cut_bytes);
    const ssize_t n = WriteSome(redis_fd_, to_redis_, most);
    if (n < 0) return End(RelayEnd::kClose);
    if (n == 0) return;
    to_redis_.erase(0, static_cast<size_t>(n));
    rules->passed_bytes += static_cast<size_t>(n);
    if (rules->bytes_per_s > 0) rules->tokens_ -= static_cast<size_t>(n);
    if (Passed(rules, RelayDirection::kToRedis, static_cast<size_t>(n))) return;
  }
  if (client_fd_ < 0 && !finished_writing_) {
    // Redis closes once it has read and run all of it.
    finished_writing_ = true;
    shutdown(redis_fd_, SHUT_WR);
  }
}

void RelayConnection::ReadRedis(const RelayRules& rules) {
  const bool swallows = Cuts(rules, RelayRules::Cut::kBeforeExecReply);
  if (!swallows && to_client_.size() >= kPendingBytesMax) return;
  const bool up = ReadSome(redis_fd_, &to_client_);
  if (client_fd_ < 0) to_client_.clear();
  if (up) return;
  CloseSide(&redis_fd_, RelayEnd::kClose);
  // The last replies still go out, as far as the socket takes them.
  if (client_fd_ >= 0 && !to_client_.empty()) (void)WriteSome(client_fd_, to_client_, SIZE_MAX);
  End(RelayEnd::kClose);
}

void RelayConnection::WriteClient(RelayRules* rules) {
  if (client_fd_ < 0 || to_client_.empty()) return;
  if (Cuts(*rules, RelayRules::Cut::kBeforeExecReply)) {
    if (HasExecReply(to_client_)) {
      rules->cut = RelayRules::Cut::kNone;
      ++rules->cut_count;
      return End(rules->cut_end);
    }
    // What belongs to no transaction, a greeting's replies, must pass, or there will be none.
    if (to_client_.find("+QUEUED") != std::string::npos) return;
  }
  size_t most = SIZE_MAX;
  if (CutsAfterBytes(*rules, RelayDirection::kFromRedis)) most = rules->cut_bytes;
  const ssize_t n = WriteSome(client_fd_, to_client_, most);
  if (n < 0) return CloseSide(&client_fd_, RelayEnd::kClose);
  to_client_.erase(0, static_cast<size_t>(n));
  (void)Passed(rules, RelayDirection::kFromRedis, static_cast<size_t>(n));
}

}  // namespace sluice
