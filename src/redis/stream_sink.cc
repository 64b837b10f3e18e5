#include "sluice/redis/stream_sink.h"

#include <utility>

#include "redis/alert_writer.h"
#include "redis/stream_writer.h"
#include "sluice/base/check.h"
#include "sluice/base/limits.h"
#include "sluice/hash/key_hash.h"

namespace sluice {

StreamSink::StreamSink(const StreamSinkOptions& options, const std::vector<StreamSpec>& streams,
                       const RecordWay& records, const AlertWay* alerts)
    : joints_(records.joints) {
  const LaneLayout& layout = records.layout;
  for (size_t i = 0; i < layout.lanes.size(); ++i) {
    parts_.push_back({.writer = std::make_unique<StreamWriter>(options, layout.lanes[i].streams,
                                                               *records.lanes[i])});
  }
  for (size_t i = 0; i < streams.size(); ++i) {
    const std::vector<uint32_t>& lanes = layout.lanes_of[i];
    const bool partitioned = streams[i].partitions > 0;
    streams_.push_back({.whole = partitioned ? nullptr : parts_[lanes[0]].writer.get(),
                        .lanes = lanes,
                        .key = streams[i].key});
  }
  touched_.reserve(parts_.size());
  if (alerts != nullptr) alerts_ = std::make_unique<AlertWriter>(options, streams, *alerts);
  SLUICE_CHECK(joints_ != nullptr || (parts_.size() == 1 && !alerts_));
}

StreamSink::~StreamSink() = default;

void StreamSink::Begin(uint32_t stream, const RequestKey* key) {
  whole_ = streams_[stream].whole;
  if (whole_ != nullptr) {
    whole_->Begin(stream, key);
  } else {
    stream_ = stream;
    key_ = key;
    touched_.clear();
  }
  if (alerts_) alerts_->Begin(stream, key);
}

void StreamSink::Append(std::span<const std::string_view> values) {
  if (whole_ != nullptr) return whole_->Append(values);
  Part& part = PartOf(values[streams_[stream_].key]);
  part.writer->Append(values);
  ++part.records;
}

StreamSink::Part& StreamSink::PartOf(std::string_view key) {
  const std::vector<uint32_t>& lanes = streams_[stream_].lanes;
  const uint32_t lane = lanes[KeyHash(key) % lanes.size()];
  Part& part = parts_[lane];
  if (part.records == 0) {
    touched_.push_back(lane);
    part.writer->Begin(stream_, key_);
  }
  return part;
}

void StreamSink::AppendAlert(uint32_t rule, std::span<const std::string_view> values) {
  SLUICE_CHECK(alerts_ != nullptr);
  alerts_->Append(rule, values);
}

size_t StreamSink::alert_part() const { return alerts_ && alerts_->count() > 0 ? 1 : 0; }

// Of all records, so that a key used with others is noticed wherever one of them lies.
Digest StreamSink::Fingerprint() {
  if (whole_ != nullptr) return whole_->Fingerprint();
  if (touched_.size() == 1) return parts_[touched_[0]].writer->Fingerprint();
  Digester digester;
  for (const uint32_t lane : touched_) {
    const Digest digest = parts_[lane].writer->Fingerprint();
    if (key_ != nullptr) digester.Add({digest.data(), digest.size()});
  }
  return key_ != nullptr ? digester.Finish() : Digest();
}

size_t StreamSink::Finish() {
  const Digest fingerprint = Fingerprint();
  size_t bytes = 0;
  if (whole_ != nullptr) {
    bytes = whole_->Finish(fingerprint);
  } else {
    for (const uint32_t lane : touched_) bytes += parts_[lane].writer->Finish(fingerprint);
  }
  if (alerts_) bytes += alerts_->Finish(fingerprint);
  return bytes + (part_count() - 1) * kRequestOverheadBytes;
}

void StreamSink::Commit(const Ticket& ticket) {
  const size_t parts = part_count();
  if (parts == 1) return whole_ != nullptr ? whole_->Commit(ticket) : CommitParts(ticket);
  const Ticket joined = joints_->Join(ticket, parts, alerts_ ? alerts_->read_ns() : 0);
  if (alerts_) alerts_->Commit(joined);
  whole_ != nullptr ? whole_->Commit(joined) : CommitParts(joined);
}

void StreamSink::CommitParts(const Ticket& joined) {
  for (const uint32_t lane : touched_) {
    Part& part = parts_[lane];
    Ticket own = joined;
    own.records = std::exchange(part.records, 0);
    part.writer->Commit(own);
  }
}

void StreamSink::Rollback() {
  if (whole_ != nullptr) {
    whole_->Rollback();
  } else {
    for (const uint32_t lane : touched_) {
      parts_[lane].records = 0;
      parts_[lane].writer->Rollback();
    }
  }
  if (alerts_) alerts_->Rollback();
}

void StreamSink::SendAlerts() {
  if (alerts_) alerts_->Send();
}

size_t StreamSink::unsettled_bytes() const {
  size_t bytes = parts_[0].writer->lane().unsettled_bytes();
  if (joints_ != nullptr) bytes += joints_->held_bytes();
  return alerts_ ? bytes + alerts_->unsettled_bytes() : bytes;
}

}  // namespace sluice
