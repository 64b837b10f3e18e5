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

struct RequestHead {
  Method method = Method::kOther;
  std::string_view path;  // without query; of an absolute-form target (RFC 9112 3.2.2) the path
  BodyFormat format = BodyFormat::kJson;
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool expects_continue = false;
  bool expects_other = false;
  bool keep_alive = true;
  bool http_1_0 = false;
};

BodyFormat ParseContentType(std::string_view value);

}  // namespace sluice
