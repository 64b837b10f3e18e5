// What a microbenchmark says beside the time of an iteration: items and bytes a second, and the
// time of one item (a request, a record, a reply).
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

namespace sluice::micro {

// Behind the loop: how many items, and bytes of them, an iteration had.
inline void SayCosts(benchmark::State& state, const char* an_item, size_t items, size_t bytes) {
  const auto iterations = static_cast<uint64_t>(state.iterations());
  state.SetItemsProcessed(static_cast<int64_t>(iterations * items));
  state.SetBytesProcessed(static_cast<int64_t>(iterations * bytes));
  state.counters[an_item] =
      benchmark::Counter(static_cast<double>(iterations * items),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

}  // namespace sluice::micro
