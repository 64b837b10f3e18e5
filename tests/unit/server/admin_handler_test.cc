#include "server/admin_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/base/worker_stats.h"
#include "sluice/gateway/session_table.h"
#include "sluice/metrics/exposition.h"
#include "support/fake_clock.h"
#include "support/fake_stream.h"
#include "support/http_response.h"
#include "support/json.h"

namespace sluice {
namespace {

using testing::HasSubstr;

// The admin port's pages as a client sees them: each request on a connection of its own.
class AdminHandlerTest : public testing::Test, public Readiness {
 protected:
  HttpResponse Ask(std::string_view method, std::string_view path, std::string_view rest = "\r\n") {
    auto wire = std::make_shared<FakeWire>();
    std::optional<ShedReason> shed;
    wire->handler = &table_.Adopt(std::make_unique<FakeStream>(wire), shed);
    wire->reading = true;
    wire->Say(std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" +
              std::string(rest));
    table_.Flush();
    const bool head = method == "HEAD";
    HttpResponseReader reader;
    reader.Append(wire->sent);
    auto answer =
        reader.Take(head ? HttpResponseReader::Body::kNone : HttpResponseReader::Body::kMeasured);
    EXPECT_EQ(reader.rest(), "");
    wire->FinishClose();
    return answer ? std::move(*answer) : HttpResponse();
  }

  bool ready() const override { return ready_; }

  bool ready_ = true;
  WorkerStats stats_{1};

 private:
  FakeClock clock_;
  TurnClock turn_clock_{clock_};
  Exposition exposition_{{.workers = {&stats_},
                          .routes = {{.name = "/v1/vitals", .alert_rules = {}}},
                          .version = "9.9"}};
  AdminHandler handler_{exposition_, *this};
  SessionTable table_{{.parser = {.head_bytes_max = 1'000, .header_count_max = 10},
                       .body_bytes_max = 0,
                       .connections_max = 10,
                       .pipeline_max = 8,
                       .idle_ms = 10'000,
                       .header_ms = 2'000,
                       .body_ms = 3'000},
                      turn_clock_,
                      handler_};
};

TEST_F(AdminHandlerTest, MetricsArePrometheusText) {
  stats_.routes[0].records_stored.Add(17);
  const HttpResponse answer = Ask("GET", "/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.Says("Content-Type", "text/plain; version=0.0.4; charset=utf-8"));
  EXPECT_THAT(answer.body,
              HasSubstr(R"(sluice_records_total{route="/v1/vitals",outcome="stored"} 17)"));
  EXPECT_EQ(answer.Header("Connection"), nullptr) << "a scraper keeps its connection";
}

TEST_F(AdminHandlerTest, HealthIsOkWhateverTheReadiness) {
  for (const bool ready : {true, false}) {
    ready_ = ready;
    const HttpResponse answer = Ask("GET", "/healthz");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "ok\n");
    EXPECT_TRUE(answer.Says("Content-Type", "text/plain; charset=utf-8"));
  }
}

TEST_F(AdminHandlerTest, ReadinessIsOkOr503) {
  EXPECT_EQ(Ask("GET", "/readyz").status, 200);
  EXPECT_EQ(Ask("GET", "/readyz").body, "ok\n");
  ready_ = false;
  const HttpResponse answer = Ask("GET", "/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.Says("Retry-After", "1"));
  EXPECT_TRUE(answer.Says("Content-Type", "application/problem+json"));
  EXPECT_EQ(Json::Parse(answer.body).Text("status"), "503");
}

TEST_F(AdminHandlerTest, HeadIsGetWithoutTheBody) {
  for (const char* path : {"/metrics", "/healthz", "/readyz"}) {
    const HttpResponse answer = Ask("HEAD", path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_NE(*answer.Header("Content-Length"), "0") << path;
    EXPECT_EQ(answer.body, "");
  }
  ready_ = false;
  EXPECT_EQ(Ask("HEAD", "/readyz").status, 503);
}

TEST_F(AdminHandlerTest, AnotherPathIs404) {
  for (const char* path : {"/", "/metrics/", "/health", "/v1/vitals", "/METRICS"}) {
    EXPECT_EQ(Ask("GET", path).status, 404) << path;
  }
  EXPECT_EQ(Ask("GET", "/metrics?name[]=up").status, 200) << "a query is ignored";
}

TEST_F(AdminHandlerTest, AnotherMethodIs405WithAllow) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    const HttpResponse answer = Ask(method, "/metrics", "Content-Length: 0\r\n\r\n");
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_TRUE(answer.Says("Allow", "GET, HEAD")) << method;
  }
}

TEST_F(AdminHandlerTest, ABodyIsRefusedAndEndsTheConnection) {
  for (const char* rest : {"Content-Length: 1\r\n\r\nx", "Transfer-Encoding: chunked\r\n\r\n"}) {
    const HttpResponse answer = Ask("GET", "/healthz", rest);
    EXPECT_EQ(answer.status, 413) << rest;
    EXPECT_TRUE(answer.Says("Connection", "close"));
  }
  EXPECT_EQ(Ask("GET", "/healthz", "Content-Length: 0\r\n\r\n").status, 200);
}

}  // namespace
}  // namespace sluice
