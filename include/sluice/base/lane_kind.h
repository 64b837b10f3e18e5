// The lanes of a worker: alerts are the urgent one's, all records the bulk one's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice {

enum class LaneKind : uint8_t { kUrgent, kBulk };  // in the order in which they are served
inline constexpr size_t kLaneKinds = 2;

constexpr std::string_view LaneName(LaneKind kind) {
  return kind == LaneKind::kUrgent ? "urgent" : "bulk";
}

}  // namespace sluice
