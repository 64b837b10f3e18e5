// The admin port: what it serves, and that it refuses like the data port does.
#include <vector>

#include "integration/gate_fixture.h"

namespace sluice {
namespace {

class AdminTest : public GateTest {};

TEST_F(AdminTest, IsAliveAndReady) {
  StartAll();
  EXPECT_EQ(Admin("/healthz").status, 200);
  EXPECT_EQ(Admin("/readyz").status, 200);
  EXPECT_TRUE(HasDate(Admin("/healthz")));
}

TEST_F(AdminTest, IsAliveButNotReadyWithoutRedis) {
  StartGate();
  EXPECT_EQ(Admin("/healthz").status, 200);
  const HttpResponse not_ready = Admin("/readyz");
  EXPECT_TRUE(IsProblem(not_ready, 503));
  EXPECT_EQ(Metrics().Sum("sluice_redis_up"), 0);
}

TEST_F(AdminTest, RefusesOtherPathsAndMethods) {
  StartAll();
  HttpClient client(gate_->admin_port());
  EXPECT_TRUE(IsProblem(client.Get("/"), 404));
  EXPECT_TRUE(IsProblem(client.Get(kVitals), 404));
  client.Send(PostRequest("/metrics", "{}"));
  const HttpResponse refused = client.ReadResponse();
  EXPECT_TRUE(IsProblem(refused, 405));
  const std::string* allow = refused.Header("Allow");
  ASSERT_NE(allow, nullptr) << refused.raw;
  EXPECT_NE(allow->find("GET"), allow->npos) << refused.raw;
  EXPECT_TRUE(IsProblem(Post("/metrics", "{}"), 404)) << "the data port serves no metrics";
}

TEST_F(AdminTest, ShowsEveryFamilyBeforeTheFirstRequest) {
  StartAll();
  const HttpResponse response = Admin("/metrics");
  EXPECT_EQ(response.status, 200);
  const std::string* type = response.Header("Content-Type");
  ASSERT_NE(type, nullptr);
  EXPECT_TRUE(type->starts_with("text/plain; version=0.0.4")) << *type;
  const MetricsText metrics(response.body);
  for (const char* name :
       {"sluice_records_total", "sluice_batch_records_count", "sluice_commit_seconds_count",
        "sluice_request_seconds_count", "sluice_inflight_bytes", "sluice_connections",
        "sluice_shed_total", "sluice_redis_up", "sluice_redis_reconnects_total",
        "sluice_build_info", "process_cpu_seconds_total", "process_resident_memory_bytes",
        "process_open_fds", "process_start_time_seconds"}) {
    EXPECT_TRUE(metrics.Has(name)) << name;
  }
}

TEST_F(AdminTest, CountsRequestsAndRecordsByRouteAndOutcome) {
  StartAll();
  HttpClient client = Connect();
  client.Post(kVitals, "[" + Vital("a", 1) + "," + Vital("b", 2) + "]");
  client.Post(kVitals, "{}");
  client.Post("/submit_qol", QuestionAnswer("p", 1));
  client.Get("/nowhere/" + std::string(20, 'x'));
  const MetricsText metrics = Metrics();
  EXPECT_EQ(metrics.Sum("sluice_http_requests_total", {{"route", kVitals}, {"code", "200"}}), 1);
  EXPECT_EQ(metrics.Sum("sluice_http_requests_total", {{"route", kVitals}, {"code", "400"}}), 1);
  EXPECT_EQ(metrics.Sum("sluice_http_requests_total", {{"route", kQuestionnaires}}), 1);
  EXPECT_EQ(metrics.Sum("sluice_http_requests_total", {{"code", "404"}}), 1);
  EXPECT_EQ(metrics.Sum("sluice_http_requests_total"), 4);
  EXPECT_EQ(metrics.Sum("sluice_records_total", {{"route", kVitals}, {"outcome", "stored"}}), 2);
  EXPECT_EQ(metrics.Sum("sluice_records_total", {{"outcome", "stored"}}), 3);
  EXPECT_EQ(metrics.Sum("sluice_batch_records_sum"), 3);
  EXPECT_EQ(Admin("/metrics").body.find("nowhere"), std::string::npos)
      << "a path from outside became a label";
}

// ---- Its limits are the data port's ------------------------------------------------------------

TEST_F(AdminTest, TakesNoBodies) {
  StartGate("", 1);
  for (const std::string& request :
       {std::string("GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"),
        std::string("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999\r\n\r\n"),
        "GET /readyz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
            Chunked("body", 4)}) {
    HttpClient client(gate_->admin_port());
    client.Send(request);
    EXPECT_TRUE(IsProblem(client.ReadResponse(), 413)) << request;
    EXPECT_TRUE(client.ReadClose()) << request;
  }
  // Refused for more than its body, which is not read either.
  for (const char* path : {"/metrics", "/nowhere"}) {
    HttpClient client(gate_->admin_port());
    client.Send(PostRequest(path, "{}"));
    EXPECT_GE(client.ReadResponse().status, 404) << path;
    EXPECT_TRUE(client.ReadClose()) << path;
  }
}

TEST_F(AdminTest, RefusesAHeadThatIsTooLargeOrTooLate) {
  StartGate("[http]\nheader_ms = 100\n", 1);
  HttpClient large(gate_->admin_port());
  large.Send("GET /metrics HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
  EXPECT_TRUE(IsProblem(large.ReadResponse(), 431));
  HttpClient late(gate_->admin_port());
  late.Send("GET /metrics HTTP/1.1\r\nHost:");
  EXPECT_TRUE(IsProblem(late.ReadResponse(), 408));
}

TEST_F(AdminTest, ClosesIdleConnections) {
  StartGate("[http]\nidle_ms = 100\n", 1);
  HttpClient client(gate_->admin_port());
  EXPECT_EQ(client.Get("/healthz").status, 200);
  EXPECT_TRUE(client.ReadClose());
}

TEST_F(AdminTest, HasSixtyFourConnectionsAndNoMore) {
  StartGate("", 1);
  std::vector<HttpClient> clients;
  for (int i = 0; i < 64; ++i) {
    clients.emplace_back(gate_->admin_port());
    ASSERT_EQ(clients.back().Get("/healthz").status, 200) << i;
  }
  HttpClient more(gate_->admin_port());
  EXPECT_TRUE(IsProblem(more.ReadResponse(), 503));
  EXPECT_TRUE(more.ReadClose());
  clients.pop_back();
  EXPECT_TRUE(WaitFor(
      [this] {
        HttpClient next(gate_->admin_port());
        next.Send(GetRequest("/healthz"));
        return next.ReadResponse().status == 200;
      },
      "room for another"));
}

TEST_F(AdminTest, AnswersPipelinedRequestsBeyondWhatItMayOwe) {
  StartGate("", 1);
  HttpClient client(gate_->admin_port());
  std::string requests;
  for (int i = 0; i < 40; ++i) requests += GetRequest("/metrics");
  client.Send(requests);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(client.ReadResponse().status, 200) << i;
}

TEST_F(AdminTest, DoesNotCountDevicesInLabels) {
  StartAll();
  Post(kVitals, Vital("secret-device", 1));
  EXPECT_EQ(Admin("/metrics").body.find("secret-device"), std::string::npos);
  EXPECT_EQ(gate_->err().find("secret-device"), std::string::npos);
}

}  // namespace
}  // namespace sluice
