// How records travel between answer and Redis: acknowledged from memory, in batches of any setting,
// and refused before they are too many to hold.
#include <algorithm>

#include "integration/gate_fixture.h"

namespace sluice {
namespace {

class DeliveryTest : public TcpRedisTest {};

constexpr char kMemoryAck[] = "[delivery]\nack = \"memory\"\n";

TEST_F(DeliveryTest, AcknowledgesFromMemoryWhileRedisIsPaused) {
  StartAllOnTcp(kMemoryAck);
  redis_.Pause();
  HttpClient client = Connect();
  EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("a", 1)), 1, 202));
  EXPECT_TRUE(IsAccepted(client.Post(kQuestionnaires, QuestionAnswer("p", 1)), 1, 202));
  EXPECT_TRUE(
      IsAccepted(client.Post(kVitals, "[" + Vital("b", 2) + "," + Vital("c", 3) + "]"), 2, 202));
  redis_.Continue();
  ASSERT_TRUE(WaitFor([this] { return Length("vitals") == 3; }, "the vitals to arrive"));
  EXPECT_EQ(Stored("vitals"),
            (std::vector<Fields>{VitalEntry("a", 1), VitalEntry("b", 2), VitalEntry("c", 3)}));
  EXPECT_EQ(StopGate().stored, 4u);
  EXPECT_EQ(Length("questionnaires"), 1);
}

TEST_F(DeliveryTest, AcknowledgesFromMemoryBeforeRedisIsThere) {
  StartGateOn(redis_.url(), kMemoryAck, 1);
  HttpClient client = Connect();
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("d", i)), 1, 202));
  }
  redis_.Start();
  ASSERT_TRUE(WaitFor([this] { return Length("vitals") == 50; }, "the records to arrive"));
  const std::vector<Fields> stored = Stored("vitals");
  for (int i = 0; i < 50; ++i) EXPECT_EQ(stored[static_cast<size_t>(i)], VitalEntry("d", i));
}

TEST_F(DeliveryTest, ChecksRecordsBeforeItAcknowledgesFromMemory) {
  StartAllOnTcp(kMemoryAck);
  EXPECT_TRUE(IsProblem(Post(kVitals, "[" + Vital("a", 1) + ",{}]"), 400));
  const LedgerLine ledger = StopGate();
  EXPECT_EQ(ledger.accepted, 0u);
  EXPECT_EQ(Length("vitals"), 0);
}

TEST_F(DeliveryTest, ARouteMayAcknowledgeOtherwise) {
  StartAllOnTcp(R"(
[[route]]
path = "/fast"
stream = "fast"
ack = "memory"
field = [ { name = "id", type = "string", key = true, required = true } ]
[[route]]
path = "/sure"
stream = "sure"
field = [ { name = "id", type = "string", key = true, required = true } ]
)");
  redis_.Pause();
  HttpClient sure = Connect();
  sure.Send(PostRequest("/sure", R"({"id":"1"})"));
  EXPECT_TRUE(IsAccepted(Post("/fast", R"({"id":"2"})"), 1, 202));
  EXPECT_FALSE(sure.Readable()) << "answered before Redis confirmed";
  redis_.Continue();
  EXPECT_TRUE(IsAccepted(sure.ReadResponse(), 1));
  EXPECT_EQ(StopGate().stored, 2u);
}

TEST_F(DeliveryTest, ShedsOnTheLiveConnectionWhenItHoldsEnough) {
  StartAllOnTcp(
      "[http]\nbody_bytes_max = 8192\n[delivery]\ninflight_bytes_max = 65536\nbatch_bytes_max = "
      "16384\n");
  redis_.Pause();
  std::string body = "[" + Vital("d", 0);
  for (int i = 1; i < 60; ++i) body += "," + Vital("d", i);
  body += "]";
  std::vector<HttpClient> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(Connect());
    clients.back().Send(PostRequest(kVitals, body));
  }
  // A shed request is answered at once; the others wait for Redis.
  std::vector<size_t> shed;
  ASSERT_TRUE(WaitFor(
      [&] {
        shed.clear();
        for (size_t i = 0; i < clients.size(); ++i) {
          if (clients[i].Readable()) shed.push_back(i);
        }
        const auto counted = Metrics().Sum("sluice_shed_total", {{"reason", "memory"}});
        const auto taken = Metrics().Sum("sluice_records_accepted_total") / 60;
        return static_cast<size_t>(counted) == shed.size() &&
               static_cast<size_t>(counted + taken) == clients.size();
      },
      "every request to be taken or shed"));
  EXPECT_LE(Metrics().Sum("sluice_inflight_bytes"), 65'536 + 3 * 8'192);
  ASSERT_GE(shed.size(), 10u);
  ASSERT_LE(shed.size(), clients.size() - 5);
  for (const size_t i : shed) {
    const HttpResponse response = clients[i].ReadResponse();
    EXPECT_TRUE(IsUnavailable(response, "not_stored"));
    EXPECT_FALSE(ClosesConnection(response)) << response.raw;
  }
  redis_.Continue();
  for (size_t i = 0; i < clients.size(); ++i) {
    if (std::find(shed.begin(), shed.end(), i) != shed.end()) continue;
    EXPECT_TRUE(IsAccepted(clients[i].ReadResponse(), 60));
  }
  EXPECT_EQ(Length("vitals"), static_cast<int64_t>(60 * (clients.size() - shed.size())));
  EXPECT_TRUE(IsAccepted(clients[shed[0]].Post(kVitals, body), 60)) << "after it was shed";
}

TEST_F(DeliveryTest, HoldsNoMoreThanItMayHoweverMuchIsSent) {
  StartAllOnTcp(R"(
[http]
body_bytes_max = "128KiB"
[redis]
reply_ms = 60000
[delivery]
inflight_bytes_max = "1MiB"
batch_bytes_max = "256KiB"
deadline_ms = 60000
drain_ms = 61000
)");
  redis_.Pause();
  constexpr size_t kRecords = 1'000;
  constexpr size_t kRequests = 4'000;  // some 200 MiB of bodies
  std::string body = "[" + Vital("d", 0);
  for (size_t i = 1; i < kRecords; ++i) body += "," + Vital("d", static_cast<int64_t>(i));
  const std::string request = PostRequest(kVitals, body + "]");
  const size_t rss_before = gate_->RssBytes();
  std::vector<HttpClient> clients;
  for (size_t i = 0; i < 80; ++i) clients.push_back(Connect());
  for (size_t i = 0; i < kRequests; ++i) clients[i % clients.size()].Send(request);
  ASSERT_TRUE(WaitFor(
      [&] {
        const MetricsText metrics = Metrics();
        return metrics.Sum("sluice_shed_total", {{"reason", "memory"}}) +
                   metrics.Sum("sluice_records_accepted_total") / kRecords ==
               kRequests;
      },
      "every request to be taken or shed"));
  EXPECT_LT(gate_->RssBytes(), rss_before + (size_t{64} << 20));
  redis_.Continue();
  size_t accepted = 0;
  for (size_t i = 0; i < kRequests; ++i) {
    const HttpResponse response = clients[i % clients.size()].ReadResponse();
    accepted += response.status == 200 ? 1 : 0;
    if (response.status != 200) {
      ASSERT_TRUE(IsUnavailable(response, "not_stored"));
    }
  }
  EXPECT_GE(accepted, 5u);
  EXPECT_EQ(Length("vitals"), static_cast<int64_t>(accepted * kRecords));
}

struct Tuning {
  const char* name;
  const char* config;
};

void PrintTo(const Tuning& tuning, std::ostream* out) { *out << tuning.name; }

class TuningTest : public GateTest, public testing::WithParamInterface<Tuning> {};

TEST_P(TuningTest, StoresAllInOrderWhateverTheBatches) {
  StartAll(std::string("[delivery]\n") + GetParam().config, 1);
  std::string requests;
  std::vector<Fields> entries;
  for (int i = 0; i < 300; ++i) {
    requests += PostRequest(kVitals, "[" + Vital("a", i) + "," + Vital("b", i) + "]");
    entries.push_back(VitalEntry("a", i));
    entries.push_back(VitalEntry("b", i));
  }
  HttpClient client = Connect();
  client.Send(requests);
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(IsAccepted(client.ReadResponse(), 2)) << i;
  EXPECT_TRUE(Stored("vitals") == entries) << "the entries differ from what was posted";
}

const Tuning kTunings[] = {
    {"OneRecordABatch", "batch_records_max = 1\nwindow = 1\n"},
    {"ThreeRecordsABatch", "batch_records_max = 3\nwindow = 2\n"},
    {"SmallBatches", "batch_bytes_max = 1024\n"},
    {"WideWindow", "window = 16\nbatch_records_max = 10\n"},
    {"Lingering", "linger_us = 2000\n"},
    {"LingeringOneAtATime", "linger_us = 500\nwindow = 1\n"},
};

INSTANTIATE_TEST_SUITE_P(All, TuningTest, testing::ValuesIn(kTunings),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace sluice
