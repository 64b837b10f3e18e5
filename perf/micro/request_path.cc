// request_path MODE REQUESTS: takes so many requests through a FakeWorker, by 64 sessions with one
// under way each, and sees that all are answered 200. For count_instructions.py, which counts what
// that takes. Prints the requests and their records, a name and a number a line.
// request_path --build says how it was compiled: counts of different builds are not to be compared.

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "micro/bodies.h"
#include "micro/fake_worker.h"
#include "micro/shipped_plan.h"
#include "sluice/base/limits.h"
#include "sluice/gateway/token_set.h"
#include "sluice/hash/secret_digest.h"

namespace sluice::micro {
namespace {

constexpr size_t kSessions = 64;
// That differ; then they come again.
constexpr size_t kRequests = 2 * kSessions;

struct Mode {
  std::string_view name;
  size_t records;  // a request
  EntryForm entry = EntryForm::kRecord;
  bool asks_token = false;
};

constexpr Mode kModes[] = {
    {.name = "one", .records = 1},
    {.name = "hundred", .records = 100},
    {.name = "packed", .records = 100, .entry = EntryForm::kPacked},
    {.name = "token", .records = 1, .asks_token = true},
};

// As `sluice token new` makes one.
constexpr std::string_view kSecret = "mZ3vXq1bT8cW5yR0uJ7nK2eL9aD4fG6hS-iO_pQxYzA";

std::shared_ptr<const TokenSet> OneToken() {
  std::vector<Token> tokens(1);
  tokens[0] = {.id = "a",
               .secret = DigestOfSecret(kSecret),
               .keys = KeyRule({}, {"dev-"}),
               .records = RateLimit(kTokenRateMax, kTokenRateMax),
               .bytes = RateLimit(kTokenRateMax, kTokenRateMax)};
  return std::make_shared<TokenSet>(std::move(tokens), nullptr);
}

// With what may be read behind each.
std::vector<std::string> MakeRequests(const Mode& mode) {
  std::vector<std::string> requests;
  for (size_t i = 0; i < kRequests; ++i) {
    const std::string body =
        mode.records == 1 ? Reading(i) : Readings(i * mode.records, mode.records);
    const std::string fields =
        mode.asks_token ? "Authorization: Bearer " + std::string(kSecret) + "\r\n" : "";
    requests.push_back(Post("/v1/vitals", body, fields) + std::string(kJsonPaddingBytes, '\0'));
  }
  return requests;
}

void Run(const Mode& mode, size_t request_count) {
  WorkerPlan plan = ShippedPlan(mode.entry);
  if (mode.asks_token) plan.tokens = OneToken();
  const std::vector<std::string> requests = MakeRequests(mode);
  FakeWorker worker(plan, kSessions);
  std::vector<std::string_view> round(kSessions);
  for (size_t done = 0; done < request_count; done += kSessions) {
    for (size_t i = 0; i < kSessions; ++i) {
      const std::string_view padded = requests[(done + i) % requests.size()];
      round[i] = padded.substr(0, padded.size() - kJsonPaddingBytes);
    }
    worker.Serve(round, mode.records);
  }
  const size_t records = request_count * mode.records;
  SLUICE_CHECK(worker.entries() == (mode.entry == EntryForm::kPacked ? request_count : records));
  std::printf("requests %zu\nrecords %zu\n", request_count, records);
}

int Main(std::string_view mode_name, size_t request_count) {
  if (mode_name == "--build") {
    std::puts(SLUICE_BUILD);
    return EXIT_SUCCESS;
  }
  for (const Mode& mode : kModes) {
    if (mode.name != mode_name || request_count == 0 || request_count % kSessions != 0) continue;
    Run(mode, request_count);
    return EXIT_SUCCESS;
  }
  std::fprintf(stderr, "usage: request_path one|hundred|packed|token REQUESTS, a multiple of %zu\n",
               kSessions);
  return 2;
}

}  // namespace
}  // namespace sluice::micro

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  return sluice::micro::Main(mode, argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0);
}
