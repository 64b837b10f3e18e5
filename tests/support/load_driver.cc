#include "support/load_driver.h"

#include <iterator>
#include <stdexcept>
#include <system_error>

#include "support/http_client.h"
#include "support/wait.h"

namespace sluice {

LoadDriver::~LoadDriver() {
  try {
    Stop();
  } catch (const std::exception&) {
    // Whoever wanted to know has called Stop.
  }
}

void LoadDriver::Start(uint16_t port) {
  MoveTo(port);
  started_ = std::chrono::steady_clock::now();
  thread_ = std::thread([this] { Run(); });
}

void LoadDriver::MoveTo(uint16_t port) {
  const std::lock_guard lock(mutex_);
  port_ = port;
  moved_.notify_all();
}

void LoadDriver::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    moved_.notify_all();
  }
  if (!thread_.joinable()) return;
  thread_.join();
  if (error_) std::rethrow_exception(error_);
}

std::optional<uint16_t> LoadDriver::NextPort() {
  std::unique_lock lock(mutex_);
  if (!moved_.wait_for(lock, kWaitBound, [this] { return stop_ || port_; })) {
    throw std::runtime_error("the gate closed every connection, and no other took its place");
  }
  return stop_ ? std::nullopt : std::exchange(port_, std::nullopt);
}

void LoadDriver::Run() {
  try {
    while (const std::optional<uint16_t> port = NextPort()) {
      try {
        LoadClient(*port, options_.connections, 1).Run(this);
      } catch (const std::system_error&) {
        // It was killed while they connected.
      }
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    error_ = std::current_exception();
  }
}

int LoadDriver::PauseMs() {
  if (stop_ || options_.requests_per_s == 0) return 0;
  const auto running = std::chrono::steady_clock::now() - started_;
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(running).count();
  return static_cast<uint64_t>(us) * options_.requests_per_s / 1'000'000 > sent_count_ ? 0 : 1;
}

Reading LoadDriver::AnyReading() {
  if (options_.alert_every == 0 || random_.Below(options_.alert_every) > 0) return Reading::kNormal;
  constexpr Reading kUrgent[] = {Reading::kFastHeart, Reading::kLowOxygen,
                                 Reading::kSlowHeartAndLowOxygen};
  return kUrgent[random_.Below(std::size(kUrgent))];
}

bool LoadDriver::Next(std::string* bytes, uint64_t* id) {
  if (stop_) return false;
  const auto records = static_cast<uint32_t>(1 + random_.Below(options_.records_max));
  std::vector<Reading> readings(records);
  for (Reading& reading : readings) reading = AnyReading();
  const uint64_t first = witness_.Ask(readings);
  *bytes += PostRequest("/v1/vitals", ReadingsJson(first, readings));
  *id = first;
  ++sent_count_;
  requests_[first] = {.first = first, .records = records, .sent = std::chrono::steady_clock::now()};
  return true;
}

void LoadDriver::OnAnswer(uint64_t id, const HttpResponse& response) {
  const Request request = requests_.extract(id).mapped();
  const Told told = witness_.Answer(request.first, request.records, response);
  if (response.status == 200) {
    ++stored_count_;
    const std::lock_guard lock(mutex_);
    latencies_.push_back(std::chrono::steady_clock::now() - request.sent);
  }
  if (told == Told::kNotStored || told == Told::kUnknown) ++unavailable_count_;
  ++answered_count_;
}

void LoadDriver::OnUnanswered(uint64_t id) {
  requests_.erase(id);
  ++unanswered_count_;
}

std::vector<std::chrono::nanoseconds> LoadDriver::TakeLatencies() {
  const std::lock_guard lock(mutex_);
  return std::exchange(latencies_, {});
}

}  // namespace sluice
