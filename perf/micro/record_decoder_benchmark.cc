// What a record costs to decode, by the shape of its body and by what it needs.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "micro/bodies.h"
#include "micro/costs.h"
#include "micro/shipped_plan.h"
#include "sluice/base/check.h"
#include "sluice/record/record_decoder.h"
#include "unit/record/decoding.h"

namespace sluice::micro {
namespace {

constexpr char kCost[] = "a_record";

// Takes records and keeps nothing, so that the decoder alone is measured.
class CountingSink final : public RecordSink {
 public:
  void Begin(uint32_t, const RequestKey*) override {}
  void Append(std::span<const std::string_view> values) override {
    benchmark::DoNotOptimize(values.data());
    ++records_;
  }
  void AppendAlert(uint32_t, std::span<const std::string_view>) override { ++alerts_; }
  void Commit(const Ticket&) override {}
  void Rollback() override {}
  void SendAlerts() override {}
  size_t Finish() override { return 0; }
  size_t unsettled_bytes() const override { return 0; }

  size_t records() const { return records_; }
  size_t alerts() const { return alerts_; }

 private:
  size_t records_ = 0;
  size_t alerts_ = 0;
};

void Decode(benchmark::State& state, const std::string& body, size_t records,
            BodyShape shape = BodyShape::kJson, uint32_t route_number = kVitals) {
  const WorkerPlan plan = ShippedPlan();
  const Route& route = plan.routes[route_number];
  const PaddedBody padded(body);
  RecordDecoder decoder;
  CountingSink sink;
  for (auto iteration : state) {
    SLUICE_CHECK(decoder.Decode(route.schema, route.alerts, shape, padded.view(), sink) == records);
  }
  SLUICE_CHECK(sink.records() == static_cast<size_t>(state.iterations()) * records);
  SLUICE_CHECK(sink.alerts() == 0);
  SayCosts(state, kCost, records, body.size());
}

void DecodeOne(benchmark::State& state) { Decode(state, Reading(1), 1); }
void DecodeHundred(benchmark::State& state) { Decode(state, Readings(1, 100), 100); }
void DecodeHundredLines(benchmark::State& state) {
  Decode(state, ReadingLines(1, 100), 100, BodyShape::kLines);
}
void DecodeTwentyAnswers(benchmark::State& state) {
  Decode(state, Answers(20), 20, BodyShape::kJson, kQuestionnaires);
}

// Not plain: read by simdjson.
void DecodeOneEscaped(benchmark::State& state) { Decode(state, Reading(1, kEscapedDevice), 1); }
void DecodeHundredEscaped(benchmark::State& state) {
  Decode(state, Readings(1, 100, kEscapedDevice), 100);
}
// The worst: all but the last were plain, and are walked again.
void DecodeHundredLastEscaped(benchmark::State& state) {
  std::string body = Readings(1, 99);
  body.back() = ',';
  Decode(state, body + Reading(100, kEscapedDevice) + "]", 100);
}

BENCHMARK(DecodeOne);
BENCHMARK(DecodeHundred);
BENCHMARK(DecodeHundredLines);
BENCHMARK(DecodeTwentyAnswers);
BENCHMARK(DecodeOneEscaped);
BENCHMARK(DecodeHundredEscaped);
BENCHMARK(DecodeHundredLastEscaped);

}  // namespace
}  // namespace sluice::micro
