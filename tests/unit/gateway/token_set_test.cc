#include "sluice/gateway/token_set.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sluice {
namespace {

Token WithSecret(const std::string& id, const std::string& secret) {
  return {.id = id, .secret = DigestOfSecret(secret)};
}

std::string IdOf(const Token* token) { return token == nullptr ? "nobody" : token->id; }

template <typename... Tokens>
std::shared_ptr<const TokenSet> SetOf(const TokenSet* before, Tokens... tokens) {
  std::vector<Token> list;
  (list.push_back(std::move(tokens)), ...);
  return std::make_shared<TokenSet>(std::move(list), before);
}

TEST(TokenSetTest, ATokenIsFoundByItsSecretAlone) {
  const auto set = SetOf(nullptr, WithSecret("a", "secret-a"), WithSecret("b", "secret-b"));
  EXPECT_EQ(IdOf(set->FindSecret("secret-a")), "a");
  EXPECT_EQ(IdOf(set->FindSecret("secret-b")), "b");
  for (const char* other : {"", "a", "secret-c", "secret-", "secret-a "}) {
    EXPECT_EQ(set->FindSecret(other), nullptr) << other;
  }
  EXPECT_EQ(set->FindSecret(Hex(DigestOfSecret("secret-a"))), nullptr) << "what the file holds";
}

TEST(TokenSetTest, AnEmptySetKnowsNobody) {
  const auto set = SetOf(nullptr);
  EXPECT_EQ(set->FindSecret("a"), nullptr);
  EXPECT_EQ(set->FindCommonName("a"), nullptr);
  EXPECT_EQ(set->Find({0, 0}), nullptr);
  EXPECT_EQ(set->Find({}), nullptr);
}

// Eight bytes pick the place; only all of them are a match.
TEST(TokenSetTest, DigestsThatBeginAlikeAreToldApart) {
  SecretDigest near = DigestOfSecret("secret");
  near.back() = static_cast<unsigned char>(near.back() ^ 1);
  const auto only_near = SetOf(nullptr, Token{.id = "near", .secret = near});
  EXPECT_EQ(only_near->FindSecret("secret"), nullptr);
  const auto both = SetOf(nullptr, Token{.id = "near", .secret = near}, WithSecret("it", "secret"));
  EXPECT_EQ(IdOf(both->FindSecret("secret")), "it");
}

TEST(TokenSetTest, ACommonNameFindsItsTokenAndNoSecretDoes) {
  const auto set = SetOf(nullptr, Token{.id = "a", .common_name = "band-1"}, WithSecret("b", "s"));
  EXPECT_EQ(IdOf(set->FindCommonName("band-1")), "a");
  EXPECT_EQ(set->FindCommonName("a"), nullptr);
  EXPECT_EQ(set->FindCommonName(""), nullptr) << "the token with a secret has no name";
  EXPECT_EQ(set->FindSecret("band-1"), nullptr);
}

TEST(TokenSetTest, AReloadKeepsHandleAndMetersOfWhatStays) {
  auto first = SetOf(nullptr, WithSecret("a", "1"), WithSecret("b", "2"));
  const SlotHandle handle = first->FindSecret("2")->handle;
  first->FindSecret("2")->meters->records = 77;
  const auto second = SetOf(first.get(), WithSecret("0", "3"), WithSecret("b", "new"));
  first.reset();
  ASSERT_EQ(IdOf(second->Find(handle)), "b");
  EXPECT_EQ(second->Find(handle)->meters->records, 77u);
  EXPECT_EQ(IdOf(second->FindSecret("new")), "b");
  EXPECT_EQ(second->FindSecret("2"), nullptr);
  EXPECT_EQ(second->FindSecret("3")->meters->records, 0u);
}

// Also where its place is another's by now.
TEST(TokenSetTest, ARevokedTokensHandleFindsNobody) {
  const auto first = SetOf(nullptr, WithSecret("a", "1"));
  const SlotHandle handle = first->FindSecret("1")->handle;
  const auto without = SetOf(first.get());
  EXPECT_EQ(without->Find(handle), nullptr);
  const auto another = SetOf(without.get(), WithSecret("b", "2"));
  EXPECT_EQ(another->FindSecret("2")->handle.index, handle.index) << "places are used again";
  EXPECT_EQ(another->Find(handle), nullptr);
  const auto back = SetOf(another.get(), WithSecret("a", "1"));
  EXPECT_EQ(back->Find(handle), nullptr) << "what was revoked does not come back to life";
  EXPECT_EQ(IdOf(back->Find(back->FindSecret("1")->handle)), "a");
}

TEST(TokenSetTest, PlacesDoNotPileUpOverReloads) {
  auto set = SetOf(nullptr, WithSecret("0", "0"));
  for (int i = 1; i <= 100; ++i) {
    set = SetOf(set.get(), WithSecret(std::to_string(i), std::to_string(i)));
    EXPECT_EQ(set->FindSecret(std::to_string(i))->handle.index, 0u);
  }
}

TEST(TokenSetTest, EachOfManyIsFound) {
  constexpr int kCount = 2'000;
  std::vector<Token> tokens;
  for (int i = 0; i < kCount; ++i) {
    tokens.push_back(WithSecret("id-" + std::to_string(i), "secret-" + std::to_string(i)));
  }
  const TokenSet set(std::move(tokens), nullptr);
  for (int i = 0; i < kCount; ++i) {
    const Token* token = set.FindSecret("secret-" + std::to_string(i));
    ASSERT_EQ(IdOf(token), "id-" + std::to_string(i));
    ASSERT_EQ(set.Find(token->handle), token);
    ASSERT_EQ(set.FindSecret("other-" + std::to_string(i)), nullptr);
  }
}

}  // namespace
}  // namespace sluice
