// A tokens file of any bytes is tokens or one line that says what is wrong, and never has a digest.
// What is read is found by what is presented, and keeps its handle when the file is read again.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "server/token_file.h"

namespace sluice {
namespace {

constexpr size_t kLargestBody = 1'000;
constexpr std::string_view kDigest =
    "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";

Result<std::vector<Token>> Read(std::string_view text) {
  return ReadTokens(text, "tokens.toml", nullptr, kLargestBody);
}

void ExpectLine(const std::string& error) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  EXPECT_FALSE(error.empty());
  EXPECT_TRUE(std::none_of(error.begin(), error.end(), is_control))
      << testing::PrintToString(error);
}

// Whatever is wrong behind a digest, or before it.
void ExpectDigestUnsaid(std::string_view text) {
  const std::string line = "\"known\" = { sha256 = \"" + std::string(kDigest) + "\"";
  for (const std::string& file : {line + std::string(text), std::string(text) + line + " }"}) {
    const auto tokens = Read(file);
    if (tokens) continue;
    ExpectLine(tokens.error());
    EXPECT_EQ(tokens.error().find(kDigest.substr(0, 8)), std::string::npos) << tokens.error();
  }
}

void Fuzz(std::string_view text) {
  const bool has_digest = text.find(kDigest.substr(0, 8)) != std::string_view::npos;
  if (!has_digest) ExpectDigestUnsaid(text);
  auto tokens = Read(text);
  if (!tokens) {
    ExpectLine(tokens.error());
    return;
  }
  const std::vector<Token> read = tokens.value();
  const TokenSet set(std::move(tokens.value()), nullptr);
  EXPECT_EQ(set.size(), read.size());
  const TokenSet again(std::move(Read(text).value()), &set);
  for (const Token& token : read) {
    EXPECT_NE(token.secret.has_value(), !token.common_name.empty()) << token.id;
    if (token.common_name.empty()) continue;
    const Token* const found = set.FindCommonName(token.common_name);
    ASSERT_NE(found, nullptr) << token.id;
    EXPECT_EQ(found->id, token.id);
    EXPECT_EQ(set.Find(found->handle), found);
    const Token* const kept = again.Find(found->handle);
    ASSERT_NE(kept, nullptr) << token.id;
    EXPECT_EQ(kept->id, token.id);
    EXPECT_EQ(kept->meters, found->meters);
  }
}

const FuzzTarget kTarget("token_file", Fuzz);

}  // namespace
}  // namespace sluice
