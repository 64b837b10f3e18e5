#include "sluice/redis/guard_name.h"

#include <cstddef>

namespace sluice {
namespace {

// Redis's own rule for hash tags:
// https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
bool HasHashTag(std::string_view key) {
  const size_t open = key.find('{');
  if (open == std::string_view::npos) return false;
  const size_t close = key.find('}', open);
  return close != std::string_view::npos && close > open + 1;
}

}  // namespace

std::string GuardPrefix(std::string_view stream) {
  const std::string name(stream);
  return "sluice:seen:" + (HasHashTag(stream) ? name : "{" + name + "}") + ":";
}

}  // namespace sluice
