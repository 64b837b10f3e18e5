// Relay: a proxy between sluice and a test's Redis whose faults the test chooses. Listens on a free
// loopback port; each connection to it goes on to Redis's Unix socket (a Redis that is away costs
// the connection). A thread of its own moves the bytes with poll(); what is on its way is bounded
// (64 KiB a direction, 64 MiB of a held connection). Calls are thread-safe and take effect at
// once; none waits.
//
// A test that has two kinds of connections to tell apart names what only one kind says (Mark), and
// to which kind a fault happens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/relay_connection.h"

namespace sluice {

class Relay {
 public:
  explicit Relay(std::string redis_socket_path);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }

  // Passes everything, as at first: undoes Freeze, Throttle, Blackhole and a cut that is not due.
  void Pass();

  // A connection on which `bytes` go towards Redis from now on is kMarked, before any reply to
  // them passes; all others are kUnmarked, whatever was asked for before.
  void Mark(std::string bytes);

  // Ends the connection on which the `bytes`-th byte in that direction (at least 1) passes, right
  // behind it.
  void CutAfter(RelayDirection direction, size_t bytes, RelayEnd end,
                RelayLinks which = RelayLinks::kAll);
  // Keeps a transaction's replies back until one of them is an EXEC's, and ends that connection:
  // Redis has committed and sluice was not told.
  void CutBeforeExecReply(RelayEnd end, RelayLinks which = RelayLinks::kAll);
  void CutAll(RelayEnd end, RelayLinks which = RelayLinks::kAll);
  // Cuts that fell due, and CutAll's.
  uint64_t cut_count() const;

  // Whoever is or becomes one of these; what is frozen towards Redis marks nobody.
  void Freeze(RelayDirection direction, RelayLinks which = RelayLinks::kAll);
  // Towards Redis, all connections together.
  void Throttle(size_t bytes_per_s);
  // Present connections are reset, new ones accepted and never read.
  void Blackhole();

  // Of the present connections, what comes from sluice is kept; their replies pass. Then their
  // sluice side is reset while Redis's stays open. Then what was kept goes to Redis, and the
  // connection ends when Redis has run it. New connections pass all the while.
  void Hold();
  void DropHeld();
  void DeliverHeld();
  size_t held_bytes() const;

  // Towards Redis, on all connections so far.
  uint64_t passed_bytes() const;

  // Half-ended ones (sluice's side has gone, Redis's not yet) included.
  size_t open_count(RelayLinks which = RelayLinks::kAll) const;
  uint64_t accepted_count() const;

 private:
  void Run();
  void Accept();
  void Wake() const;
  int Dial() const;

  const std::string redis_socket_path_;
  int listen_fd_ = -1;
  int wake_fd_ = -1;
  uint16_t port_ = 0;

  mutable std::mutex mutex_;  // of everything below
  RelayRules rules_;
  std::vector<std::unique_ptr<RelayConnection>> connections_;
  uint64_t accepted_count_ = 0;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace sluice
