// A Redis for simulations, at the other ends of FakeWires: it really runs the commands that a lane
// and its link send, transactions included, on data in memory. The bytes between the two move only
// when told to, in pieces of any size; a connection whose sluice side has gone is still read to its
// end, whenever that is, unless it was killed before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/random.h"
#include "support/fake_stream.h"

namespace sluice {

class SimulatedRedis;

// Where there are several: who has which keys.
class SimulatedSlots {
 public:
  virtual ~SimulatedSlots() = default;
  // The error that `node` answers to commands on these keys, instead of running them; empty: none.
  virtual std::string Refusal(const SimulatedRedis& node, const std::set<std::string>& keys,
                              bool asking) const = 0;
  // What it answers to CLUSTER SLOTS.
  virtual std::string Map(const SimulatedRedis& node) const = 0;
};

class SimulatedRedis {
 public:
  using Words = std::vector<std::string>;

  explicit SimulatedRedis(Random& random) : random_(random) {}

  // What the simulation may change at any time.
  bool paused = false;               // runs nothing
  bool out_of_memory = false;        // refuses writes while they are queued
  std::set<std::string> wrong_type;  // keys on which XADD fails inside EXEC
  uint64_t replicas = 0;             // that confirm at once, as WAIT will say
  uint64_t loading = 0;              // so many commands are answered LOADING first

  const SimulatedSlots* slots = nullptr;  // null: it has all keys

  bool trace = false;  // every command and its reply's first line on standard error

  void Accept(std::shared_ptr<FakeWire> wire);
  // Moves some bytes, runs some commands or says some replies, on any connection.
  void Step();
  // All that is under way arrives, is run and answered.
  void RunToRest();
  // Those connections whose sluice side has gone are read and run to their ends.
  void RunOrphans();
  // All connections end with what they have not run; what was run stays.
  void Restart();
  // The bytes of a connection whose sluice side has gone arrive up to a random one; the rest is
  // lost on the way.
  void LoseTail(const FakeWire& wire);

  bool Has(const std::string& key) const {
    return strings_.contains(key) || streams_.contains(key);
  }
  // The keys of that hash tag.
  std::vector<std::string> Tagged(const std::string& tag) const;
  // As MIGRATE does: all of it at once.
  void MoveKey(const std::string& key, SimulatedRedis& to);
  // The values of a stream in order; of one that is not here, none.
  std::vector<std::string> Stream(const std::string& key) const {
    const auto found = streams_.find(key);
    return found == streams_.end() ? std::vector<std::string>() : found->second;
  }
  // How often an entry of that value is in any stream but "alerts", and in that one, by its rule.
  size_t Count(const std::string& value) const { return CountOf(value); }
  size_t CountAlerts(const std::string& rule, const std::string& value) const {
    return CountOf(rule + " " + value);
  }

 private:
  struct Connection {
    uint64_t id = 0;
    std::shared_ptr<FakeWire> wire;
    size_t arrived = 0;  // of wire->sent: Redis's to read
    size_t arrives_max = SIZE_MAX;
    size_t read = 0;
    std::string replies;
    bool killed = false;
    bool in_transaction = false;
    bool aborted = false;
    bool asked = false;   // ASKING was the last command, or
    bool asking = false;  // stood before this one, or before MULTI
    std::vector<Words> queued;
  };

  void Arrive(Connection& connection, size_t bytes);
  bool RunOne(Connection& connection);
  void Say(Connection& connection, size_t bytes);
  void EndKilled();
  std::string Run(Connection& connection, const Words& words);
  std::string RefusalOf(const Connection& connection, const std::vector<Words>& commands) const;
  std::string Queue(Connection& connection, const Words& words);
  std::string Exec(Connection& connection);
  std::string Apply(const Words& words);
  std::string Client(Connection& connection, const Words& words);
  std::string Info() const;
  size_t CountOf(const std::string& entry) const;
  static void Trace(const Connection& connection, const Words& words, const std::string& reply);

  Random& random_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::map<std::string, std::string> strings_;
  std::map<std::string, std::vector<std::string>> streams_;  // the values of each
  std::map<std::string, size_t> entries_;  // by value; of alerts by `<rule> <value>`
  uint64_t next_id_ = 1;
  uint64_t run_ = 1;
  uint64_t next_entry_ = 1;
};

}  // namespace sluice
