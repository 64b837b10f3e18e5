// Many connections, pipelined, with records of all shapes and some of them bad: what was answered
// 200 is in its stream exactly once and as it was sent, what was answered 400 left nothing, and
// ledger, metrics and streams agree. SLUICE_LOAD_RECORDS sets another number of records than
// 200,000.
#include <atomic>
#include <cstdlib>
#include <exception>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "integration/gate_fixture.h"
#include "sluice/base/random.h"
#include "support/load_client.h"
#include "support/process.h"

namespace sluice {
namespace {

constexpr uint64_t kSeed = 20'260'131;
constexpr size_t kThreads = 2;
constexpr size_t kConnections = 64;
constexpr size_t kPipelineDepth = 4;

size_t RecordCount() {
  const char* count = std::getenv("SLUICE_LOAD_RECORDS");
  return count != nullptr ? std::stoul(count) : 200'000;
}

// Record n of the run, wherever it is asked for: as JSON and as the entry it becomes.
struct Reading {
  explicit Reading(uint64_t n) {
    Random random(kSeed ^ n);
    const std::string device = "device-" + std::to_string(n);
    const std::string timestamp = std::to_string(1'700'000'000'000 + n);
    const bool camel = random.Below(4) == 0;
    const bool quoted = random.Below(4) == 0;
    const uint64_t kind = random.Below(3);
    entry = {{"device_id", device}, {"timestamp", timestamp}};
    json = (camel ? R"({"deviceId":")" : R"({"device_id":")") + device + R"(","timestamp":)";
    json += quoted ? "\"" + timestamp + "\"" : timestamp;
    if (kind != 1) {
      const uint64_t heart_rate = random.Below(300);
      entry.emplace_back("heart_rate", std::to_string(heart_rate) + "." + std::to_string(n % 10));
      const bool above = heart_rate > 150 || (heart_rate == 150 && n % 10 > 0);
      if (heart_rate < 40 || above) rules.emplace_back("heart-rate");
      json += (camel ? R"(,"heartRate":)" : R"(,"heart_rate":)") + entry.back().second;
    }
    if (kind != 0) {
      const uint64_t blood_oxygen = random.Below(101);
      entry.emplace_back("blood_oxygen", std::to_string(blood_oxygen));
      if (blood_oxygen < 90) rules.emplace_back("blood-oxygen");
      json += (camel ? R"(,"bloodOxygen":)" : R"(,"blood_oxygen":)") + entry.back().second;
    }
    json += "}";
  }

  std::string json;
  Fields entry;
  std::vector<std::string> rules;  // that it meets
};

// One thread's share of the records, cut into requests of 1 to 16 records; one in ten is bad.
class VitalsSource : public LoadSource {
 public:
  VitalsSource(uint64_t begin, uint64_t end, std::atomic<uint64_t>* answered)
      : begin_(begin), next_(begin), end_(end), answered_(answered), random_(kSeed + begin) {
    stored_.resize(end - begin);
  }

  bool Next(std::string* bytes, uint64_t* id) override {
    if (next_ == end_) return false;
    Request request;
    request.first = next_;
    request.bad = random_.Below(10) == 0;
    const uint64_t shape = random_.Below(6);
    const uint64_t most = shape < 3 ? 1 : 2 + random_.Below(15);  // half the requests carry one
    request.count = std::min(most, end_ - next_);
    next_ += request.count;
    *id = requests_.size();
    requests_.push_back(request);
    *bytes += Bytes(request, shape);
    return true;
  }

  void OnAnswer(uint64_t id, const HttpResponse& response) override {
    const Request& request = requests_[id];
    const bool good = response.status == 200 &&
                      response.body.ends_with(":" + std::to_string(request.count) + "}");
    const bool as_expected = request.bad ? response.status == 400 : good;
    if (!as_expected && surprises_.size() < 5) {
      surprises_.push_back("request " + std::to_string(id) + ": " + response.raw);
    }
    surprise_count_ += as_expected ? 0 : 1;
    answers_[response.status == 200 ? 0 : 1] += 1;
    for (uint64_t i = 0; i < request.count; ++i) {
      stored_[request.first - begin_ + i] = response.status == 200;
    }
    answered_->fetch_add(request.count, std::memory_order_relaxed);
  }

  bool IsStored(uint64_t n) const { return stored_[n - begin_]; }
  uint64_t accepted_answers() const { return answers_[0]; }
  uint64_t refused_answers() const { return answers_[1]; }
  uint64_t surprise_count() const { return surprise_count_; }
  const std::vector<std::string>& surprises() const { return surprises_; }

 private:
  struct Request {
    uint64_t first = 0;
    uint64_t count = 0;
    bool bad = false;
  };

  std::string Bytes(const Request& request, uint64_t shape) {
    // The bad record stands anywhere: what is before it has been taken when it is met.
    const uint64_t bad_one = request.bad ? random_.Below(request.count) : request.count;
    std::string records;
    for (uint64_t i = 0; i < request.count; ++i) {
      std::string record = Reading(request.first + i).json;
      if (i == bad_one) record.insert(record.size() - 1, R"(,"timestamp":0)");
      if (i > 0) records += shape == 5 ? "\n" : ",";
      records += record;
    }
    switch (shape) {
      case 0:
        return PostRequest(kVitals, records);
      case 1:
        return PostRequest(kVitals, R"({"data":)" + records + "}");
      case 2:
        return "POST /v1/vitals HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n" +
               Chunked(records, 40);
      case 3:
        return PostRequest(kVitals, "[" + records + "]");
      case 4:
        return PostRequest(kVitals, R"({"data":[)" + records + "]}");
      default:
        return PostRequest(kVitals, records + "\n", kNdjson);
    }
  }

  uint64_t begin_;
  uint64_t next_;
  uint64_t end_;
  std::atomic<uint64_t>* answered_;
  Random random_;
  std::vector<Request> requests_;
  std::vector<bool> stored_;
  std::vector<std::string> surprises_;
  uint64_t surprise_count_ = 0;
  uint64_t answers_[2] = {0, 0};
};

class LoadTest : public GateTest {
 protected:
  // Runs all sources to their end, each in a thread; scrapes when half is done.
  void Drive(std::vector<std::unique_ptr<VitalsSource>>& sources, size_t records) {
    std::vector<std::exception_ptr> errors(sources.size());
    std::vector<std::thread> threads;
    std::atomic<size_t> running = sources.size();
    for (size_t i = 0; i < sources.size(); ++i) {
      threads.emplace_back([&, i] {
        try {
          LoadClient(gate_->port(), kConnections / kThreads, kPipelineDepth).Run(sources[i].get());
        } catch (...) {
          errors[i] = std::current_exception();
        }
        --running;
      });
    }
    // Should the bound pass first: later is under load as well.
    (void)WaitFor([&] { return running == 0 || answered_ >= records / 2; }, "half of the load");
    scrape_under_load_ = Admin("/metrics").body;
    for (std::thread& thread : threads) thread.join();
    for (const std::exception_ptr& error : errors) {
      if (error) std::rethrow_exception(error);
    }
  }

  // Every entry is a record that was answered 200, as it was sent, and none is there twice.
  uint64_t CheckEntries(const std::vector<std::unique_ptr<VitalsSource>>& sources, size_t records) {
    const size_t share = records / kThreads;
    std::vector<bool> seen(records);
    uint64_t wrong = 0;
    const std::vector<StreamEntry> entries = redis_.client().ReadStream("vitals");
    for (const StreamEntry& entry : entries) {
      const uint64_t n = std::stoull(entry.fields.at(0).second.substr(sizeof "device-" - 1));
      const size_t source = std::min<size_t>(n / share, kThreads - 1);
      const bool right = n < records && !seen[n] && sources[source]->IsStored(n) &&
                         entry.fields == Reading(n).entry;
      if (n < records) seen[n] = true;
      if (!right && ++wrong <= 5) ADD_FAILURE() << "entry " << entry.id << " of record " << n;
    }
    for (uint64_t n = 0; n < records; ++n) {
      const size_t source = std::min<size_t>(n / share, kThreads - 1);
      if (sources[source]->IsStored(n) && !seen[n] && ++wrong <= 5) {
        ADD_FAILURE() << "record " << n << " was answered 200 and is not in the stream";
      }
    }
    EXPECT_EQ(wrong, 0u);
    return entries.size();
  }

  // Every alert is of a record that was answered 200 and meets its rule, and none is there twice or
  // missing.
  uint64_t CheckAlerts(const std::vector<std::unique_ptr<VitalsSource>>& sources, size_t records) {
    const size_t share = records / kThreads;
    std::set<std::pair<uint64_t, std::string>> expected;
    for (uint64_t n = 0; n < records; ++n) {
      if (!sources[std::min<size_t>(n / share, kThreads - 1)]->IsStored(n)) continue;
      for (const std::string& rule : Reading(n).rules) expected.emplace(n, rule);
    }
    const size_t count = expected.size();
    uint64_t wrong = 0;
    for (const StreamEntry& alert : redis_.client().ReadStream("alerts")) {
      const uint64_t n = std::stoull(alert.fields.at(3).second.substr(sizeof "device-" - 1));
      const bool own = expected.erase({n, alert.fields[0].second}) == 1 &&
                       alert.fields[1].second == kVitals &&
                       Fields(alert.fields.begin() + 3, alert.fields.end()) == Reading(n).entry;
      if (!own && ++wrong <= 5) ADD_FAILURE() << "alert " << alert.id << " of record " << n;
    }
    EXPECT_EQ(wrong, 0u);
    EXPECT_EQ(expected.size(), 0u) << "alerts that are missing";
    return count;
  }

  std::atomic<uint64_t> answered_ = 0;
  std::string scrape_under_load_;
};

void ExpectGoodExposition(const std::string& scrape) {
  Process promtool({.args = {"promtool", "check", "metrics"}, .environment = {}, .input = scrape});
  EXPECT_EQ(promtool.WaitExit(), 0) << "promtool is in Debian's package prometheus";
  EXPECT_EQ(promtool.out() + promtool.err(), "") << "for:\n" << scrape;
}

TEST_F(LoadTest, StoresEveryAcceptedRecordOnceAndNothingElse) {
  StartAll();
  const size_t records = RecordCount();
  std::vector<std::unique_ptr<VitalsSource>> sources;
  for (size_t i = 0; i < kThreads; ++i) {
    const size_t share = records / kThreads;
    const size_t end = i + 1 == kThreads ? records : (i + 1) * share;
    sources.push_back(std::make_unique<VitalsSource>(i * share, end, &answered_));
  }
  Drive(sources, records);
  ExpectGoodExposition(scrape_under_load_);

  uint64_t accepted_answers = 0;
  uint64_t refused_answers = 0;
  for (const auto& source : sources) {
    for (const std::string& surprise : source->surprises()) ADD_FAILURE() << surprise;
    EXPECT_EQ(source->surprise_count(), 0u);
    accepted_answers += source->accepted_answers();
    refused_answers += source->refused_answers();
  }
  const uint64_t stored = CheckEntries(sources, records);

  const MetricsText metrics = Metrics();
  const auto count = [&](const char* name, const MetricsText::Labels& labels) {
    return static_cast<uint64_t>(metrics.Sum(name, labels));
  };
  EXPECT_EQ(count("sluice_http_requests_total", {{"code", "200"}}), accepted_answers);
  EXPECT_EQ(count("sluice_http_requests_total", {{"code", "400"}}), refused_answers);
  EXPECT_EQ(count("sluice_records_total", {{"outcome", "stored"}}), stored);
  EXPECT_EQ(count("sluice_batch_records_sum", {{"lane", "bulk"}}), stored);
  const uint64_t alerts = CheckAlerts(sources, records);
  EXPECT_EQ(count("sluice_batch_records_sum", {{"lane", "urgent"}}), alerts);
  EXPECT_EQ(count("sluice_alerts_total", {}), alerts);
  EXPECT_EQ(count("sluice_alerts_settled_total", {{"outcome", "stored"}}), alerts);
  EXPECT_EQ(count("sluice_alert_seconds_count", {}), alerts);
  EXPECT_EQ(count("sluice_inflight_bytes", {}), 0u);

  const LedgerLine ledger = StopGate();
  EXPECT_EQ(ledger.stored, stored);
  EXPECT_EQ(ledger.stored, static_cast<uint64_t>(Length("vitals")));
  EXPECT_EQ(ledger.accepted, stored) << "something was refused or unknown";
}

}  // namespace
}  // namespace sluice
