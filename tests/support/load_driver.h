// LoadDriver: a thread of clients that post small requests of records with numbers of their own,
// some of which raise alerts, for as long as told, and let a Witness know what they were answered.
// When the gate closes all their connections they wait to be told where the next one is.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sluice/base/random.h"
#include "support/load_client.h"
#include "support/witness.h"

namespace sluice {

class LoadDriver final : private LoadSource {
 public:
  struct Options {
    size_t connections = 16;
    uint32_t records_max = 5;     // a request has 1 to so many
    uint32_t alert_every = 0;     // on average, of records: one of so many meets a rule; 0: none
    uint64_t requests_per_s = 0;  // 0: as fast as they are answered
    uint64_t seed = 1;
  };

  LoadDriver(Witness& witness, Options options) : witness_(witness), options_(options) {}
  ~LoadDriver() override;  // stops; what went wrong is lost unless Stop was called

  void Start(uint16_t port);
  // The gate runs there now. Before that, the connections to the old one have been closed.
  void MoveTo(uint16_t port);
  // No further requests; returns when those on the way are answered or their connection is closed.
  // Throws what went wrong, such as a request without an answer within the wait's bound.
  void Stop();

  uint64_t answered_count() const { return answered_count_; }
  uint64_t stored_count() const { return stored_count_; }            // 200s
  uint64_t unavailable_count() const { return unavailable_count_; }  // 503s
  // Requests whose connection was closed instead of an answer.
  uint64_t unanswered_count() const { return unanswered_count_; }
  // How long the requests took that were answered 200 since the last call.
  std::vector<std::chrono::nanoseconds> TakeLatencies();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Request {
    uint64_t first = 0;
    uint32_t records = 0;
    TimePoint sent = {};
  };

  void Run();
  std::optional<uint16_t> NextPort();
  Reading AnyReading();
  bool Next(std::string* bytes, uint64_t* id) override;
  int PauseMs() override;
  void OnAnswer(uint64_t id, const HttpResponse& response) override;
  void OnUnanswered(uint64_t id) override;

  Witness& witness_;
  const Options options_;
  Random random_{options_.seed};
  std::map<uint64_t, Request> requests_;  // on the way, by the number of their first record
  TimePoint started_ = {};
  uint64_t sent_count_ = 0;

  std::atomic<bool> stop_ = false;
  std::atomic<uint64_t> answered_count_ = 0;
  std::atomic<uint64_t> stored_count_ = 0;
  std::atomic<uint64_t> unavailable_count_ = 0;
  std::atomic<uint64_t> unanswered_count_ = 0;

  std::mutex mutex_;  // of what follows
  std::condition_variable moved_;
  std::optional<uint16_t> port_;
  std::vector<std::chrono::nanoseconds> latencies_;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace sluice
