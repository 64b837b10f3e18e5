// StreamSink: the RecordSink that writes Redis Streams through a lane. A plain request's records
// become XADDs straight in the lane's open batch; one with a key, or of a stream with an identity,
// is gathered and becomes one command that stores it once (src/redis/guarded_request.h). One per
// worker; its lane outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "sluice/record/record_sink.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/resp.h"

namespace sluice {

class GuardedRequest;
class GuardedStream;

struct StreamSinkOptions {
  uint64_t dedupe_window_s;  // how long a request's key or a record's identity is remembered
};

class StreamSink final : public RecordSink {
 public:
  StreamSink(const StreamSinkOptions& options, const std::vector<StreamSpec>& streams, Lane& lane);
  ~StreamSink() override;

  void Begin(uint32_t stream, const RequestKey* key) override;
  void Append(std::span<const std::string_view> values) override;
  void AppendAlert(uint32_t, std::span<const std::string_view>) override {}
  size_t Finish() override;
  void Commit(const Ticket& ticket) override;
  void Rollback() override { lane_.Rollback(); }
  void SendAlerts() override {}
  size_t unsettled_bytes() const override { return lane_.unsettled_bytes(); }

 private:
  Lane& lane_;
  std::vector<EntryEncoder> encoders_;
  std::vector<GuardedStream> guarded_streams_;
  std::unique_ptr<GuardedRequest> guarded_request_;
  // Of the request between Begin and Commit:
  const EntryEncoder* encoder_ = nullptr;  // null: it is guarded
  Buffer* bytes_ = nullptr;
};

}  // namespace sluice
