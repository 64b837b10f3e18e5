// WatchedTest: a gate with all that its metrics speak of (TLS, a journal, alert rules, two
// workers), a sluice-archive with SQLite, and the Redis between them: what deploy/prometheus
// watches.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/answer.h"
#include "support/archive.h"
#include "support/certificates.h"
#include "support/gate.h"
#include "support/http_client.h"
#include "support/metrics_text.h"
#include "support/reading.h"
#include "support/redis_server.h"
#include "support/temp_dir.h"
#include "support/tls_client.h"
#include "support/wait.h"

namespace sluice {

class WatchedTest : public testing::Test {
 protected:
  void StartWatched() {
    redis_.Start();
    const CertificateFiles files = ca_.Server();
    Gate::Options gate;
    gate.redis_url = redis_.url();
    gate.config = "[tls]\ncertificate = '" + files.certificate + "'\nkey = '" + files.key +
                  "'\n[journal]\ndir = '" + dir_.File("journal") + "'\nafter_ms = 1000\n";
    gate_ = std::make_unique<Gate>(gate);
    archive_ = std::make_unique<Archive>(
        Archive::Options{.redis_url = redis_.url(),
                         .database_url = "sqlite://" + dir_.File("archive.db"),
                         .config = "[archive]\nage_ms_max = 0\n",
                         .args = {}});
    ASSERT_TRUE(WaitFor([this] { return AdminStatus("/readyz") == 200; }, "the gate's readiness"));
    ASSERT_TRUE(WaitFor([this] { return archive_->ReadyStatus() == 200; }, "the archive's"));
  }

  void TearDown() override {
    if (archive_ != nullptr) {
      EXPECT_EQ(archive_->Stop(), 0) << archive_->err();
    }
    if (gate_ != nullptr) {
      EXPECT_EQ(gate_->Stop(), 0) << gate_->err();
    }
  }

  int AdminStatus(std::string_view path) const {
    return HttpClient(gate_->admin_port()).Get(path).status;
  }
  MetricsText GateMetrics() const {
    return MetricsText(HttpClient(gate_->admin_port()).Get("/metrics").body);
  }

  // On a connection of its own.
  HttpResponse Post(std::string_view path, std::string_view body) const {
    TlsClient client(gate_->port(), {.ca = ca_.file()});
    EXPECT_TRUE(client.Handshake()) << client.peer().error();
    return client.Post(path, body);
  }

  // Something of every kind that there is a metric for, but for load: records stored, repeated,
  // bad, lost on their way, alerts; all of it over the journal too; and an entry that is no row.
  void SendEverything() {
    constexpr std::string_view kAnswer =
        R"({"patient_id":"p","question_id":"q","answer":3,"submit_time":"2026-01-31T08:00:00Z"})";
    const std::string readings = ReadingsJson(0, {Reading::kNormal, Reading::kFastHeart});
    EXPECT_EQ(Post("/v1/vitals", readings).status, 200);
    EXPECT_EQ(Post("/v1/questionnaires", kAnswer).status, 200);
    EXPECT_EQ(Post("/v1/questionnaires", kAnswer).status, 200);
    EXPECT_EQ(Post("/v1/vitals", "{}").status, 400);
    EXPECT_EQ(Post("/v1/nothing", readings).status, 404);
    redis_.client().Do({"XADD", "vitals", "*", "no", "reading"});
    redis_.Pause();
    EXPECT_EQ(BodyText(Post("/v1/vitals", readings), "stored"), "journal");
    redis_.Continue();
  }

  TempDir dir_;
  CertificateAuthority ca_{dir_, "ca"};
  RedisServer redis_;
  std::unique_ptr<Gate> gate_;
  std::unique_ptr<Archive> archive_;
};

}  // namespace sluice
