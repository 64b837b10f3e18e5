#include "sluice/gateway/answer_queue.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace sluice {
namespace {

TEST(AnswerQueue, FindsSlotsByTheirNumberAndTakesThemFromTheFront) {
  AnswerQueue queue;
  const uint32_t first = queue.Reserve();
  const uint32_t second = queue.Reserve();
  queue.Find(first).route = 1;
  queue.Find(second).route = 2;
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.front().route, 1u);
  EXPECT_EQ(queue.TakeFront().route, 1u);
  EXPECT_EQ(queue.Find(second).route, 2u) << "numbers outlive what went before";
  EXPECT_EQ(queue.TakeFront().route, 2u);
  EXPECT_TRUE(queue.empty());
}

TEST(AnswerQueue, ANewSlotOwesEverything) {
  AnswerQueue queue;
  const AnswerSlot& slot = queue.Find(queue.Reserve());
  EXPECT_FALSE(slot.finished);
  EXPECT_FALSE(slot.owes_continue);
  EXPECT_FALSE(slot.head_only);
  EXPECT_FALSE(slot.http_1_0);
}

TEST(AnswerQueue, ASlotThatWasUsedBeforeIsAsGoodAsNew) {
  AnswerQueue queue;
  for (int i = 0; i < 100; ++i) {
    const uint32_t number = queue.Reserve();
    const AnswerSlot& slot = queue.Find(number);
    EXPECT_FALSE(slot.finished);
    EXPECT_EQ(slot.answer.text, "");
    queue.Finish(number, Answer::Text(200, "text/plain", "a body of its own"));
    EXPECT_EQ(queue.TakeFront().answer.text, "a body of its own");
  }
}

TEST(AnswerQueue, IsFullByCountOrByTheBytesOfItsAnswers) {
  AnswerQueue queue;
  queue.Reserve();
  EXPECT_FALSE(queue.full(2));
  const uint32_t second = queue.Reserve();
  EXPECT_TRUE(queue.full(2));
  EXPECT_FALSE(queue.full(3));
  queue.Finish(second, Answer::Text(200, "text/plain", std::string(kAnswerBytesMax, 'x')));
  EXPECT_TRUE(queue.full(3));
  queue.TakeFront();
  queue.TakeFront();
  EXPECT_FALSE(queue.full(3));
}

TEST(AnswerQueue, DropLastForgetsTheNewestAndItsNumberIsGivenAgain) {
  AnswerQueue queue;
  const uint32_t first = queue.Reserve();
  queue.Find(first).route = 1;
  const uint32_t dropped = queue.Reserve();
  queue.Find(dropped).route = 2;
  queue.DropLast();
  EXPECT_EQ(queue.size(), 1u);
  EXPECT_EQ(queue.front().route, 1u);
  EXPECT_EQ(queue.Reserve(), dropped);
  EXPECT_EQ(queue.Find(dropped).route, 0u);
}

}  // namespace
}  // namespace sluice
