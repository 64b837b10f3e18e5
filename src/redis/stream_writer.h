// StreamWriter: requests as commands in a lane's open batch. A plain request's records become XADDs
// where they will be sent from, one each, or one for all where the stream is packed
// (src/redis/packed_encoder.h). One with a key, or of a stream with an identity, is gathered and
// becomes one command that stores it once (src/redis/guarded_request.h). One for each lane that is
// written to; its lane outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "redis/guarded_request.h"
#include "redis/packed_encoder.h"
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
  struct Stream {
    explicit Stream(const StreamSpec& spec);

    EntryEncoder entries;
    std::optional<PackedEncoder> packed;  // nothing: an entry a record
    GuardedStream guarded;
  };

  bool guarded() const { return entries_ == nullptr && packed_ == nullptr; }
  size_t encoded_bytes() const {
    return guarded() ? guarded_request_.gathered_bytes() : lane_.request_bytes();
  }

  Lane& lane_;
  const size_t request_bytes_max_;
  std::vector<Stream> streams_;
  GuardedRequest guarded_request_;
  // Of the request between Begin and Commit; at most one of the two, and none where it is guarded:
  const EntryEncoder* entries_ = nullptr;
  PackedEncoder* packed_ = nullptr;
  Buffer* bytes_ = nullptr;
};

}  // namespace sluice
