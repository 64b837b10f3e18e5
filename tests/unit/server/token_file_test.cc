#include "server/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "server/server.h"
#include "sluice/base/limits.h"
#include "unit/server/loaded.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr size_t kLargestBody = 1'000;

std::string Digits() { return Hex(DigestOfSecret("secret")); }
std::string Sha(std::string_view more = "") {
  return "{ sha256 = '" + Digits() + "'" + std::string(more) + " }\n";
}

class TokenFileTest : public testing::Test {
 protected:
  std::vector<Token> Read(std::string_view text) const {
    auto tokens = ReadTokens(text, "tokens.toml", &routes_, kLargestBody);
    if (tokens) return std::move(tokens.value());
    ADD_FAILURE() << tokens.error();
    return {};
  }
  Token ReadOne(std::string_view text) const {
    const std::vector<Token> tokens = Read(text);
    EXPECT_EQ(tokens.size(), 1u);
    return tokens.empty() ? Token() : tokens[0];
  }
  std::string ErrorOf(std::string_view text) const {
    const auto tokens = ReadTokens(text, "tokens.toml", &routes_, kLargestBody);
    if (tokens) return "no error";
    EXPECT_THAT(tokens.error(), Not(HasSubstr(Digits().substr(0, 8)))) << "no digest";
    EXPECT_THAT(tokens.error(), Not(HasSubstr("\n")));
    return tokens.error();
  }
  const std::vector<Route> routes_ = Server::Plan(Loaded("")).value().routes;
};

TEST_F(TokenFileTest, ALineIsAToken) {
  const std::vector<Token> tokens =
      Read("# those of ward 7\n\n\"band-1\" = " +
           Sha(", routes = ['/v1/vitals'], keys = ['b-1', 'b-2'], key_prefixes = ['w-'], "
               "records_per_second = 100, bytes_per_second = 65536") +
           "hub = { cn = 'hub.example' }\n");
  ASSERT_EQ(tokens.size(), 2u);
  const Token& band = tokens[0];
  EXPECT_EQ(band.id, "band-1");
  EXPECT_EQ(band.secret, DigestOfSecret("secret"));
  EXPECT_TRUE(band.MayPostTo(0));
  EXPECT_FALSE(band.MayPostTo(1));
  for (const char* good : {"b-1", "b-2", "w-9"}) EXPECT_TRUE(band.keys.Allows(good)) << good;
  EXPECT_FALSE(band.keys.Allows("b-3"));
  EXPECT_EQ(tokens[1].id, "hub");
  EXPECT_FALSE(tokens[1].secret.has_value());
  EXPECT_EQ(tokens[1].common_name, "hub.example");
}

TEST_F(TokenFileTest, WhatIsLeftOutIsNotLimited) {
  const Token token = ReadOne("a = " + Sha());
  EXPECT_TRUE(token.MayPostTo(0) && token.MayPostTo(1));
  EXPECT_TRUE(token.keys.allows_any());
  RateMeter meter = 0;
  EXPECT_TRUE(token.records.Take(meter, 1, 1'000'000) && token.bytes.Take(meter, 1, 1'000'000));
}

TEST_F(TokenFileTest, ARouteMayBeNamedByItsAlias) {
  const Token token = ReadOne("a = " + Sha(", routes = ['/submit_qol']"));
  EXPECT_FALSE(token.MayPostTo(0));
  EXPECT_TRUE(token.MayPostTo(1));
}

TEST_F(TokenFileTest, TheBurstIsASecondsWorthAndOfBytesOneOfTheLargestBodies) {
  const Token slow = ReadOne("a = " + Sha(", records_per_second = 4, bytes_per_second = 100"));
  RateMeter meter = 0;
  EXPECT_TRUE(slow.records.Take(meter, 1, 4));
  EXPECT_FALSE(slow.records.Take(meter, 1, 1));
  meter = 0;
  EXPECT_TRUE(slow.bytes.Take(meter, 1, kLargestBody));
  EXPECT_FALSE(slow.bytes.Take(meter, 1, 1));
  const Token fast = ReadOne("a = " + Sha(", bytes_per_second = 5000"));
  meter = 0;
  EXPECT_TRUE(fast.bytes.Take(meter, 1, 5'000));
  EXPECT_FALSE(fast.bytes.Take(meter, 1, 1));
}

TEST_F(TokenFileTest, AnEmptyFileHasNone) { EXPECT_TRUE(Read("# none yet\n").empty()); }

TEST_F(TokenFileTest, AnErrorNamesFileLineAndId) {
  EXPECT_EQ(ErrorOf("a = " + Sha() + "b = { sha256 = 'x' }\n"),
            "tokens.toml:2:16: \"b\".sha256: is not 64 hexadecimal digits; give the SHA-256 of the "
            "secret, or make the line with sluice token new");
  EXPECT_EQ(ErrorOf("a = " + Sha(", route = ['/v1/vitals']")),
            "tokens.toml:1:84: unknown key \"\\\"a\\\".route\"; did you mean \"routes\"?");
  EXPECT_EQ(ErrorOf("a = " + Sha(", routes = ['/v1/vital']")),
            "tokens.toml:1:93: \"a\".routes: \"/v1/vital\" is no route of the configuration; give "
            "one that is; did you mean \"/v1/vitals\"?");
  EXPECT_EQ(ErrorOf("a = 5\n"), "tokens.toml:1:5: \"a\": expected a table, not an integer");
}

TEST_F(TokenFileTest, ExactlyOneCredential) {
  EXPECT_THAT(ErrorOf("a = { keys = ['b'] }\n"), HasSubstr("\"a\".sha256: is missing, and cn too"));
  EXPECT_THAT(ErrorOf("a = " + Sha(", cn = 'b'")), HasSubstr("\"a\".sha256: stands beside cn"));
  EXPECT_THAT(ErrorOf("a = { cn = '' }\n"), HasSubstr("\"a\".cn: must have 1 to 64 bytes"));
  EXPECT_THAT(ErrorOf("a = { cn = '" + std::string(65, 'x') + "' }\n"), HasSubstr("1 to 64"));
  EXPECT_THAT(ErrorOf("a = { sha256 = '" + Digits() + "0' }\n"),
              HasSubstr("64 hexadecimal digits"));
}

TEST_F(TokenFileTest, NoTwoTokensAreOne) {
  EXPECT_EQ(ErrorOf("a = " + Sha() + "a = { cn = 'x' }\n"),
            "tokens.toml:2:5: \"a\" is there already; give each token an id of its own");
  EXPECT_THAT(ErrorOf("a = " + Sha() + "b = " + Sha()),
              HasSubstr("\"b\".sha256: another token has it already"));
  EXPECT_THAT(ErrorOf("a = { cn = 'x' }\nb = { cn = 'x' }\n"),
              HasSubstr("\"b\".cn: another token has it already"));
}

// An empty list could be read as none or as any.
TEST_F(TokenFileTest, AListNamesSomething) {
  for (const char* key : {"routes", "keys", "key_prefixes"}) {
    EXPECT_THAT(ErrorOf("a = " + Sha(", " + std::string(key) + " = []")),
                HasSubstr("\"a\"." + std::string(key) + ": is empty"));
  }
  for (const char* key : {"keys", "key_prefixes"}) {
    EXPECT_THAT(ErrorOf("a = " + Sha(", " + std::string(key) + " = ['']")),
                HasSubstr("\"a\"." + std::string(key) + ": each must have 1 to 1024 bytes"));
  }
}

TEST_F(TokenFileTest, BoundsHold) {
  for (const char* key : {"records_per_second", "bytes_per_second"}) {
    for (const char* rate : {"0", "-1", "1000000001"}) {
      EXPECT_THAT(ErrorOf("a = " + Sha(", " + std::string(key) + " = " + rate)),
                  HasSubstr("is out of range; give 1 to 1000000000"));
    }
  }
  std::string keys;
  for (size_t i = 0; i <= kTokenKeysMax; ++i) keys += "'" + std::to_string(i) + "',";
  EXPECT_THAT(ErrorOf("a = " + Sha(", keys = [" + keys + "]")), HasSubstr("at most 1024"));
  EXPECT_EQ(Read(std::string(kTokenIdBytesMax, 'i') + " = " + Sha()).size(), 1u);
  EXPECT_THAT(ErrorOf(std::string(kTokenIdBytesMax + 1, 'i') + " = " + Sha()),
              HasSubstr("an id must have 1 to 128 bytes"));
  EXPECT_THAT(ErrorOf("\"\" = " + Sha()), HasSubstr("an id must have 1 to 128 bytes"));
  EXPECT_THAT(ErrorOf("\"a\\tb\" = " + Sha()), HasSubstr("without control characters"));
}

TEST_F(TokenFileTest, WhatIsNoTomlIsNotQuoted) {
  for (const std::string& text : {"a = { sha256 = " + Digits() + " }\n", "a = " + Digits() + "\n",
                                  "a = { sha256 = f" + Digits() + " }\n", Digits() + "\n",
                                  "a = { sha256 = '" + Digits() + "\n"}) {
    EXPECT_THAT(ErrorOf(text), testing::AllOf(HasSubstr("tokens.toml:"), HasSubstr("is not TOML")));
  }
}

TEST_F(TokenFileTest, TheConfigurationsFileIsLoadedWithItsRoutes) {
  const TempDir dir;
  Config config = Loaded("");
  EXPECT_EQ(LoadTokens(config, routes_, nullptr).value(), nullptr);
  config.auth.tokens = dir.Write("tokens.toml", "a = " + Sha());
  const auto tokens = LoadTokens(config, routes_, nullptr);
  ASSERT_TRUE(tokens.ok()) << tokens.error();
  EXPECT_EQ(tokens.value()->size(), 1u);
  EXPECT_EQ(Server::Plan(config).value().tokens->size(), 1u);
  config.auth.tokens = dir.File("none");
  EXPECT_EQ(Server::Plan(config).error(), "auth.tokens: cannot read the file \"" +
                                              dir.File("none") + "\": No such file or directory");
}

}  // namespace
}  // namespace sluice
