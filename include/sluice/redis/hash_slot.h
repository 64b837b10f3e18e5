// Where Redis Cluster keeps a key: one of 16,384 slots, by its hash tag.
// https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice {

inline constexpr uint16_t kHashSlots = 16'384;

// What of a key is hashed: what stands between its first { and the next } if that is anything, else
// all of it.
std::string_view HashTag(std::string_view key);
uint16_t HashSlot(std::string_view key);

}  // namespace sluice
