#include "sluice/net/background.h"

#include <gtest/gtest.h>

#include <thread>

#include "unit/net/loop_fixture.h"

namespace sluice {
namespace {

class BackgroundTest : public LoopTest, public BackgroundJob {
 protected:
  void RunInBackground() override {
    ++run_count_;
    ran_on_ = std::this_thread::get_id();
  }
  void OnDone() override {
    ++done_count_;
    done_on_ = std::this_thread::get_id();
    busy_in_done_ = background_.busy();
    if (done_count_ < wanted_count_) background_.Start(*this);
  }

  Background background_{loop()};
  int wanted_count_ = 1;
  int run_count_ = 0;
  int done_count_ = 0;
  bool busy_in_done_ = false;
  std::thread::id ran_on_;
  std::thread::id done_on_;
};

TEST_F(BackgroundTest, AJobRunsElsewhereAndIsReportedHere) {
  background_.Start(*this);
  EXPECT_TRUE(background_.busy());
  EXPECT_EQ(done_count_, 0) << "reported from inside Start";
  RunUntil([this] { return done_count_ == 1; });
  EXPECT_NE(ran_on_, std::this_thread::get_id());
  EXPECT_EQ(done_on_, std::this_thread::get_id());
  EXPECT_FALSE(background_.busy());
}

TEST_F(BackgroundTest, TheNextJobMayBeStartedWhenTheLastIsReported) {
  wanted_count_ = 50;
  background_.Start(*this);
  RunUntil([this] { return done_count_ == wanted_count_; });
  EXPECT_EQ(run_count_, wanted_count_);
  EXPECT_FALSE(busy_in_done_);
}

TEST_F(BackgroundTest, TwoJobsAtOnceOrAnEndBeforeTheJobsAreBugs) {
  EXPECT_DEATH(
      {
        background_.Start(*this);
        background_.Start(*this);
      },
      "busy");
  EXPECT_DEATH(
      {
        Background ended(loop());
        ended.Start(*this);
      },
      "busy");
}

}  // namespace
}  // namespace sluice
