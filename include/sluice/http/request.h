// What a request's head says, as far as this server cares. Views die when the parser's callback
// returns; everything else is decided already.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice {

enum class Method : uint8_t { kGet, kHead, kPost, kOther };

// What Content-Type says of the body (RFC 9110 section 8.3).
enum class BodyFormat : uint8_t {
  kJson,    // absent, application/json or application/*+json
  kNdjson,  // application/x-ndjson
  kOther,
};

// What Content-Encoding says of it (RFC 9110 section 8.4).
enum class ContentCoding : uint8_t {
  kIdentity,  // absent, or identity
  kGzip,      // gzip, or its older name x-gzip
  kOther,     // another, or more than one
};

struct RequestHead {
  Method method = Method::kOther;
  std::string_view path;  // without query; of an absolute-form target (RFC 9112 3.2.2) the path
  BodyFormat format = BodyFormat::kJson;
  ContentCoding coding = ContentCoding::kIdentity;
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool expects_continue = false;
  bool expects_other = false;
  bool keep_alive = true;
  bool http_1_0 = false;
  std::string_view idempotency_key;  // what ParseIdempotencyKey gives; empty: none
  bool bad_idempotency_key = false;  // one that is none, or more than one
  std::string_view bearer;           // what ParseBearer gives; empty: no such credentials
  bool bad_bearer = false;  // Bearer without a token that may be one, or several Authorizations
};

// The path of a target, as a view of it.
std::string_view PathOf(std::string_view target);

BodyFormat ParseContentType(std::string_view value);
ContentCoding ParseContentEncoding(std::string_view value);

// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) is a String of RFC 8941, section
// 3.3.3: what stands between its quotes, of 1 to kIdempotencyKeyBytesMax characters. Its escapes
// stay as they are: each string has one spelling. Empty: the value is none.
std::string_view ParseIdempotencyKey(std::string_view value);

// Authorization (RFC 9110 section 11.6.2): whether its scheme is Bearer, in any case, and the token
// behind it (RFC 6750 section 2.1: b64token), of at most kBearerBytesMax characters. Empty: it is
// none.
struct Bearer {
  bool is_bearer = false;
  std::string_view token;
};
Bearer ParseBearer(std::string_view value);

}  // namespace sluice
