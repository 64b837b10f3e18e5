#include "sluice/redis/guard_name.h"

#include "sluice/redis/hash_slot.h"

namespace sluice {

std::string GuardPrefix(std::string_view stream) {
  const std::string name(stream);
  return "sluice:seen:" + (HashTag(stream) == stream ? "{" + name + "}" : name) + ":";
}

}  // namespace sluice
