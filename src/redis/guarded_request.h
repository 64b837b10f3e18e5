// GuardedRequest: a request whose records are stored once, as one command: a script that stores
// them unless their guards are there, and then sets the guards. Redis runs it as one step, so two
// links that bring the same request at once store it once.
//
// A guard is a key that expires after the dedupe window: `sluice:seen:{<stream>}:<32 digits>`, with
// the stream's name as hash tag (or the tag that the name itself has), so that Redis Cluster keeps
// it beside the stream. The digits are a digest, so no value of a record becomes part of a key:
//
//   of the request: its RequestKey, with a fingerprint of its records. Seen with the same one,
//                   all are repetitions; seen with another, the reply begins with kKeyReusedError;
//   of each record: stream and identity, where the stream has one. A seen record is left out.
//
// A packed stream has one entry for all records, and no identity.
//
// The reply is how many records were repetitions. An error, WRONGTYPE or OOM, leaves no guard and
// nothing stored, but for kUnguardedError: Redis took records and not their guards.
//
// The script is sent in full each time: a script that Redis should remember would be missing after
// a restart, a failover, or when a journal is sent elsewhere. Counts come before what they count,
// so words are gathered here until Encode. Keeps its buffers, unless a request was very large.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redis/line_encoder.h"
#include "sluice/base/buffer.h"
#include "sluice/hash/digest.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/resp.h"

namespace sluice {

// How the reply to a request begins whose key was used with other records.
inline constexpr std::string_view kKeyReusedError = "SLUICEKEYREUSED";
// And where some of it was stored all the same.
inline constexpr std::string_view kUnguardedError = "SLUICEUNGUARDED";

// What the guarded requests to one stream have in common.
class GuardedStream {
 public:
  explicit GuardedStream(const StreamSpec& spec);

  bool has_identity() const { return !identity_.empty(); }
  bool packed() const { return lines_.has_value(); }

 private:
  friend class GuardedRequest;

  EntryFields fields_;
  std::optional<LineEncoder> lines_;  // nothing: an entry a record
  std::vector<size_t> identity_;
  std::string identity_name_;  // stream and fields: what a record's digest begins with
  std::string stream_;
  std::string guard_begin_;  // of a guard as a bulk: all but the digits and CR LF
  std::string maxlen_;
};

class GuardedRequest {
 public:
  explicit GuardedRequest(uint64_t dedupe_window_s) : window_(std::to_string(dedupe_window_s)) {}

  // `key` is null where only the stream's identity guards. `stream` outlives the request.
  void Begin(const GuardedStream& stream, const RequestKey* key);
  void Append(std::span<const std::string_view> values);
  size_t gathered_bytes() const { return guards_.size() + records_.size(); }
  // No more records. Where there is a key: what tells them from others under the same one.
  Digest Fingerprint();
  // Appends the command; behind Fingerprint where there is a key. Then Begin again.
  void Encode(const Digest& fingerprint, Buffer& out);

  static std::string_view script();  // what EVAL is given

 private:
  void AppendGuard(const Digest& digest);

  const std::string window_;
  const GuardedStream* stream_ = nullptr;
  bool keyed_ = false;
  Digester digester_;
  Buffer guards_;  // keys, as bulks
  size_t guard_count_ = 0;
  Buffer records_;     // of each entry: how many words, then field names and values; as bulks
  GrowingBulk lines_;  // in records_, of a packed stream
  size_t record_words_ = 0;
  size_t record_count_ = 0;
};

}  // namespace sluice
