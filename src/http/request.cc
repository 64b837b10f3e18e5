#include "sluice/http/request.h"

#include <algorithm>

#include "sluice/base/limits.h"
#include "sluice/base/text.h"

namespace sluice {
namespace {

// RFC 9110 section 11.2, without the padding.
bool IsToken68Char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
         c == '.' || c == '_' || c == '~' || c == '+' || c == '/';
}

}  // namespace

std::string_view PathOf(std::string_view target) {
  if (!target.starts_with('/')) {  // absolute-form: scheme "://" authority path
    const size_t scheme = target.find("://");
    if (scheme != std::string_view::npos) {
      const size_t end = target.find_first_of("/?#", scheme + 3);  // of the authority
      // Without a path it is "/", of which the scheme's end has one.
      if (end == std::string_view::npos || target[end] != '/') return target.substr(scheme + 1, 1);
      target = target.substr(end);
    }
  }
  return target.substr(0, target.find_first_of("?#"));
}

BodyFormat ParseContentType(std::string_view value) {
  std::string_view type = value.substr(0, value.find(';'));  // parameters say nothing to us
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
  if (EqualsIgnoringCase(type, "application/json")) return BodyFormat::kJson;
  if (EqualsIgnoringCase(type, "application/x-ndjson")) return BodyFormat::kNdjson;
  constexpr std::string_view kPrefix = "application/";
  constexpr std::string_view kSuffix = "+json";
  const bool structured = type.size() > kPrefix.size() + kSuffix.size() &&
                          EqualsIgnoringCase(type.substr(0, kPrefix.size()), kPrefix) &&
                          EqualsIgnoringCase(type.substr(type.size() - kSuffix.size()), kSuffix);
  return structured ? BodyFormat::kJson : BodyFormat::kOther;
}

ContentCoding ParseContentEncoding(std::string_view value) {
  // A list (RFC 9110 section 5.6.1), whose empty elements say nothing.
  constexpr std::string_view kEmpty = " \t,";
  const size_t begin = value.find_first_not_of(kEmpty);
  if (begin == std::string_view::npos) return ContentCoding::kIdentity;
  const std::string_view coding = value.substr(begin, value.find_last_not_of(kEmpty) + 1 - begin);
  if (EqualsIgnoringCase(coding, "gzip") || EqualsIgnoringCase(coding, "x-gzip")) {
    return ContentCoding::kGzip;
  }
  return EqualsIgnoringCase(coding, "identity") ? ContentCoding::kIdentity : ContentCoding::kOther;
}

std::string_view ParseIdempotencyKey(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return {};
  const std::string_view content = value.substr(1, value.size() - 2);
  size_t characters = 0;
  for (size_t i = 0; i < content.size(); ++i, ++characters) {
    const char c = content[i];
    if (c < ' ' || c > '~' || c == '"') return {};
    if (c != '\\') continue;
    ++i;
    if (i == content.size() || (content[i] != '"' && content[i] != '\\')) return {};
  }
  return characters <= kIdempotencyKeyBytesMax ? content : std::string_view();
}

Bearer ParseBearer(std::string_view value) {
  constexpr std::string_view kScheme = "Bearer";
  const size_t scheme_end = std::min(value.find(' '), value.size());
  if (!EqualsIgnoringCase(value.substr(0, scheme_end), kScheme)) return {};
  std::string_view token = value.substr(scheme_end);
  token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
  const size_t padding_at = std::min(token.find('='), token.size());
  const std::string_view text = token.substr(0, padding_at);
  const bool sound = !text.empty() && token.size() <= kBearerBytesMax &&
                     std::all_of(text.begin(), text.end(), IsToken68Char) &&
                     token.find_first_not_of('=', padding_at) == std::string_view::npos;
  return {.is_bearer = true, .token = sound ? token : std::string_view()};
}

}  // namespace sluice
