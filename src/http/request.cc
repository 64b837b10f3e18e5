#include "sluice/http/request.h"

#include "sluice/base/text.h"

namespace sluice {
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

}  // namespace sluice
