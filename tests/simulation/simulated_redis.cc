#include "simulation/simulated_redis.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "simulation/command_words.h"
#include "sluice/redis/hash_slot.h"

namespace sluice {
namespace {

constexpr char kAborted[] = "-EXECABORT Transaction discarded because of previous errors.\r\n";

std::string Bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

[[noreturn]] void Unknown(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += " " + word;
  std::fprintf(stderr, "the simulated Redis does not know:%s\n", line.c_str());
  std::abort();
}

}  // namespace

void SimulatedRedis::Accept(std::shared_ptr<FakeWire> wire) {
  auto connection = std::make_unique<Connection>();
  connection->id = next_id_++;
  connection->wire = std::move(wire);
  connections_.push_back(std::move(connection));
}

void SimulatedRedis::Arrive(Connection& connection, size_t bytes) {
  const size_t most = std::min(connection.wire->sent.size(), connection.arrives_max);
  connection.arrived = std::min(most, connection.arrived + bytes);
}

void SimulatedRedis::Say(Connection& connection, size_t bytes) {
  FakeWire& wire = *connection.wire;
  if (wire.handler == nullptr || wire.closing) return connection.replies.clear();
  const size_t n = std::min(bytes, connection.replies.size());
  if (n == 0 || !wire.reading) return;
  const std::string said = connection.replies.substr(0, n);
  connection.replies.erase(0, n);
  wire.Say(said);
}

bool SimulatedRedis::RunOne(Connection& connection) {
  if (paused || connection.killed) return false;
  std::string_view unread = std::string_view(connection.wire->sent)
                                .substr(connection.read, connection.arrived - connection.read);
  const size_t before = unread.size();
  const Words words = TakeWords(unread);
  if (words.empty()) return false;
  connection.read += before - unread.size();
  const std::string reply = Run(connection, words);
  if (trace) Trace(connection, words, reply);
  connection.replies += reply;
  return true;
}

void SimulatedRedis::Trace(const Connection& connection, const Words& words,
                           const std::string& reply) {
  const char* orphan = connection.wire->handler == nullptr ? " (orphan)" : "";
  std::fprintf(stderr, "connection %lu%s:", connection.id, orphan);
  for (const std::string& word : words) std::fprintf(stderr, " %s", word.c_str());
  std::fprintf(stderr, " -> %s\n", reply.substr(0, reply.find("\r\n")).c_str());
}

void SimulatedRedis::Step() {
  if (connections_.empty()) return;
  Connection& connection = *connections_[random_.Below(connections_.size())];
  switch (random_.Below(3)) {
    case 0:
      Arrive(connection, random_.Below(4) == 0 ? random_.Below(5) : 1 + random_.Below(400));
      break;
    case 1:
      for (uint64_t n = 1 + random_.Below(12); n > 0 && RunOne(connection); --n) {
      }
      break;
    default:
      Say(connection, random_.Below(4) == 0 ? random_.Below(5) : 1 + random_.Below(300));
  }
  EndKilled();
}

void SimulatedRedis::RunToRest() {
  for (size_t i = 0; i < connections_.size(); ++i) {
    Connection& connection = *connections_[i];
    Arrive(connection, SIZE_MAX / 2);
    while (RunOne(connection)) {
    }
    Say(connection, SIZE_MAX);
  }
  EndKilled();
}

void SimulatedRedis::RunOrphans() {
  const bool was_paused = std::exchange(paused, false);
  for (const auto& connection : connections_) {
    if (connection->wire->handler != nullptr) continue;
    Arrive(*connection, SIZE_MAX / 2);
    while (RunOne(*connection)) {
    }
  }
  paused = was_paused;
  EndKilled();
}

// Those that were killed, and those of which nothing will ever be read again, go.
void SimulatedRedis::EndKilled() {
  std::vector<std::shared_ptr<FakeWire>> ended;
  std::erase_if(connections_, [&](const std::unique_ptr<Connection>& connection) {
    const bool gone = connection->wire->handler == nullptr;
    const size_t all = std::min(connection->wire->sent.size(), connection->arrives_max);
    if (connection->killed && !gone) ended.push_back(connection->wire);
    return connection->killed || (gone && connection->arrived == all && connection->read == all);
  });
  for (const auto& wire : ended) wire->FinishClose("reset by Redis");
}

void SimulatedRedis::Restart() {
  ++run_;
  if (trace) std::fprintf(stderr, "Redis restarts\n");
  next_id_ = 1;
  for (const auto& connection : connections_) connection->killed = true;
  EndKilled();
}

void SimulatedRedis::LoseTail(const FakeWire& wire) {
  for (const auto& connection : connections_) {
    if (connection->wire.get() != &wire) continue;
    const size_t on_the_way = wire.sent.size() - connection->arrived;
    connection->arrives_max = connection->arrived + random_.Below(on_the_way + 1);
  }
}

size_t SimulatedRedis::CountOf(const std::string& entry) const {
  const auto found = entries_.find(entry);
  return found == entries_.end() ? 0 : found->second;
}

std::string SimulatedRedis::Run(Connection& connection, const Words& words) {
  if (loading > 0) {
    --loading;
    return "-LOADING Redis is loading the dataset in memory\r\n";
  }
  const std::string& name = words.front();
  // What ASKING allows is one command, or one transaction.
  if (!connection.in_transaction) connection.asking = std::exchange(connection.asked, false);
  if (name == "EXEC") return Exec(connection);
  if (name == "MULTI") {
    if (connection.in_transaction) return "-ERR MULTI calls can not be nested\r\n";
    connection.in_transaction = true;
    return "+OK\r\n";
  }
  if (connection.in_transaction) return Queue(connection, words);
  if (name == "PING") return "+PONG\r\n";
  if (name == "AUTH" || name == "SELECT") return "+OK\r\n";
  if (name == "CLIENT") return Client(connection, words);
  if (name == "INFO") return Info();
  if (name == "ASKING") {
    connection.asked = true;
    return "+OK\r\n";
  }
  if (name == "CLUSTER" && slots != nullptr) return slots->Map(*this);
  if (name == "WAIT") return ":" + std::to_string(replicas) + "\r\n";
  const std::string refusal = RefusalOf(connection, {words});
  return refusal.empty() ? Apply(words) : refusal;
}

std::string SimulatedRedis::RefusalOf(const Connection& connection,
                                      const std::vector<Words>& commands) const {
  if (slots == nullptr) return "";
  std::set<std::string> keys;
  for (const Words& words : commands) keys.insert(words.at(1));
  return slots->Refusal(*this, keys, connection.asking);
}

std::vector<std::string> SimulatedRedis::Tagged(const std::string& tag) const {
  std::vector<std::string> keys;
  const auto take = [&](const auto& map) {
    for (const auto& each : map) {
      if (HashTag(each.first) == tag) keys.push_back(each.first);
    }
  };
  take(strings_);
  take(streams_);
  return keys;
}

void SimulatedRedis::MoveKey(const std::string& key, SimulatedRedis& to) {
  if (auto string = strings_.extract(key)) to.strings_.insert(std::move(string));
  if (auto stream = streams_.extract(key)) to.streams_.insert(std::move(stream));
}

std::string SimulatedRedis::Queue(Connection& connection, const Words& words) {
  if (out_of_memory && (words[0] == "XADD" || words[0] == "SETRANGE")) {
    connection.aborted = true;
    return "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
  }
  if (const std::string refusal = RefusalOf(connection, {words}); !refusal.empty()) {
    connection.aborted = true;
    return refusal;
  }
  connection.queued.push_back(words);
  return "+QUEUED\r\n";
}

std::string SimulatedRedis::Exec(Connection& connection) {
  if (!std::exchange(connection.in_transaction, false)) return "-ERR EXEC without MULTI\r\n";
  const std::vector<Words> queued = std::exchange(connection.queued, {});
  if (std::exchange(connection.aborted, false)) return kAborted;
  if (const std::string refusal = RefusalOf(connection, queued); !refusal.empty()) return refusal;
  std::string results = "*" + std::to_string(queued.size()) + "\r\n";
  for (const Words& words : queued) results += Apply(words);
  return results;
}

std::string SimulatedRedis::Apply(const Words& words) {
  if (words[0] == "XADD") {
    if (wrong_type.contains(words[1])) {
      return "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
    }
    streams_[words[1]].push_back(words.back());
    // XADD alerts * rule <rule> ...
    ++entries_[words[1] == "alerts" ? words.at(4) + " " + words.back() : words.back()];
    return Bulk("1700000000000-" + std::to_string(next_entry_++));
  }
  if (words[0] == "SET") {
    const bool if_new = std::find(words.begin() + 3, words.end(), "NX") != words.end();
    if (if_new && strings_.contains(words[1])) return "$-1\r\n";
    strings_[words[1]] = words[2];
    return "+OK\r\n";
  }
  if (words[0] == "SETRANGE") {
    std::string& value = strings_[words[1]];
    const size_t at = std::stoull(words[2]);
    if (value.size() < at + words[3].size()) value.resize(at + words[3].size(), '\0');
    value.replace(at, words[3].size(), words[3]);
    return ":" + std::to_string(value.size()) + "\r\n";
  }
  if (words[0] == "EXPIRE") return strings_.contains(words[1]) ? ":1\r\n" : ":0\r\n";
  if (words[0] == "GET") {
    const auto found = strings_.find(words[1]);
    return found == strings_.end() ? "$-1\r\n" : Bulk(found->second);
  }
  Unknown(words);
}

std::string SimulatedRedis::Client(Connection& connection, const Words& words) {
  if (words[1] == "ID") return ":" + std::to_string(connection.id) + "\r\n";
  if (words[1] == "SETNAME" || words[1] == "SETINFO") return "+OK\r\n";
  if (words[1] != "KILL" || words[2] != "ID") Unknown(words);
  for (const auto& other : connections_) {
    if (std::to_string(other->id) != words[3] || other->killed || other.get() == &connection) {
      continue;
    }
    other->killed = true;
    return ":1\r\n";
  }
  return ":0\r\n";
}

// In the order of Redis 7.0, whose run_id comes late.
std::string SimulatedRedis::Info() const {
  std::string run_id = std::to_string(run_);
  run_id.insert(0, 40 - run_id.size(), 'a');
  return Bulk(
      "# Server\r\nredis_version:7.0.15\r\nredis_git_sha1:00000000\r\nredis_git_dirty:0\r\n"
      "redis_build_id:6c7ea1fcf0d1e2a3\r\nredis_mode:standalone\r\nos:Linux 6.1.0-18-amd64 "
      "x86_64\r\n"
      "arch_bits:64\r\nmonotonic_clock:POSIX clock_gettime\r\nmultiplexing_api:epoll\r\n"
      "atomicvar_api:c11-builtin\r\ngcc_version:12.2.0\r\nprocess_id:4711\r\n"
      "process_supervised:no\r\nrun_id:" +
      run_id + "\r\ntcp_port:6379\r\nuptime_in_seconds:1\r\n");
}

}  // namespace sluice
