// A link to a Redis that the test plays itself, on fake time. The test is the link's handler and
// keeps what it hears, in order; at its end the link is closed for good.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/limits.h"
#include "sluice/redis/link.h"
#include "support/fake_clock.h"
#include "support/fake_stream.h"

namespace sluice {

// Hands out fake streams and notes which attempt each was for.
class AttemptDialer final : public Dialer {
 public:
  FakeDialer fake;
  std::vector<uint32_t> attempts;

  std::unique_ptr<ByteStream> Dial(uint32_t attempt, StreamHandler& handler) override {
    attempts.push_back(attempt);
    return fake.Dial(attempt, handler);
  }
};

// What it asks of every server, and what one answers but for the PONG.
inline const std::string kGreeting =
    "*2\r\n$6\r\nCLIENT\r\n$2\r\nID\r\n*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n*1\r\n$4\r\nPING\r\n";
inline std::string WhoAmI(const std::string& run_id, int client_id) {
  const std::string info = "# Server\r\nos:Linux\r\nrun_id:" + run_id + "\r\nhz:10\r\n";
  return ":" + std::to_string(client_id) + "\r\n$" + std::to_string(info.size()) + "\r\n" + info +
         "\r\n";
}
inline const std::string kWhoAmI = WhoAmI("run", 7);

// What the link says to its lane, in order.
class LinkTest : public testing::Test, public LinkHandler {
 protected:
  static constexpr uint64_t kConnectAfterMs = 2'000;

  std::vector<std::string> heard;
  RedisUrl url;

  void Start(uint64_t seed = 1) {
    link_ = std::make_unique<Link>(LinkOptions{.url = url, .connect_ms = kConnectAfterMs}, dialer_,
                                   turn_clock_, seed);
    link_->set_handler(*this);
    link_->Start();
  }
  void StartReady() {
    Start();
    wire().Connect();
    wire().Say(kWhoAmI + "+PONG\r\n");
    ASSERT_TRUE(link().ready());
    heard.clear();
    wire().sent.clear();
  }
  void Pass(uint64_t ms) {
    clock_.AdvanceMs(ms);
    turn_clock_.Forget();
    link().Sweep();
  }
  // Fails the attempt in hand; how long until the next one, looking every millisecond.
  uint64_t MeasureBackoffMs() {
    const size_t before = dialer_.attempts.size();
    wire().FinishClose("connection refused");
    uint64_t waited_ms = 0;
    while (dialer_.attempts.size() == before) {
      Pass(1);
      if (++waited_ms > 10 * kBackoffMaxMs) return waited_ms;
    }
    return waited_ms;
  }

  Link& link() { return *link_; }
  FakeWire& wire() { return *dialer_.fake.wires.back(); }
  const std::vector<uint32_t>& attempts() const { return dialer_.attempts; }

  void OnLinkReady() override { heard.push_back("ready"); }
  void OnLinkReply(const Reply& reply) override { heard.push_back("reply " + reply.text); }
  void OnLinkDown(std::string_view reason) override {
    heard.push_back("down: " + std::string(reason));
  }

  void TearDown() override {
    link().Close();
    if (!wire().destroyed) wire().FinishClose();
    EXPECT_TRUE(link().closed());
  }

 private:
  FakeClock clock_;
  TurnClock turn_clock_{clock_};
  AttemptDialer dialer_;
  std::unique_ptr<Link> link_;
};

}  // namespace sluice
