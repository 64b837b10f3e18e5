#include "sluice/http/head_fields.h"

#include <algorithm>
#include <array>
#include <utility>

#include "http/token.h"
#include "sluice/base/text.h"

namespace sluice {
namespace {

// RFC 3986 section 3.2.2: uri-host and port. By character, since each request has one to check.
constexpr std::array<bool, 256> kHostChars = [] {
  std::array<bool, 256> chars{};
  for (size_t c = 0; c < chars.size(); ++c) chars[c] = IsTokenChar(static_cast<char>(c));
  for (const char c : std::string_view("#^`|")) chars[static_cast<uint8_t>(c)] = false;
  for (const char c : std::string_view(":[](),;=")) chars[static_cast<uint8_t>(c)] = true;
  return chars;
}();

bool IsHostChar(char c) { return kHostChars[static_cast<uint8_t>(c)]; }

}  // namespace

void HeadFields::Clear() {
  format_ = BodyFormat::kJson;
  coding_ = ContentCoding::kIdentity;
  coded_ = false;
  host_count_ = 0;
  malformed_ = false;
  other_coding_ = false;
  expects_continue_ = false;
  expects_other_ = false;
  bad_key_ = false;
  authorized_ = false;
  bad_bearer_ = false;
  key_.Clear();
  bearer_.Clear();
}

void HeadFields::Add(std::string_view name, std::string_view value, bool stays) {
  if (EqualsIgnoringCase(name, "host")) {
    ++host_count_;
    // RFC 9112 section 3.2: an invalid value is a 400.
    if (!std::all_of(value.begin(), value.end(), IsHostChar)) malformed_ = true;
  } else if (EqualsIgnoringCase(name, "content-type")) {
    format_ = ParseContentType(value);
  } else if (EqualsIgnoringCase(name, "expect")) {
    (EqualsIgnoringCase(value, "100-continue") ? expects_continue_ : expects_other_) = true;
  } else if (EqualsIgnoringCase(name, "transfer-encoding")) {
    if (!EqualsIgnoringCase(value, "chunked")) other_coding_ = true;
  } else if (EqualsIgnoringCase(name, "idempotency-key")) {
    AddIdempotencyKey(value, stays);
  } else if (EqualsIgnoringCase(name, "content-encoding")) {
    AddContentEncoding(value);
  } else if (EqualsIgnoringCase(name, "authorization")) {
    AddAuthorization(value, stays);
  }
}

// Two fields are one list (RFC 9110 section 5.3), and so more than one coding.
void HeadFields::AddContentEncoding(std::string_view value) {
  coding_ = std::exchange(coded_, true) ? ContentCoding::kOther : ParseContentEncoding(value);
}

void HeadFields::AddIdempotencyKey(std::string_view value, bool stays) {
  const std::string_view key = ParseIdempotencyKey(value);
  if (key.empty() || !key_.view().empty()) bad_key_ = true;
  if (bad_key_) return;
  key_.Append(key);
  if (!stays) key_.Keep();
}

// Not a list (RFC 9110 section 5.3): of two nobody can say which is meant.
void HeadFields::AddAuthorization(std::string_view value, bool stays) {
  const Bearer bearer = ParseBearer(value);
  if (authorized_ || (bearer.is_bearer && bearer.token.empty())) bad_bearer_ = true;
  authorized_ = true;
  if (bad_bearer_ || !bearer.is_bearer) return;
  bearer_.Append(bearer.token);
  if (!stays) bearer_.Keep();
}

void HeadFields::FillIn(RequestHead& head) const {
  head.format = format_;
  head.coding = coding_;
  head.expects_continue = expects_continue_;
  head.expects_other = expects_other_;
  head.bad_idempotency_key = bad_key_;
  if (!bad_key_) head.idempotency_key = key_.view();
  head.bad_bearer = bad_bearer_;
  if (!bad_bearer_) head.bearer = bearer_.view();
}

}  // namespace sluice
