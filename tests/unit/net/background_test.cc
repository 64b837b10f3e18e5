#include "sluice/net/background.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <barrier>
#include <cstdlib>
#include <list>
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

// Jobs that end only when all of them run at the same time. A process has one pool, so this is for
// a process of its own.
class Meeting final : public LoopHandler {
 public:
  explicit Meeting(int job_count) : all_here_(job_count) {
    ::alarm(10);  // ends the process where they never meet
    for (int i = 0; i < job_count; ++i) jobs_.emplace_back(*this);
    loop_.Run(*this);
  }
  void OnTurnEnd() override {
    if (done_count_ == jobs_.size()) loop_.Stop();
  }
  void OnSweep() override {}

 private:
  struct Job final : public BackgroundJob {
    explicit Job(Meeting& the_meeting) : meeting(the_meeting) { background.Start(*this); }
    void RunInBackground() override { meeting.all_here_.arrive_and_wait(); }
    void OnDone() override { ++meeting.done_count_; }

    Meeting& meeting;
    Background background{meeting.loop_};
  };

  const SystemClock clock_;
  Loop loop_{clock_};
  std::barrier<> all_here_;
  std::list<Job> jobs_;
  size_t done_count_ = 0;
};

TEST_F(BackgroundTest, ThePoolIsMadeLargeEnoughForEachJob) {
  EXPECT_EXIT(
      {
        ::unsetenv("UV_THREADPOOL_SIZE");
        Background::SizePool(9);
        const Meeting meeting(9);
        ::_exit(0);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(BackgroundTest, ThePoolIsNeverMadeSmallerAndAnOperatorsSizeStays) {
  const auto size_after = [](int job_count) {
    Background::SizePool(static_cast<size_t>(job_count));
    return std::atoi(std::getenv("UV_THREADPOOL_SIZE"));
  };
  EXPECT_EXIT(
      {
        ::unsetenv("UV_THREADPOOL_SIZE");
        ::_exit(size_after(1));
      },
      testing::ExitedWithCode(4), "");
  EXPECT_EXIT(
      {
        ::setenv("UV_THREADPOOL_SIZE", "3", 1);
        ::_exit(size_after(9));
      },
      testing::ExitedWithCode(3), "");
}

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
