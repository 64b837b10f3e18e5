// AllocationCount: what a program with count_allocations.cc preloaded into it and the test that
// started it both see: a file that both have mapped, named to the program by kCountFileVariable.
#pragma once

#include <atomic>
#include <cstdint>

namespace sluice {

inline constexpr char kCountFileVariable[] = "ALLOCATION_COUNT_FILE";

struct AllocationCount {
  std::atomic<uint64_t> calls = 0;  // that take memory, of all threads, since the program began
  // The next so many of them say on standard error where they come from.
  std::atomic<int32_t> traces_left = 0;
};
static_assert(std::atomic<uint64_t>::is_always_lock_free);

}  // namespace sluice
