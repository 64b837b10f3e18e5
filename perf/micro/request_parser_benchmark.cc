// What a request costs to parse, by what is known of its head and by how it was cut.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "micro/bodies.h"
#include "micro/costs.h"
#include "sluice/base/check.h"
#include "sluice/base/limits.h"
#include "sluice/http/request_parser.h"

namespace sluice::micro {
namespace {

constexpr char kCost[] = "a_request";

class CountedEvents final : public RequestEvents {
 public:
  void OnRequestStart() override {}
  void OnHead(const RequestHead& head) override { benchmark::DoNotOptimize(&head); }
  void OnBody(std::string_view bytes) override { body_bytes_ += bytes.size(); }
  void OnRequestEnd() override { ++requests_; }

  size_t requests() const { return requests_; }
  size_t body_bytes() const { return body_bytes_; }

 private:
  size_t requests_ = 0;
  size_t body_bytes_ = 0;
};

// Feeds each of `reads` in turn, an iteration each, in pieces of `piece_bytes`.
void Parse(benchmark::State& state, const std::vector<std::string>& reads, size_t requests_a_read,
           size_t piece_bytes = SIZE_MAX) {
  const ParserLimits limits{kHeaderBytesMax, kHeaderCountMax};
  ParserRoom room;
  CountedEvents events;
  RequestParser parser(limits, room, events);
  parser.Feed(reads.back());  // a head that can be known is
  size_t next = 0;
  for (auto iteration : state) {
    std::string_view rest = reads[next];
    if (++next == reads.size()) next = 0;
    while (!rest.empty()) {
      const size_t taken = parser.Feed(rest.substr(0, piece_bytes));
      rest.remove_prefix(taken);
    }
  }
  const auto iterations = static_cast<size_t>(state.iterations());
  SLUICE_CHECK(events.requests() == (iterations + 1) * requests_a_read);
  SLUICE_CHECK(events.body_bytes() > events.requests());
  SayCosts(state, kCost, requests_a_read, reads.back().size());
}

std::string OneRequest(std::string_view fields = {}) {
  return Post("/v1/vitals", Reading(1), fields);
}

// As every device's but for its first request.
void ParseKnownHead(benchmark::State& state) { Parse(state, {OneRequest()}, 1); }

// Something in it changes from request to request, so that none is known, and llhttp reads each.
void ParseUnknownHead(benchmark::State& state) {
  std::vector<std::string> reads;
  for (size_t i = 0; i < 2 * kKnownHeadsMax; ++i) {
    reads.push_back(OneRequest("X-Request-Id: " + Digits(i, 8) + "\r\n"));
  }
  Parse(state, reads, 1);
}

void ParsePipelined(benchmark::State& state) {
  constexpr size_t kRequests = 16;
  std::string read;
  for (size_t i = 0; i < kRequests; ++i) read += OneRequest();
  Parse(state, {read}, kRequests);
}

void ParseCutInTheHead(benchmark::State& state) {
  const std::string request = OneRequest();
  Parse(state, {request}, 1, request.size() / 3);
}

void ParseByteByByte(benchmark::State& state) { Parse(state, {OneRequest()}, 1, 1); }

BENCHMARK(ParseKnownHead);
BENCHMARK(ParseUnknownHead);
BENCHMARK(ParsePipelined);
BENCHMARK(ParseCutInTheHead);
BENCHMARK(ParseByteByByte);

}  // namespace
}  // namespace sluice::micro
