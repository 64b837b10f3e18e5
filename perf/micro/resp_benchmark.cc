// What a record costs to encode, as an entry of its own or as a line of one.

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "micro/costs.h"
#include "micro/shipped_plan.h"
#include "redis/packed_encoder.h"
#include "sluice/base/buffer.h"
#include "sluice/base/check.h"
#include "sluice/redis/resp.h"

namespace sluice::micro {
namespace {

constexpr char kCost[] = "a_record";
constexpr std::array<std::string_view, 4> kReading = {"dev-000123", "1767225600000", "72.5", "98"};
constexpr std::array<std::string_view, 4> kEscapedReading = {"dev \"123\"", "1767225600000", "72.5",
                                                             "98"};

// An entry a record.
void EncodeEntries(benchmark::State& state, size_t records) {
  const EntryEncoder entries(ShippedPlan().streams[kVitals]);
  Buffer out;
  for (auto iteration : state) {
    out.Clear();
    for (size_t i = 0; i < records; ++i) entries.Append(kReading, out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  SLUICE_CHECK(out.view().starts_with("*11\r\n$4\r\nXADD\r\n"));
  SayCosts(state, kCost, records, out.size());
}

// One entry for them all, as lines of JSON.
void EncodePacked(benchmark::State& state, std::span<const std::string_view> reading,
                  size_t records) {
  PackedEncoder packed(ShippedPlan(EntryForm::kPacked).streams[kVitals]);
  Buffer out;
  for (auto iteration : state) {
    out.Clear();
    packed.Begin(out);
    for (size_t i = 0; i < records; ++i) packed.Append(reading, out);
    packed.End(out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  SLUICE_CHECK(out.view().starts_with("*5\r\n$4\r\nXADD\r\n"));
  SayCosts(state, kCost, records, out.size());
}

void EncodeOneEntry(benchmark::State& state) { EncodeEntries(state, 1); }
void EncodeHundredEntries(benchmark::State& state) { EncodeEntries(state, 100); }
void EncodeOnePacked(benchmark::State& state) { EncodePacked(state, kReading, 1); }
void EncodeHundredPacked(benchmark::State& state) { EncodePacked(state, kReading, 100); }
void EncodeHundredPackedEscaped(benchmark::State& state) {
  EncodePacked(state, kEscapedReading, 100);
}

BENCHMARK(EncodeOneEntry);
BENCHMARK(EncodeHundredEntries);
BENCHMARK(EncodeOnePacked);
BENCHMARK(EncodeHundredPacked);
BENCHMARK(EncodeHundredPackedEscaped);

}  // namespace
}  // namespace sluice::micro
