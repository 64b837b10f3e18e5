// Alerts while the bulk links are held still and the bulk budget is full: each stands in the alert
// stream at once, while nothing before it is confirmed, and bulk is shed; on release every request
// that was taken is stored once.
#include <algorithm>

#include "fault/urgent_fixture.h"

namespace sluice {
namespace {

using enum Reading;

class UrgentHeldTest : public UrgentTest {
 protected:
  void StartHeld(const std::string& more_config = "", unsigned workers = 1) {
    StartUrgent(kHeldStill + more_config, workers);
    stored_before_ = StoredRecords();
    relay_->Freeze(RelayDirection::kFromRedis, RelayLinks::kUnmarked);
    FillBulk();
  }

  // Urgent requests of all shapes; those of one call go on one connection.
  std::vector<std::vector<Reading>> UrgentRequests(int i) {
    switch (i % 6) {
      case 0:
        return {{kFastHeart}};
      case 1:
        return {{kNormal, kNormal, kLowOxygen, kNormal}};
      case 2:
        return {{kSlowHeartAndLowOxygen}};
      case 3:
        return {{kFastHeart}, {kLowOxygen, kFastHeart}};
      case 4:
        return {{kFastHeart}, {kNormal, kNormal}, {kNormal, kSlowHeartAndLowOxygen}};
      default:
        return {{kLowOxygen, kNormal, kSlowHeartAndLowOxygen, kFastHeart}};
    }
  }
  static size_t CountAlerts(const std::vector<std::vector<Reading>>& requests) {
    size_t alerts = 0;
    for (const auto& readings : requests) {
      for (const Reading reading : readings) alerts += RulesMet(reading).size();
    }
    return alerts;
  }

  // Posts them and waits for their alerts, which say when they came.
  void PostUrgent(const std::vector<std::vector<Reading>>& requests) {
    const size_t alerts = CountAlerts(requests);
    const auto before = static_cast<size_t>(Length("alerts"));
    const int64_t begin_ms = WallMs();
    held_.push_back(Post(requests));
    ASSERT_TRUE(WaitAlerts(before + alerts));
    const int64_t end_ms = WallMs();
    const std::vector<Fields> entries = Stored("alerts");
    ASSERT_EQ(entries.size(), before + alerts);
    for (size_t i = before; i < entries.size(); ++i) {
      ASSERT_EQ(entries[i].at(2).first, "received_ms");
      EXPECT_GE(std::stoll(entries[i][2].second), begin_ms);
      EXPECT_LE(std::stoll(entries[i][2].second), end_ms);
    }
  }
  void ExpectNothingConfirmed() {
    EXPECT_EQ(StoredRecords(), stored_before_);
    for (const Posted& posted : held_) EXPECT_FALSE(posted.client.Readable()) << "an answer";
  }
  void ExpectBulkShed() {
    const uint64_t first = witness_.Ask(1);
    const HttpResponse response = Connect().Post(kVitals, ReadingJson(first, kNormal));
    EXPECT_TRUE(IsUnavailable(response, "not_stored"));
    witness_.Answer(first, 1, response);
  }
  // Lets the bulk links go: what the held requests were told, in order.
  std::vector<std::vector<Told>> Release() {
    relay_->Pass();
    std::vector<std::vector<Told>> told;
    for (Posted& posted : held_) told.push_back(Read(posted));
    held_.clear();
    return told;
  }
  void ExpectAllTrue() {
    EXPECT_TRUE(WaitSettled());
    ExpectAnswersTrue();
    EXPECT_EQ(witness_.Count(Told::kUnknown), 0u);
    EXPECT_EQ(witness_.Count(Told::kNothing), 0u);
    EXPECT_EQ(Length("vitals"), static_cast<int64_t>(witness_.stored_count()));
  }

  void AlertsPassBulk(unsigned workers) {
    StartHeld("", workers);
    const auto first_alerts = static_cast<double>(Length("alerts"));
    const uint64_t first_asked = witness_.alerts_asked();
    const size_t bulk = held_.size();
    for (int i = 0; i < 36; ++i) {
      PostUrgent(UrgentRequests(i));
      if (HasFatalFailure()) return;
      if (i % 6 == 0) ExpectBulkShed();
      ExpectNothingConfirmed();
    }
    const auto alerts = static_cast<double>(witness_.alerts_asked() - first_asked);
    EXPECT_EQ(SettledAlerts("stored"), first_alerts + alerts);
    EXPECT_EQ(Metrics().Sum("sluice_alert_seconds_count"), first_alerts + alerts);
    EXPECT_EQ(Metrics().Sum("sluice_alerts_total", {{"route", kVitals}}), first_alerts + alerts);
    EXPECT_TRUE(witness_.CheckAlerts(redis_.client().ReadStream("alerts")));

    const std::vector<std::vector<Told>> told = Release();
    for (size_t i = 0; i < told.size(); ++i) {
      for (size_t j = 0; j < told[i].size(); ++j) {
        // Between two urgent requests of a connection stands one that is not.
        const bool shed = i >= bulk && (i - bulk) % 6 == 4 && j == 1;
        EXPECT_EQ(told[i][j], shed ? Told::kNotStored : Told::kStored) << i << " " << j;
      }
    }
    ExpectAllTrue();
    EXPECT_EQ(Length("alerts"), static_cast<int64_t>(first_alerts + alerts));
    EXPECT_EQ(StopGate().stored, witness_.stored_count());
  }

  double stored_before_ = 0;
};

TEST_F(UrgentHeldTest, AlertsStandWhileBulkIsUnconfirmedAndShed) { AlertsPassBulk(1); }

TEST_F(UrgentHeldTest, OnEachOfSeveralWorkersToo) { AlertsPassBulk(2); }

// A body with one reading, as long as wanted.
std::string Padded(const std::string& json, size_t bytes) {
  return json + std::string(bytes - json.size(), ' ');
}

TEST_F(UrgentHeldTest, OverTheBulkLimitABodyIsReadUpToItsBound) {
  StartHeld();
  const auto before = static_cast<uint64_t>(Length("alerts"));
  const std::string head =
      "POST /v1/vitals HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: chunked\r\n\r\n";
  const auto request = [&](uint64_t number, Reading reading, size_t bytes, bool chunked) {
    const std::string body = Padded(ReadingJson(number, reading), bytes);
    return chunked ? head + Chunked(body, 1'000) : PostRequest(kVitals, body);
  };
  uint64_t taken = 0;
  for (const bool chunked : {false, true}) {
    const uint64_t at = witness_.Ask({kFastHeart});
    held_.push_back({.client = Connect(), .requests = {{at, 1}}});
    held_.back().client.Send(request(at, kFastHeart, kHeldBodyBytesMax, chunked));
    EXPECT_TRUE(WaitAlerts(before + ++taken));
    for (const auto& [reading, bytes] :
         {std::pair{kFastHeart, kHeldBodyBytesMax + 1}, std::pair{kNormal, kHeldBodyBytesMax}}) {
      const uint64_t number = witness_.Ask({reading});
      HttpClient client = Connect();
      client.Send(request(number, reading, bytes, chunked));
      const HttpResponse response = client.ReadResponse();
      EXPECT_TRUE(IsUnavailable(response, "not_stored")) << bytes;
      witness_.Answer(number, 1, response);
    }
  }
  ExpectNothingConfirmed();
  EXPECT_EQ(Length("alerts"), static_cast<int64_t>(before + taken));
  for (const auto& told : Release()) EXPECT_EQ(told, std::vector<Told>{Told::kStored});
  ExpectAllTrue();
}

TEST_F(UrgentHeldTest, TheReserveIsBoundedToo) {
  StartHeld();
  size_t rss_bytes = 0;
  size_t taken = 0;
  size_t shed = 0;
  for (int i = 0; i < 1'500; ++i) {
    const double before = InflightBytes();
    Posted posted = Post({{kFastHeart}});
    ASSERT_TRUE(WaitFor([&] { return posted.client.Readable() || InflightBytes() > before; },
                        "an urgent request to be taken or shed"));
    rss_bytes = std::max(rss_bytes, gate_->RssBytes());
    EXPECT_LE(InflightBytes(), static_cast<double>(kHeldBudgetBytes));
    if (posted.client.Readable()) {
      ++shed;
      EXPECT_EQ(Read(posted), std::vector<Told>{Told::kNotStored});
      if (shed == 100) break;
    } else {
      ++taken;
      held_.push_back(std::move(posted));
    }
  }
  EXPECT_EQ(shed, 100u) << taken << " urgent requests were taken";
  // Each takes a reading's bytes twice and what keeps track of it.
  EXPECT_GT(taken, kHeldReserveBytes / 2'000);
  EXPECT_LT(taken, kHeldReserveBytes / 500);
  if (!kSanitized) {
    EXPECT_LE(rss_bytes, kHeldBudgetBytes + 32 * kMiB);
  }
  ExpectNothingConfirmed();
  for (const auto& told : Release()) EXPECT_EQ(told, std::vector<Told>{Told::kStored});
  ExpectAllTrue();
}

TEST_F(UrgentHeldTest, WithoutAReserveAlertsAreShedAsAllElse) {
  StartHeld("[urgent]\nreserve_bytes = 0\n");
  const int64_t before = Length("alerts");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(PostAndRead({kSlowHeartAndLowOxygen}), Told::kNotStored);
    ExpectBulkShed();
  }
  EXPECT_EQ(Length("alerts"), before);
  for (const auto& told : Release()) EXPECT_EQ(told, std::vector<Told>{Told::kStored});
  EXPECT_EQ(PostAndRead({kSlowHeartAndLowOxygen}), Told::kStored);
  ExpectAllTrue();
}

}  // namespace
}  // namespace sluice
