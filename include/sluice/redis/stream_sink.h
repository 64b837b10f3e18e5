// StreamSink: the RecordSink that writes Redis Streams: records through the lanes of their
// partitions, and the alerts that they raise through the urgent lane, where there is one. A request
// whose records lie in several partitions is several claims under one ticket, each all or nothing.
// One per worker; its lanes outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/hash/digest.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/joint_tickets.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/lane_layout.h"

namespace sluice {

class AlertWriter;
class StreamWriter;

struct StreamSinkOptions {
  uint64_t dedupe_window_s;  // how long a request's key or a record's identity is remembered
  // Encoding ends where the request's records, or its alerts, are more than this; Finish says so,
  // and the request must not be committed.
  size_t request_bytes_max = SIZE_MAX;
};

// Where records go: the layout's lanes in its order, which share their memory. `joints` listens to
// them; it may be null where there is one lane and no alerts.
struct RecordWay {
  const LaneLayout& layout;
  std::vector<Lane*> lanes;
  JointTickets* joints;
};

// Where alerts go. The records' `joints` listens to the lane.
struct AlertWay {
  AlertStreamSpec stream;
  Lane& lane;
  TurnClock& clock;
};

class StreamSink final : public RecordSink {
 public:
  // Without a way for alerts (null) no stream may have alert rules.
  StreamSink(const StreamSinkOptions& options, const std::vector<StreamSpec>& streams,
             const RecordWay& records, const AlertWay* alerts = nullptr);
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
  // Where a stream's records go.
  struct Stream {
    StreamWriter* whole = nullptr;  // without partitions
    std::vector<uint32_t> lanes;    // of its partitions
    size_t key = 0;
  };
  // What of the request in hand is one lane's.
  struct Part {
    std::unique_ptr<StreamWriter> writer;
    uint32_t records = 0;
  };

  Part& PartOf(std::string_view key);
  Digest Fingerprint();
  void CommitParts(const Ticket& joined);
  size_t part_count() const { return (whole_ != nullptr ? 1 : touched_.size()) + alert_part(); }
  size_t alert_part() const;  // 1 where it raises alerts

  std::vector<Stream> streams_;
  std::vector<Part> parts_;              // by lane
  std::unique_ptr<AlertWriter> alerts_;  // null: none
  JointTickets* joints_;
  // Of the request in hand:
  StreamWriter* whole_ = nullptr;  // its only one; null: it is of a stream with partitions
  uint32_t stream_ = 0;
  const RequestKey* key_ = nullptr;
  std::vector<uint32_t> touched_;  // then: their lanes, in the order of their first records
};

}  // namespace sluice
