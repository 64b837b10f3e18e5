#include "sluice/metrics/exposition.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sluice/base/worker_stats.h"
#include "unit/metrics/page.h"

namespace sluice {
namespace {

// A gate of two routes and as many workers as the test asks for.
class ExpositionTest : public testing::Test {
 protected:
  void StartWorkers(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      workers_.push_back(std::make_unique<WorkerStats>(2, true));
      for (LaneStats& lanes : workers_.back()->lanes) lanes.lanes.Set(1);
    }
  }
  WorkerStats& Worker(size_t i) { return *workers_[i]; }

  std::string Page() const {
    ExpositionInput input;
    for (const auto& worker : workers_) input.workers.push_back(worker.get());
    input.routes = {{.name = "/v1/vitals", .alert_rules = {"high", "low"}},
                    {.name = "/v1/questionnaires", .alert_rules = {}}};
    input.version = "1.2.3";
    return Exposition(std::move(input)).Render();
  }

  std::string Value(const std::string& series) const { return ValueOn(Page(), series); }

 private:
  std::vector<std::unique_ptr<WorkerStats>> workers_;
};

TEST_F(ExpositionTest, CountsAnswersByRouteAndCodeOverAllWorkers) {
  StartWorkers(2);
  Worker(0).routes[0].requests[200].Add(3);
  Worker(1).routes[0].requests[200].Add(4);
  Worker(1).routes[0].requests[503].Add(2);
  EXPECT_EQ(Value(R"(sluice_http_requests_total{route="/v1/vitals",code="200"})"), "7");
  EXPECT_EQ(Value(R"(sluice_http_requests_total{route="/v1/vitals",code="503"})"), "2");
}

TEST_F(ExpositionTest, NamesOnlyCodesThatOccurredButAlwaysTheSuccessOfEachRoute) {
  StartWorkers(1);
  EXPECT_EQ(Value(R"(sluice_http_requests_total{route="/v1/questionnaires",code="200"})"), "0");
  EXPECT_EQ(Value(R"(sluice_http_requests_total{route="/v1/questionnaires",code="400"})"),
            "absent");
  EXPECT_EQ(Value(R"(sluice_http_requests_total{route="none",code="200"})"), "absent");
}

TEST_F(ExpositionTest, CallsTheRouteOfUnmatchedRequestsNone) {
  StartWorkers(1);
  Worker(0).unmatched().requests[404].Add(5);
  EXPECT_EQ(Value(R"(sluice_http_requests_total{route="none",code="404"})"), "5");
}

TEST_F(ExpositionTest, ReportsEveryOutcomeOfRecordsAndTheirSum) {
  StartWorkers(2);
  for (size_t i = 0; i < 2; ++i) {
    RouteStats& route = Worker(i).routes[1];
    route.records_accepted.Add(10);
    route.records_stored.Add(7);
    route.records_refused.Add(2);
    route.records_unknown.Add(1);
    route.records_repeated.Add(3);
  }
  const std::string route = R"(route="/v1/questionnaires")";
  EXPECT_EQ(Value("sluice_records_accepted_total{" + route + "}"), "20");
  EXPECT_EQ(Value("sluice_records_total{" + route + R"(,outcome="stored"})"), "14");
  EXPECT_EQ(Value("sluice_records_total{" + route + R"(,outcome="refused"})"), "4");
  EXPECT_EQ(Value("sluice_records_total{" + route + R"(,outcome="unknown"})"), "2");
  EXPECT_EQ(Value("sluice_records_repeated_total{" + route + "}"), "6");
  EXPECT_EQ(Value(R"(sluice_records_total{route="/v1/vitals",outcome="stored"})"), "0");
  EXPECT_EQ(Value(R"(sluice_records_repeated_total{route="/v1/vitals"})"), "0");
}

TEST_F(ExpositionTest, TellsWhyRequestsWereNotLetInAndNeverWhose) {
  StartWorkers(2);
  EXPECT_EQ(Value(R"(sluice_auth_failures_total{reason="missing"})"), "0");
  const auto count = [this](size_t worker, AuthFailure failure, uint64_t n) {
    Worker(worker).auth_failures[static_cast<size_t>(failure)].Add(n);
  };
  count(0, AuthFailure::kMissing, 1);
  count(1, AuthFailure::kMissing, 2);
  count(0, AuthFailure::kUnknown, 4);
  count(0, AuthFailure::kRoute, 5);
  count(1, AuthFailure::kKey, 6);
  Worker(0).rate_limited[static_cast<size_t>(RateKind::kTokenRecords)].Add(7);
  Worker(1).rate_limited[static_cast<size_t>(RateKind::kTokenBytes)].Add(8);
  EXPECT_EQ(Value(R"(sluice_auth_failures_total{reason="missing"})"), "3");
  EXPECT_EQ(Value(R"(sluice_auth_failures_total{reason="unknown"})"), "4");
  EXPECT_EQ(Value(R"(sluice_auth_failures_total{reason="route"})"), "5");
  EXPECT_EQ(Value(R"(sluice_auth_failures_total{reason="key"})"), "6");
  EXPECT_EQ(Value(R"(sluice_rate_limited_total{limit="token_records"})"), "7");
  EXPECT_EQ(Value(R"(sluice_rate_limited_total{limit="token_bytes"})"), "8");
}

TEST_F(ExpositionTest, TurnsNanosecondsIntoCumulativeBucketsOfSeconds) {
  StartWorkers(2);
  Worker(0).routes[0].request_ns.Observe(50'000);  // on the first bound: inside it
  Worker(0).routes[0].request_ns.Observe(50'001);  // just above it
  Worker(1).routes[0].request_ns.Observe(150'000'000);
  Worker(1).routes[0].request_ns.Observe(60'000'000'000);  // above every bound
  const std::string series = R"(sluice_request_seconds_bucket{route="/v1/vitals",le=)";
  EXPECT_EQ(Value(series + "\"5e-05\"}"), "1");
  EXPECT_EQ(Value(series + "\"0.0001\"}"), "2");
  EXPECT_EQ(Value(series + "\"0.1\"}"), "2");
  EXPECT_EQ(Value(series + "\"0.2\"}"), "3");
  EXPECT_EQ(Value(series + "\"30\"}"), "3");
  EXPECT_EQ(Value(series + "\"+Inf\"}"), "4");
  EXPECT_EQ(Value(R"(sluice_request_seconds_count{route="/v1/vitals"})"), "4");
  EXPECT_EQ(Value(R"(sluice_request_seconds_sum{route="/v1/vitals"})"), "60.150100001");
}

TEST_F(ExpositionTest, CountsTheRecordsOfBatchesAsTheyAre) {
  StartWorkers(2);
  Worker(0).bulk().batch_records.Observe(1);
  Worker(1).bulk().batch_records.Observe(150);
  Worker(1).urgent().batch_records.Observe(3);
  EXPECT_EQ(Value(R"(sluice_batch_records_bucket{lane="bulk",le="1"})"), "1");
  EXPECT_EQ(Value(R"(sluice_batch_records_bucket{lane="bulk",le="100"})"), "1");
  EXPECT_EQ(Value(R"(sluice_batch_records_bucket{lane="bulk",le="200"})"), "2");
  EXPECT_EQ(Value(R"(sluice_batch_records_sum{lane="bulk"})"), "151");
  EXPECT_EQ(Value(R"(sluice_batch_records_count{lane="bulk"})"), "2");
  EXPECT_EQ(Value(R"(sluice_batch_records_sum{lane="urgent"})"), "3");
}

TEST_F(ExpositionTest, MeasuresCommitsInSeconds) {
  StartWorkers(1);
  Worker(0).bulk().commit_ns.Observe(1'500'000);
  EXPECT_EQ(Value(R"(sluice_commit_seconds_bucket{lane="bulk",le="0.001"})"), "0");
  EXPECT_EQ(Value(R"(sluice_commit_seconds_bucket{lane="bulk",le="0.002"})"), "1");
  EXPECT_EQ(Value(R"(sluice_commit_seconds_sum{lane="bulk"})"), "0.0015");
  EXPECT_EQ(Value(R"(sluice_commit_seconds_count{lane="urgent"})"), "0");
}

TEST_F(ExpositionTest, RedisIsUpOnlyWhileEveryLinkIs) {
  StartWorkers(2);
  EXPECT_EQ(Value("sluice_redis_up"), "0");
  for (size_t i = 0; i < 2; ++i) Worker(i).bulk().redis_up.Set(1);
  EXPECT_EQ(Value("sluice_redis_up"), "0");
  Worker(0).urgent().redis_up.Set(1);
  EXPECT_EQ(Value("sluice_redis_up"), "0");
  Worker(1).urgent().redis_up.Set(1);
  EXPECT_EQ(Value("sluice_redis_up"), "1");
  Worker(1).bulk().lanes.Set(2);
  EXPECT_EQ(Value("sluice_redis_up"), "0") << "one of two lanes is not up";
}

TEST_F(ExpositionTest, SumsGaugesAndShedReasonsOverWorkers) {
  StartWorkers(3);
  for (size_t i = 0; i < 3; ++i) {
    Worker(i).inflight_bytes.Set(1000);
    Worker(i).connections.Set(2);
    Worker(i).bulk().redis_reconnects.Add();
    Worker(i).urgent().redis_reconnects.Add();
    Worker(i).shed[static_cast<size_t>(ShedReason::kMemory)].Add(4);
  }
  Worker(1).shed[static_cast<size_t>(ShedReason::kConnections)].Add();
  EXPECT_EQ(Value("sluice_inflight_bytes"), "3000");
  EXPECT_EQ(Value("sluice_connections"), "6");
  EXPECT_EQ(Value("sluice_redis_reconnects_total"), "6");
  EXPECT_EQ(Value(R"(sluice_shed_total{reason="memory"})"), "12");
  EXPECT_EQ(Value(R"(sluice_shed_total{reason="connections"})"), "1");
}

TEST_F(ExpositionTest, ShowsTheJournalOfAllWorkers) {
  StartWorkers(2);
  for (size_t i = 0; i < 2; ++i) {
    JournalStats& journal = Worker(i).lanes[i].journal;  // one of either kind
    journal.bytes.Set(100);
    journal.records_written.Add(7);
    journal.records_sent.Add(5);
    journal.records_set_aside.Add(1);
    journal.failures.Add(2);
    journal.damaged_bytes.Add(30);
    journal.sync_ns.Observe(2'000'000);
  }
  EXPECT_EQ(Value("sluice_journal_bytes"), "200");
  EXPECT_EQ(Value(R"(sluice_journal_records_total{event="written"})"), "14");
  EXPECT_EQ(Value(R"(sluice_journal_records_total{event="sent"})"), "10");
  EXPECT_EQ(Value(R"(sluice_journal_records_total{event="set_aside"})"), "2");
  EXPECT_EQ(Value("sluice_journal_failures_total"), "4");
  EXPECT_EQ(Value("sluice_journal_damaged_bytes_total"), "60");
  EXPECT_EQ(Value(R"(sluice_journal_sync_seconds_bucket{le="0.001"})"), "0");
  EXPECT_EQ(Value("sluice_journal_sync_seconds_count"), "2");
}

TEST_F(ExpositionTest, CountsAlertsByRouteAndRuleFromTheStart) {
  StartWorkers(2);
  EXPECT_EQ(Value(R"(sluice_alerts_total{route="/v1/vitals",rule="high"})"), "0");
  for (size_t i = 0; i < 2; ++i) Worker(i).routes[0].alerts[1].Add(3);
  EXPECT_EQ(Value(R"(sluice_alerts_total{route="/v1/vitals",rule="high"})"), "0");
  EXPECT_EQ(Value(R"(sluice_alerts_total{route="/v1/vitals",rule="low"})"), "6");
}

TEST_F(ExpositionTest, SaysWhatBecameOfAlertsAndHowSoon) {
  StartWorkers(2);
  Worker(0).alerts.stored.Add(4);
  Worker(1).alerts.refused.Add(2);
  Worker(1).alerts.unknown.Add(1);
  Worker(0).alerts.confirm_ns.Observe(3'000'000, 4);
  EXPECT_EQ(Value(R"(sluice_alerts_settled_total{outcome="stored"})"), "4");
  EXPECT_EQ(Value(R"(sluice_alerts_settled_total{outcome="refused"})"), "2");
  EXPECT_EQ(Value(R"(sluice_alerts_settled_total{outcome="unknown"})"), "1");
  EXPECT_EQ(Value(R"(sluice_alert_seconds_bucket{le="0.002"})"), "0");
  EXPECT_EQ(Value(R"(sluice_alert_seconds_bucket{le="0.005"})"), "4");
  EXPECT_EQ(Value("sluice_alert_seconds_sum"), "0.012");
}

TEST_F(ExpositionTest, CountsHandshakesByHowTheyEnded) {
  StartWorkers(2);
  Worker(0).tls.ok.Add(3);
  Worker(1).tls.ok.Add();
  Worker(0).tls.resumed.Add(2);
  Worker(1).tls.failed.Add(5);
  EXPECT_EQ(Value(R"(sluice_tls_handshakes_total{result="ok"})"), "4");
  EXPECT_EQ(Value(R"(sluice_tls_handshakes_total{result="resumed"})"), "2");
  EXPECT_EQ(Value(R"(sluice_tls_handshakes_total{result="failed"})"), "5");
  EXPECT_EQ(Value("sluice_tls_certificate_expiry_timestamp_seconds"), "absent");
}

TEST_F(ExpositionTest, NamesTheVersionAndTheProcess) {
  StartWorkers(1);
  EXPECT_EQ(Value(R"(sluice_build_info{version="1.2.3"})"), "1");
  for (const char* name : {"process_cpu_seconds_total", "process_open_fds", "process_max_fds",
                           "process_virtual_memory_bytes", "process_resident_memory_bytes",
                           "process_start_time_seconds"}) {
    EXPECT_NE(Value(name), "absent") << name;
  }
}

TEST_F(ExpositionTest, PromtoolFindsNothingToSay) {
  StartWorkers(2);
  Worker(0).unmatched().requests[404].Add();
  Worker(0).routes[0].request_ns.Observe(1);
  EXPECT_EQ(PromtoolsComplaint(Page()), "");
}

}  // namespace
}  // namespace sluice
