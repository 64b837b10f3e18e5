#include "server/token_reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/log_output.h"
#include "server/token_file.h"
#include "server/worker_plan.h"
#include "sluice/base/log.h"
#include "unit/server/loaded.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class TokenReloadTest : public testing::Test, public LogSink {
 protected:
  TokenReloadTest() { SetLogSink(this); }
  ~TokenReloadTest() override { SetLogSink(nullptr); }

  void Write(LogLevel level, std::string_view sentence, std::span<const LogField> fields) override {
    lines_.push_back(FormatLogLine(false, level, sentence, fields));
  }
  void WriteTokens(std::string_view text, mode_t mode = 0600) {
    config_.auth.tokens = dir_.Write("tokens.toml", text);
    ASSERT_EQ(::chmod(config_.auth.tokens.c_str(), mode), 0);
  }
  std::vector<std::string> TakeLines() { return std::exchange(lines_, {}); }

  TempDir dir_;
  Config config_ = Loaded("");
  const std::vector<Route> routes_ = PlanWorkers(config_).value().routes;
  std::vector<std::string> lines_;
};

TEST_F(TokenReloadTest, AGoodFileReplacesTheTokensAndTheirNumberIsLogged) {
  const TokenSet before({}, nullptr);
  WriteTokens("a = { cn = 'x' }\nb = { cn = 'y' }\n");
  const auto tokens = ReloadTokens(config_, routes_, before);
  ASSERT_NE(tokens, nullptr);
  EXPECT_EQ(tokens->size(), 2u);
  EXPECT_THAT(TakeLines(), ElementsAre(HasSubstr("tokens reloaded tokens=2")));
}

TEST_F(TokenReloadTest, ABadFileIsLoggedAndNothingOfItTaken) {
  const TokenSet before({}, nullptr);
  WriteTokens("a = { cn = 'x' }\nb = { cm = 'y' }\n");
  EXPECT_EQ(ReloadTokens(config_, routes_, before), nullptr);
  EXPECT_THAT(TakeLines(), ElementsAre(testing::AllOf(HasSubstr("the old ones stay"),
                                                      HasSubstr("tokens.toml:2:"))));
}

TEST_F(TokenReloadTest, AFileThatOthersMayReadIsWarnedOf) {
  for (const mode_t mode : {0620u, 0604u, 0660u}) {
    WriteTokens("", mode);
    WarnOfOpenDoors(config_, "127.0.0.1:80");
    EXPECT_THAT(TakeLines(), ElementsAre(HasSubstr("auth.tokens is open to others"))) << mode;
  }
  WriteTokens("", 0600);
  WarnOfOpenDoors(config_, "0.0.0.0:80");
  EXPECT_THAT(TakeLines(), IsEmpty());
}

TEST_F(TokenReloadTest, AGateOnANetworkThatAnybodyMayPostToIsWarnedOf) {
  for (const char* open : {"0.0.0.0:80", "[::]:80", "127.0.0.1:80 and 10.0.0.1:80"}) {
    WarnOfOpenDoors(config_, open);
    EXPECT_THAT(TakeLines(),
                ElementsAre(testing::AllOf(HasSubstr("http.listen"), HasSubstr("tls.certificate"),
                                           HasSubstr("auth.tokens"), HasSubstr(open))));
  }
  for (const char* closed : {"127.0.0.1:80", "[::1]:80", "127.0.0.1:80 and unix:///run/a.sock"}) {
    WarnOfOpenDoors(config_, closed);
    EXPECT_THAT(TakeLines(), IsEmpty()) << closed;
  }
}

}  // namespace
}  // namespace sluice
