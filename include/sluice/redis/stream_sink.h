// StreamSink: the RecordSink that writes Redis Streams: records through the bulk lane, and the
// alerts that they raise through the urgent lane, where there is one. One per worker; its lanes
// outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/joint_tickets.h"
#include "sluice/redis/lane.h"

namespace sluice {

class AlertWriter;
class StreamWriter;

struct StreamSinkOptions {
  uint64_t dedupe_window_s;  // how long a request's key or a record's identity is remembered
  // Encoding ends where the request's records, or its alerts, are more than this; Finish says so,
  // and the request must not be committed.
  size_t request_bytes_max = SIZE_MAX;
};

// Where alerts go. `joints` listens to both lanes.
struct AlertWay {
  AlertStreamSpec stream;
  Lane& lane;
  JointTickets& joints;
  TurnClock& clock;
};

class StreamSink final : public RecordSink {
 public:
  // Without a way for alerts (null) no stream may have alert rules.
  StreamSink(const StreamSinkOptions& options, const std::vector<StreamSpec>& streams, Lane& lane,
             const AlertWay* alerts = nullptr);
  ~StreamSink() override;

  void Begin(uint32_t stream, const RequestKey* key) override;
  void Append(std::span<const std::string_view> values) override;
  void AppendAlert(uint32_t rule, std::span<const std::string_view> values) override;
  size_t Finish() override;
  void Commit(const Ticket& ticket) override;
  void Rollback() override;
  void SendAlerts() override;
  size_t unsettled_bytes() const override;

 private:
  std::unique_ptr<StreamWriter> records_;
  std::unique_ptr<AlertWriter> alerts_;  // null: none
};

}  // namespace sluice
