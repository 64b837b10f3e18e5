// A RecordSink that keeps what it was given until the test settles it, in any order. Values of a
// record are joined by '|', an absent one is '-'.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/check.h"
#include "sluice/record/record_sink.h"

namespace sluice {

class FakeSink final : public RecordSink {
 public:
  struct Request {
    Ticket ticket;
    uint32_t stream = 0;
    std::optional<RequestKey> key = {};
    std::vector<std::string> records;
    std::vector<std::string> alerts = {};  // "<rule> <values>"
    size_t bytes = 0;
  };

  std::vector<Request> committed;  // and not yet settled
  uint64_t rollback_count = 0;
  uint64_t send_alerts_count = 0;

  void set_listener(TicketListener& listener) { listener_ = &listener; }

  void Settle(size_t i, Outcome outcome, OutcomeReason reason = OutcomeReason::kNone,
              uint32_t repeated = 0) {
    const Request request = std::move(committed[i]);
    committed.erase(committed.begin() + static_cast<std::ptrdiff_t>(i));
    unsettled_bytes_ -= request.bytes;
    listener_->OnSettled(request.ticket,
                         {.outcome = outcome, .reason = reason, .repeated = repeated});
  }

  void Begin(uint32_t stream, const RequestKey* key) override {
    SLUICE_CHECK(!open_);
    open_ = true;
    request_ = {.ticket = {},
                .stream = stream,
                .key = key != nullptr ? std::optional(*key) : std::nullopt,
                .records = {},
                .bytes = 0};
  }
  void Append(std::span<const std::string_view> values) override {
    SLUICE_CHECK(open_);
    request_.records.push_back(Joined(values));
  }
  void AppendAlert(uint32_t rule, std::span<const std::string_view> values) override {
    SLUICE_CHECK(open_);
    request_.alerts.push_back(std::to_string(rule) + " " + Joined(values));
  }
  void Commit(const Ticket& ticket) override {
    SLUICE_CHECK(std::exchange(open_, false));
    SLUICE_CHECK(ticket.records == request_.records.size());
    request_.ticket = ticket;
    unsettled_bytes_ += request_.bytes;
    committed.push_back(std::move(request_));
  }
  void Rollback() override {
    SLUICE_CHECK(std::exchange(open_, false));
    ++rollback_count;
  }
  size_t Finish() override { return request_.bytes; }
  void SendAlerts() override { ++send_alerts_count; }
  size_t unsettled_bytes() const override { return unsettled_bytes_; }

 private:
  std::string Joined(std::span<const std::string_view> values) {
    std::string joined;
    for (const std::string_view value : values) {
      if (!joined.empty()) joined += '|';
      joined += value.data() == nullptr ? "-" : value;
      request_.bytes += value.size();
    }
    return joined;
  }

  TicketListener* listener_ = nullptr;
  bool open_ = false;
  Request request_;
  size_t unsettled_bytes_ = 0;
};

}  // namespace sluice
