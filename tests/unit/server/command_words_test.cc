#include "server/command_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/redis/resp.h"

namespace sluice {
namespace {

using testing::ElementsAre;

TEST(CommandWordsTest, TakesCommandsOffTheFront) {
  Buffer buffer;
  AppendCommand({"XADD", "vitals", "*", "", "a\r\nb"}, buffer);
  AppendCommand({"PING"}, buffer);
  std::string_view bytes = buffer.view();
  EXPECT_THAT(*TakeCommand(bytes), ElementsAre("XADD", "vitals", "*", "", "a\r\nb"));
  EXPECT_THAT(*TakeCommand(bytes), ElementsAre("PING"));
  EXPECT_EQ(bytes, "");
}

TEST(CommandWordsTest, LeavesWhatIsNoWholeCommand) {
  Buffer buffer;
  AppendCommand({"XADD", "vitals"}, buffer);
  const std::string_view whole = buffer.view();
  for (size_t size = 0; size < whole.size(); ++size) {
    std::string_view bytes = whole.substr(0, size);
    EXPECT_FALSE(TakeCommand(bytes)) << size;
    EXPECT_EQ(bytes.size(), size);
  }
  for (const char* other :
       {"$1\r\na\r\n", "*1\r\n:1\r\n", "*x\r\n", "*1\r\n$99999999999999999999\r\n",
        "*1\r\n$18446744073709551615\r\na\r\n"}) {
    std::string_view bytes = other;
    EXPECT_FALSE(TakeCommand(bytes)) << other;
  }
}

}  // namespace
}  // namespace sluice
