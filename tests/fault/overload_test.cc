// A Redis that is slow, silent or refuses: the answers that section "Answers" of the README
// promises, memory within its budget, and recovery without a restart. The load is more than the
// budget holds.
#include "fault/fault_fixture.h"

namespace sluice {
namespace {

constexpr size_t kBudgetBytes = 4 * kMiB;  // a worker
constexpr unsigned kWorkers = 2;
// What the process takes besides, its own code and libraries included.
constexpr size_t kBesideBytes = 32 * kMiB;

class OverloadTest : public FaultTest {
 protected:
  void StartUnderLoad(const std::string& more_config = "") {
    redis_.Start();
    StartGateOnRelay(
        "[delivery]\ninflight_bytes_max = \"4MiB\"\ndeadline_ms = 1500\n"
        "[redis]\nreply_ms = 2500\nconnect_ms = 500\n" +
            more_config,
        kWorkers);
    ASSERT_TRUE(WaitReady());
    // A request encodes to 60 KB on average: within a deadline come more than the budgets hold.
    StartLoad({.connections = 250, .records_max = 1'000, .requests_per_s = 150});
    ASSERT_TRUE(WaitStored(50));
  }
  void Look() { rss_bytes_ = std::max(rss_bytes_, gate_->RssBytes()); }
  // While the trouble lasts, some are told that they cannot be stored or are in doubt.
  void WatchTrouble(std::chrono::milliseconds time) {
    const uint64_t unavailable = load_->unavailable_count();
    Watch(time, [this] { Look(); });
    EXPECT_TRUE(WaitFor([&] { return load_->unavailable_count() > unavailable + 50; },
                        "answers that say 503"));
    EXPECT_EQ(Admin("/healthz").status, 200);
  }
  void ExpectRecovery() {
    ASSERT_TRUE(WaitStored(50));
    ASSERT_TRUE(WaitReady());
    Look();
    StopLoad();
    ExpectAnswersTrue();
    EXPECT_EQ(witness_.Count(Told::kAnything), 0u);
    // A sanitizer's own memory says nothing of the program.
    if (!kSanitized) {
      EXPECT_LE(rss_bytes_, kBudgetBytes * kWorkers + kBesideBytes);
    }
  }

  size_t rss_bytes_ = 0;
};

TEST_F(OverloadTest, ClientPause) {
  StartUnderLoad();
  redis_.client().Do({"CLIENT", "PAUSE", "4000", "ALL"});
  WatchTrouble(std::chrono::seconds(3));
  ExpectRecovery();
}

TEST_F(OverloadTest, AStoppedRedis) {
  StartUnderLoad();
  redis_.Pause();
  WatchTrouble(SilentTime());
  redis_.Continue();
  ExpectRecovery();
}

TEST_F(OverloadTest, ABlackhole) {
  StartUnderLoad();
  relay_->Blackhole();
  WatchTrouble(std::chrono::seconds(4));
  EXPECT_TRUE(WaitNotReady());
  relay_->Pass();
  ExpectRecovery();
}

// Nothing can be told of what was sent; what was not sent is not stored, and says so.
TEST_F(OverloadTest, ASilentLinkIsGivenUp) {
  StartUnderLoad();
  relay_->Freeze(RelayDirection::kFromRedis);
  EXPECT_TRUE(WaitNotReady());
  WatchTrouble(std::chrono::seconds(2));
  relay_->Pass();
  relay_->CutAll(RelayEnd::kReset);
  ExpectRecovery();
}

TEST_F(OverloadTest, ASlowRedis) {
  StartUnderLoad();
  relay_->Throttle(2 * kMiB);
  WatchTrouble(std::chrono::seconds(4));
  relay_->Pass();
  ExpectRecovery();
}

TEST_F(OverloadTest, MaxmemoryReached) {
  StartUnderLoad();
  redis_.client().Do({"CONFIG", "SET", "maxmemory", "1"});
  WatchTrouble(std::chrono::seconds(2));
  redis_.client().Do({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(witness_.Count(Told::kUnknown), 0u) << "a refusal leaves no doubt";
  ExpectRecovery();
}

TEST_F(OverloadTest, AReplicaTurnedReadOnly) {
  StartUnderLoad();
  redis_.client().Do({"REPLICAOF", "127.0.0.1", "1"});
  WatchTrouble(std::chrono::seconds(2));
  redis_.client().Do({"REPLICAOF", "NO", "ONE"});
  EXPECT_EQ(witness_.Count(Told::kUnknown), 0u) << "a refusal leaves no doubt";
  ExpectRecovery();
}

TEST_F(OverloadTest, ADeadRedis) {
  StartUnderLoad();
  redis_.Kill();
  WatchTrouble(std::chrono::seconds(3));
  const size_t trouble_rss_bytes = rss_bytes_;
  redis_.Start();
  ASSERT_TRUE(WaitStored(50));
  StopLoad();
  if (!kSanitized) {
    EXPECT_LE(trouble_rss_bytes, kBudgetBytes * kWorkers + kBesideBytes);
  }
}

}  // namespace
}  // namespace sluice
