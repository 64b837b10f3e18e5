// Clients that hold connections and send nothing, or next to nothing: thousands of half-open ones,
// and slowhttptest's four modes. Meanwhile a good client is answered, each of its requests, and
// afterwards all others are gone by the gate's own deadlines, with everything that they took.
#include <algorithm>
#include <chrono>

#include "integration/gate_fixture.h"
#include "support/crowd.h"
#include "support/process.h"

namespace sluice {
namespace {

constexpr size_t kCrowd = 5'000;
constexpr size_t kSlow = 300;
constexpr char kShortDeadlines[] = "[http]\nidle_ms = 1500\nheader_ms = 1500\nbody_ms = 1500\n";

class HostileTest : public GateTest {
 protected:
  void Start() {
    if (!AllowDescriptors(kCrowd + 500)) GTEST_SKIP() << "not enough descriptors";
    StartAll(kShortDeadlines);
    good_.emplace(Connect());
    PostGood();
    open_files_ = Metrics().Sum("process_open_fds");
  }

  void PostGood() {
    const auto start = std::chrono::steady_clock::now();
    ASSERT_TRUE(IsAccepted(good_->Post(kVitals, Vital("good", ++posted_)), 1));
    took_.push_back(std::chrono::steady_clock::now() - start);
  }
  // Posts and is answered for as long as the others are there, and it is for a bounded time.
  template <typename Gone>
  void PostUntil(const Gone& gone, std::string_view what) {
    EXPECT_TRUE(WaitFor(
        [&] {
          PostGood();
          return HasFatalFailure() || gone();
        },
        what));
  }

  // No connection but the good client's, no descriptor more than before, no record but its own.
  void ExpectOnlyGoodIsLeft() {
    EXPECT_TRUE(WaitFor(
        [this] {
          PostGood();
          return Metrics().Sum("sluice_connections") == 1;
        },
        "the good client to be the only one"));
    EXPECT_TRUE(WaitFor([this] { return Metrics().Sum("process_open_fds") <= open_files_; },
                        "all descriptors to be given back"));
    EXPECT_EQ(Metrics().Sum("sluice_inflight_bytes"), 0);
    EXPECT_EQ(Length("vitals"), posted_);
    std::sort(took_.begin(), took_.end());
    using std::chrono::microseconds;
    const auto us = [this](size_t at) {
      return std::to_string(std::chrono::duration_cast<microseconds>(took_[at]).count());
    };
    RecordProperty("good_requests", std::to_string(took_.size()));
    RecordProperty("good_p50_us", us(took_.size() / 2));
    RecordProperty("good_p99_us", us(took_.size() * 99 / 100));
    EXPECT_EQ(StopGate().stored, static_cast<uint64_t>(posted_));
  }

  // `told` is the first line of what each is told before it is cut.
  void ExpectCut(std::string_view bytes, const std::string& told) {
    Start();
    if (IsSkipped()) return;
    {
      Crowd crowd(gate_->port(), kCrowd, bytes);
      PostUntil([&] { return crowd.AllClosed(); }, "the gate to cut all of a crowd");
      EXPECT_EQ(crowd.told(), (std::map<std::string, size_t>{{told, kCrowd}}));
      EXPECT_EQ(crowd.reset_count(), 0u);
    }
    ExpectOnlyGoodIsLeft();
  }

  std::optional<HttpClient> good_;
  int64_t posted_ = 0;
  double open_files_ = 0;
  std::vector<std::chrono::nanoseconds> took_;
};

constexpr char kTooLate[] = "HTTP/1.1 408 Request Timeout";

TEST_F(HostileTest, ConnectionsThatSendNothingAreCut) { ExpectCut("", ""); }

TEST_F(HostileTest, ConnectionsThatSendHalfAHeadAreCut) {
  ExpectCut("POST /v1/vitals HTTP/1.1\r\nHost: ga", kTooLate);
}

TEST_F(HostileTest, ConnectionsThatSendHalfABodyAreCut) {
  const std::string request = PostRequest(kVitals, Vital("half", 1));
  ExpectCut(request.substr(0, request.size() - 20), kTooLate);
}

// ---- slowhttptest ------------------------------------------------------------------------------

struct SlowMode {
  const char* name;
  bool holds;  // its connections until the gate cuts them; else they are refused at once
  std::vector<std::string> args;
};
void PrintTo(const SlowMode& mode, std::ostream* out) { *out << mode.name; }

class SlowHttpTest : public HostileTest, public testing::WithParamInterface<SlowMode> {
 protected:
  Process::Command Slowhttptest() const {
    Process::Command command;
    const std::string url = "http://127.0.0.1:" + std::to_string(gate_->port()) + kVitals;
    command.args = {
        "slowhttptest", "-u", url,  "-c", std::to_string(kSlow), "-r", std::to_string(kSlow),
        "-l",           "15", "-p", "3"};
    command.args.insert(command.args.end(), GetParam().args.begin(), GetParam().args.end());
    return command;
  }
};

TEST_P(SlowHttpTest, IsCutAndKeepsNobodyElseFromBeingAnswered) {
  Start();
  if (IsSkipped()) return;
  {
    Process slow(Slowhttptest());
    double most = 0;
    PostUntil(
        [&] {
          if (posted_ % 16 == 0) most = std::max(most, Metrics().Sum("sluice_connections"));
          return !slow.Running();
        },
        "slowhttptest to have no connection left");
    if (GetParam().holds) {
      EXPECT_GT(most, kSlow / 2) << slow.out() << slow.err();
    }
    EXPECT_NE(slow.out().find("No open connections left"), std::string::npos)
        << slow.out() << slow.err();
  }
  ExpectOnlyGoodIsLeft();
}

INSTANTIATE_TEST_SUITE_P(
    Mode, SlowHttpTest,
    testing::Values(SlowMode{"SlowHeads", true, {"-H", "-i", "1", "-x", "24"}},
                    SlowMode{"SlowBodies",
                             true,
                             {"-B", "-i", "1", "-s", "8192", "-x", "10", "-f", "application/json"}},
                    SlowMode{"Ranges", false, {"-R", "-a", "5", "-b", "3000", "-t", "HEAD"}},
                    SlowMode{"SlowReads",
                             true,
                             {"-X", "-w", "1", "-y", "8", "-n", "1", "-z", "256", "-k", "3"}}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace sluice
