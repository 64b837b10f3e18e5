#include "sluice/net/signals.h"

#include <gtest/gtest.h>

#include <csignal>

#include "unit/net/loop_fixture.h"

namespace sluice {
namespace {

class SignalsTest : public LoopTest, public SignalHandler {
 protected:
  void OnStopSignal() override { ++stop_count_; }
  void OnReloadSignal() override { ++reload_count_; }

  int stop_count_ = 0;
  int reload_count_ = 0;
};

TEST_F(SignalsTest, TermAndIntAreCallsOnTheLoop) {
  Signals signals(loop(), *this);
  std::raise(SIGTERM);
  EXPECT_EQ(stop_count_, 0);
  RunUntil([this] { return stop_count_ == 1; });
  std::raise(SIGINT);
  RunUntil([this] { return stop_count_ == 2; });
  signals.Close();
  signals.Close();
}

TEST_F(SignalsTest, HupIsACallOfItsOwn) {
  Signals signals(loop(), *this);
  std::raise(SIGHUP);
  RunUntil([this] { return reload_count_ == 1; });
  EXPECT_EQ(stop_count_, 0);
  signals.Close();
}

TEST_F(SignalsTest, AFileThatMayNotGrowIsNoDeath) {
  std::signal(SIGXFSZ, SIG_DFL);
  Signals signals(loop(), *this);
  EXPECT_EQ(std::raise(SIGXFSZ), 0);
  signals.Close();
}

}  // namespace
}  // namespace sluice
