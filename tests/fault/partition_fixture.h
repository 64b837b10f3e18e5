// The shipped route over several partitions, for tests of one Redis and of many.
#pragma once

#include <cstdint>
#include <string>

#include "fault/fault_fixture.h"

namespace sluice {

inline constexpr uint32_t kPartitions = 6;

inline constexpr char kPartitionedVitals[] = R"([[route]]
path = "/v1/vitals"
stream = "vitals"
partitions = 6
field = [
  { name = "device_id", type = "string", key = true, required = true },
  { name = "timestamp", type = "int64", required = true },
  { name = "heart_rate", type = "double" }, { name = "blood_oxygen", type = "double" } ]
alert = [
  { name = "heart-rate", field = "heart_rate", below = 40, above = 150 },
  { name = "blood-oxygen", field = "blood_oxygen", below = 90 } ]
)";

inline std::string PartitionStream(uint64_t partition) {
  return "vitals:{" + std::to_string(partition) + "}";
}

}  // namespace sluice
