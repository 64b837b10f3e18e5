// StreamWriter: requests as commands in a lane's open batch. A plain request's records become XADDs
// where they will be sent from; one with a key, or of a stream with an identity, is gathered and
// becomes one command that stores it once (src/redis/guarded_request.h). One for each lane that is
// written to; its lane outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "redis/guarded_request.h"
#include "sluice/hash/digest.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/resp.h"
#include "sluice/redis/stream_sink.h"

namespace sluice {

class StreamWriter {
 public:
  StreamWriter(const StreamSinkOptions& options, const std::vector<StreamSpec>& streams,
               Lane& lane);
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;

  // As RecordSink's, but for what Finish takes: the fingerprint that a key is to know the request
  // by. Of a request that has none, any.
  void Begin(uint32_t stream, const RequestKey* key);
  void Append(std::span<const std::string_view> values);
  Digest Fingerprint();
  size_t Finish(const Digest& fingerprint);
  void Commit(const Ticket& ticket);
  void Rollback() { lane_.Rollback(); }

  Lane& lane() const { return lane_; }

 private:
  size_t encoded_bytes() const {
    return encoder_ != nullptr ? lane_.request_bytes() : guarded_request_.gathered_bytes();
  }

  Lane& lane_;
  const size_t request_bytes_max_;
  std::vector<EntryEncoder> encoders_;
  std::vector<GuardedStream> guarded_streams_;
  GuardedRequest guarded_request_;
  // Of the request between Begin and Commit:
  const EntryEncoder* encoder_ = nullptr;  // null: it is guarded
  Buffer* bytes_ = nullptr;
};

}  // namespace sluice
