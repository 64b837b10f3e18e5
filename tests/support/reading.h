// The readings that a load posts to the shipped vitals route: what a numbered record of each kind
// says, what must stand in its stream, and which of the shipped alert rules it meets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

enum class Reading : uint8_t { kNormal, kFastHeart, kLowOxygen, kSlowHeartAndLowOxygen };

inline constexpr std::string_view kHeartRateRule = "heart-rate";
inline constexpr std::string_view kBloodOxygenRule = "blood-oxygen";

// The record whose device_id is that number.
std::string ReadingJson(uint64_t number, Reading reading);
// An array of records whose numbers start at `first`.
std::string ReadingsJson(uint64_t first, const std::vector<Reading>& readings);
// Its fields as they stand in a stream.
std::vector<std::pair<std::string, std::string>> ReadingEntry(uint64_t number, Reading reading);
// The rules that it meets: none, one or two.
std::vector<std::string_view> RulesMet(Reading reading);

}  // namespace sluice
