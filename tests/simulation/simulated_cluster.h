// A Redis Cluster for simulations: three nodes, and slots that migrate between them key by key, as
// CLUSTER SETSLOT and MIGRATE of Redis 7.0 have it: where a slot is leaving, a command whose key is
// gone is answered ASK; where it is arriving, MOVED unless the client said ASKING, and then
// TRYAGAIN to several keys of which some are missing. It is also the network: each connection's
// bytes move when told to, and those of one that was cut may arrive late.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulation/simulated_redis.h"
#include "sluice/base/random.h"
#include "sluice/net/address.h"
#include "sluice/net/byte_stream.h"

namespace sluice {

class SimulatedCluster final : public SimulatedSlots {
 public:
  static constexpr size_t kNodes = 3;

  bool slots_return = true;  // to a node that had them before

  // All slots are the first node's, whose every key has a tag of `tags`.
  SimulatedCluster(Random& random, const std::vector<std::string>& tags);

  static std::string AddressOf(size_t node) { return "10.0.0." + std::to_string(node) + ":7000"; }
  std::unique_ptr<Dialer> MakeDialer(const Address& address);
  SimulatedRedis& node(size_t i) { return *nodes_[i]; }
  SimulatedRedis& AnyNode() { return *nodes_[random_.Below(kNodes)]; }

  // ---- What happens at any time ----
  // The next step of a slot's migration; one begins if none is under way.
  void StepMigration();
  // A connection is made, or ends as it was asked to.
  void StepNetwork();
  void StepKernel();
  void Cut();
  // Without faults: all that can move has moved, and slots have arrived where they were going.
  void RunToRest();

  // ---- What came of it ----
  size_t Count(const std::string& value) const;
  // A stream's values in order, wherever it is.
  std::vector<std::string> Stream(const std::string& key) const;

  std::string Refusal(const SimulatedRedis& node, const std::set<std::string>& keys,
                      bool asking) const override;
  std::string Map(const SimulatedRedis& node) const override;

 private:
  class NodeDialer;
  // A slot as one of the nodes sees it.
  struct View {
    size_t owner = 0;
    std::optional<size_t> migrating = {};
    std::optional<size_t> importing = {};
  };
  struct Slot {
    uint16_t number;
    std::string tag;
    std::array<View, kNodes> views = {};
    bool moving = false;
    size_t from = 0;
    size_t to = 0;
  };
  struct Wire {
    size_t node;
    std::shared_ptr<FakeWire> fake;
    bool connected = false;
  };

  size_t IndexOf(const SimulatedRedis& node) const;
  void BeginMigration(Slot& slot);
  void Advance(Slot& slot);
  Wire* AnyWire();
  void Progress(Wire& wire);
  void ForgetClosed();

  Random& random_;
  std::array<std::unique_ptr<SimulatedRedis>, kNodes> nodes_;
  std::vector<Slot> slots_;
  std::vector<Wire> wires_;
};

}  // namespace sluice
