#include "sluice/redis/shared_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sluice/redis/resp.h"
#include "support/fake_clock.h"
#include "support/fake_stream.h"
#include "support/heard_log.h"
#include "unit/redis/scripted_redis.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// Keeps what it hears in a list that it shares with the others.
class FakeUser final : public LinkUser {
 public:
  FakeUser(std::string name, SharedLink& link, std::vector<std::string>& heard)
      : name_(std::move(name)), link_(link), heard_(heard) {}

  size_t to_confirm = 0;
  std::string sent_when_ready;     // a key that it asks for at once
  std::string sent_when_answered;  // and behind its first reply
  bool drops_when_answered = false;

  // One sending of a GET for each key.
  void Send(const std::vector<std::string>& keys) {
    Buffer& bytes = sent_.emplace_back();
    for (const std::string& key : keys) AppendCommand({"GET", key}, bytes);
    due_.push_back(keys.size());
    link_.Send(*this, bytes.view());
  }

  void OnLinkReady() override {
    heard_.push_back(name_ + " ready");
    if (!sent_when_ready.empty()) Send({sent_when_ready});
  }
  bool OnLinkReply(const Reply& reply) override {
    heard_.push_back(name_ + " " + reply.text);
    const bool last = --due_.front() == 0;
    if (last) due_.pop_front();
    if (drops_when_answered) link_.Drop("it has had enough");
    if (!sent_when_answered.empty()) Send({std::exchange(sent_when_answered, "")});
    return last;
  }
  void OnLinkDown(std::string_view reason) override {
    heard_.push_back(name_ + " down: " + std::string(reason));
    due_.clear();
  }
  size_t unconfirmed() const override { return to_confirm; }

 private:
  const std::string name_;
  SharedLink& link_;
  std::vector<std::string>& heard_;
  std::deque<Buffer> sent_;
  std::deque<size_t> due_;  // replies of each sending
};

class SharedLinkTest : public testing::Test {
 protected:
  void Start() {
    shared_.Add(a_);
    shared_.Add(b_);
    link_.Start();
  }
  void StartReady() {
    Start();
    ComeUp();
    heard_.clear();
  }
  void ComeUp() {
    wire().Connect();
    redis_ = std::make_unique<ScriptedRedis>(wire());
    redis_->client_id = ++connections_;
    for (const std::string key : {"1", "2", "3", "4"}) redis_->keys[key] = key;
    while (!shared_.ready()) redis_->Answer();
  }
  void ComeUpAgain() {
    clock_.AdvanceMs(100);
    turn_clock_.Forget();
    link_.Sweep();
    ComeUp();
  }
  FakeWire& wire() { return *dialer_.wires.back(); }

  void TearDown() override {
    link_.Close();
    if (!dialer_.wires.empty() && !wire().destroyed) wire().FinishClose();
    EXPECT_TRUE(link_.closed());
  }

  HeardLog log_;
  std::vector<std::string> heard_;
  FakeClock clock_;
  TurnClock turn_clock_{clock_};
  FakeDialer dialer_;
  Counter reconnects_;
  Link link_{{.url = {}, .connect_ms = 2'000}, dialer_, turn_clock_, 1};
  SharedLink shared_{link_, {.lane = "urgent", .node = "10.0.0.1:7001"}, turn_clock_, reconnects_};
  FakeUser a_{"a", shared_, heard_};
  FakeUser b_{"b", shared_, heard_};
  std::unique_ptr<ScriptedRedis> redis_;
  int connections_ = 0;
};

TEST_F(SharedLinkTest, RepliesGoToWhoeverSent) {
  StartReady();
  a_.Send({"1", "2"});
  b_.Send({"3"});
  a_.Send({"4"});
  EXPECT_THAT(redis_->Unanswered(), ElementsAre("GET 1", "GET 2", "GET 3", "GET 4"));
  const std::string replies = redis_->TakeReplies();
  for (const char byte : replies) wire().Say({&byte, 1});
  EXPECT_THAT(heard_, ElementsAre("a 1", "a 2", "b 3", "a 4"));
}

TEST_F(SharedLinkTest, WhatAUserSendsFromItsReplyIsAnsweredInItsTurn) {
  StartReady();
  a_.sent_when_answered = "4";
  a_.Send({"1"});
  b_.Send({"2"});
  redis_->Answer();
  redis_->Answer();
  EXPECT_THAT(heard_, ElementsAre("a 1", "b 2", "a 4"));
}

TEST_F(SharedLinkTest, AllHearThatItIsReadyInTheOrderTheyCameAndMaySendAtOnce) {
  a_.sent_when_ready = "1";
  b_.sent_when_ready = "2";
  Start();
  ComeUp();
  redis_->Answer();
  EXPECT_THAT(heard_, ElementsAre("a ready", "b ready", "a 1", "b 2"));
}

TEST_F(SharedLinkTest, OnesDropIsEverybodys) {
  StartReady();
  a_.drops_when_answered = true;
  a_.Send({"1"});
  b_.Send({"2"});
  redis_->Answer();
  EXPECT_THAT(heard_, ElementsAre("a 1")) << "nothing is heard of a link that is given up";
  ASSERT_TRUE(wire().closing);
  wire().FinishClose();
  EXPECT_THAT(heard_, ElementsAre("a 1", "a down: it has had enough", "b down: it has had enough"));
}

TEST_F(SharedLinkTest, WhatWasNotAnsweredBeforeItFellIsNobodysOnTheNextConnection) {
  StartReady();
  a_.Send({"1", "2"});
  b_.Send({"3"});
  redis_->Answer();
  a_.Send({"1", "2"});
  wire().FinishClose("connection reset by peer");
  ComeUpAgain();
  heard_.clear();
  b_.Send({"4"});
  redis_->Answer();
  EXPECT_THAT(heard_, ElementsAre("b 4"));
}

TEST_F(SharedLinkTest, AReplyThatNobodyAskedForCostsTheConnection) {
  StartReady();
  a_.Send({"1"});
  redis_->Answer();
  wire().Say("+OK\r\n");
  EXPECT_TRUE(wire().closing);
  EXPECT_THAT(heard_, ElementsAre("a 1"));
}

TEST_F(SharedLinkTest, WhoIsRemovedHearsNoMore) {
  StartReady();
  b_.Send({"1"});
  redis_->Answer();
  shared_.Remove(b_);
  EXPECT_TRUE(shared_.has_users());
  wire().FinishClose("connection reset by peer");
  EXPECT_THAT(heard_, ElementsAre("b 1", "a down: connection reset by peer"));
  shared_.Remove(a_);
  EXPECT_FALSE(shared_.has_users());
}

TEST_F(SharedLinkTest, WhoIsNotAnsweredStays) {
  StartReady();
  a_.Send({"1"});
  EXPECT_DEATH(shared_.Remove(a_), "invariant broken");
  shared_.Remove(b_);
}

TEST_F(SharedLinkTest, ThatRedisIsUpIsSaidOnceHoweverManySaySo) {
  StartReady();
  shared_.SayUp();
  shared_.SayUp();
  EXPECT_THAT(log_.lines, ElementsAre("Redis is up lane=urgent node=10.0.0.1:7001"));
  wire().FinishClose("connection reset by peer");
  ComeUpAgain();
  shared_.SayUp();
  EXPECT_EQ(log_.lines.size(), 3u);
  EXPECT_EQ(log_.lines.back(), log_.lines.front());
}

TEST_F(SharedLinkTest, ThatRedisIsAwayIsSaidOnceForAllWithWhatTheyHaveToConfirm) {
  a_.to_confirm = 2;
  b_.to_confirm = 3;
  Start();
  wire().FinishClose("connection refused");
  ASSERT_EQ(log_.lines.size(), 1u);
  EXPECT_THAT(log_.lines[0], StartsWith("Redis is away"));
  EXPECT_THAT(log_.lines[0], HasSubstr(" lane=urgent node=10.0.0.1:7001 reason=connection refused "
                                       "batches_to_confirm=5"));
  for (int attempt = 0; attempt < 3; ++attempt) {
    clock_.AdvanceMs(2'000);
    turn_clock_.Forget();
    link_.Sweep();
    wire().FinishClose(attempt < 2 ? "connection refused" : "no route to host");
  }
  ASSERT_EQ(log_.lines.size(), 2u) << "another reason is news, the same is none";
  EXPECT_THAT(log_.lines[1], HasSubstr("no route to host"));
}

TEST_F(SharedLinkTest, OfALinkThatIsGivenUpForWantOfUseNothingIsSaid) {
  StartReady();
  shared_.SayUp();
  shared_.Remove(a_);
  shared_.Remove(b_);
  link_.Rest();
  wire().FinishClose();
  EXPECT_THAT(log_.lines, ElementsAre(StartsWith("Redis is up")));
  EXPECT_THAT(heard_, IsEmpty());
}

TEST_F(SharedLinkTest, CountsTheConnectionsBehindTheFirst) {
  StartReady();
  EXPECT_EQ(reconnects_.value(), 0u);
  wire().FinishClose("connection reset by peer");
  ComeUpAgain();
  EXPECT_EQ(reconnects_.value(), 1u);
}

}  // namespace
}  // namespace sluice
