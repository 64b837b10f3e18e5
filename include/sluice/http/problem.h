// The one home of every refusal: status code, words, and the ready-made RFC 9457 body. A Problem is
// chosen where the fault is found (parser, admission, settlement) and written by ResponseWriter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice {

enum class Problem : uint8_t {
  kMalformedRequest,
  kMissingHost,
  kAmbiguousLength,
  kBadRecords,
  kBadIdempotencyKey,
  kBadGzip,
  kNoToken,
  kUnknownToken,
  kForbiddenRoute,
  kForbiddenKeys,
  kNotFound,
  kMethodNotAllowed,
  kRequestTimeout,
  kLengthRequired,
  kContentTooLarge,
  kRecordsTooLarge,
  kChunkLinesTooLarge,
  kGzipBomb,
  kUriTooLong,
  kUnsupportedMediaType,
  kUnsupportedCoding,  // its answer has Accept-Encoding (RFC 9110 section 15.5.16)
  kExpectationFailed,
  kKeyReused,
  kKeyReusedInPart,
  kHeadTooLarge,
  kTooManyRequests,
  kTooManyConnections,
  kUnknownMethod,
  kUnknownTransferCoding,
  kUnknownVersion,
  kShedMemory,
  kShedConnections,
  kDeadlineNotStored,
  kDeadlineUnknown,
  kStoreRefused,
  kReplicasUnknown,
  kStoredInPart,
  kDrainNotStored,
  kDrainUnknown,
  kNotReady,
  kCount,
};

struct ProblemInfo {
  uint16_t code;
  std::string_view detail;
  std::string_view outcome;         // "not_stored" or "unknown" in the body; empty: no such member
  bool retry_after;                 // carries Retry-After
  bool close;                       // the connection cannot go on after it
  std::string_view challenge = {};  // WWW-Authenticate; empty: no such field
};

const ProblemInfo& InfoOf(Problem problem);

// The complete JSON body, made once.
std::string_view ReadyBody(Problem problem);

// The reason phrase of a status code this server sends (RFC 9110 section 15).
std::string_view ReasonPhrase(uint16_t code);

}  // namespace sluice
