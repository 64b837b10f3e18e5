// AlertWriter: the alerts of requests, as entries of the alert stream, written to the urgent lane
// and tied to their requests. An alert has `rule`, `route`, `received_ms` and then the record's own
// fields. One with an identity, or of a request with a key, is guarded as its record is, so that a
// repetition raises none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "redis/stream_writer.h"
#include "sluice/base/clock.h"
#include "sluice/base/limits.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/stream_sink.h"

namespace sluice {

class AlertWriter {
 public:
  // What `way` refers to outlives it.
  AlertWriter(const StreamSinkOptions& options, const std::vector<StreamSpec>& streams,
              const AlertWay& way);
  AlertWriter(const AlertWriter&) = delete;
  AlertWriter& operator=(const AlertWriter&) = delete;

  // A request begins, which may raise alerts.
  void Begin(uint32_t stream, const RequestKey* key);
  void Append(uint32_t rule, std::span<const std::string_view> values);
  // How much the request's alerts add to it. `fingerprint` is the request's own.
  size_t Finish(const Digest& fingerprint);
  uint32_t count() const { return count_; }
  uint64_t read_ns() const { return read_ns_; }  // when the first was raised
  // `ticket` is the whole request's.
  void Commit(Ticket ticket);
  void Rollback();
  void Send() { writer_.lane().Flush(); }

  size_t unsettled_bytes() const { return writer_.lane().unsettled_bytes(); }

 private:
  static constexpr size_t kOwnFields = 3;  // before the record's

  StreamWriter writer_;
  TurnClock& clock_;
  std::vector<StreamSpec> streams_;  // of the records
  std::array<std::string_view, kOwnFields + kFieldsMax> values_;
  // Of the request in hand:
  uint32_t stream_ = 0;
  const RequestKey* key_ = nullptr;
  uint32_t count_ = 0;
  uint64_t read_ns_ = 0;
  std::array<char, 20> received_ms_;
  size_t received_ms_size_ = 0;
};

}  // namespace sluice
