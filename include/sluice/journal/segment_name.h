// How a journal's files are called:
//
//   <start_ms>-<worker>-<number>.journal     a segment; these three order a writer's
//   <start_ms>-<worker>-refused.journal.refused  what Redis refused for good
//   <segment>.damaged, <segment>.<n>.damaged     kept aside as it was found
//   <segment>.repaired                           half-made: of no worth to anybody
//
// start_ms is when the process that wrote it began, worker which of its workers wrote it, with a
// `u` behind for that worker's urgent lane.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/base/lane_kind.h"

namespace sluice {

// Sorts urgent lanes before bulk ones, then by start, worker and number.
struct SegmentName {
  enum class Kind : uint8_t { kSegment, kRefused, kDamaged, kRepaired };

  LaneKind lane = LaneKind::kBulk;
  uint64_t start_ms = 0;
  uint32_t worker = 0;
  uint32_t number = 0;  // 0 of a kRefused
  Kind kind = Kind::kSegment;

  // Nothing for a file that is none of a journal's.
  static std::optional<SegmentName> Parse(std::string_view name);
  // Of a segment or of what was refused.
  std::string ToString() const;

  bool SameWriter(const SegmentName& other) const {
    return lane == other.lane && start_ms == other.start_ms && worker == other.worker;
  }
  auto operator<=>(const SegmentName&) const = default;
};

}  // namespace sluice
