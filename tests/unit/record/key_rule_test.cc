#include "sluice/record/key_rule.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "unit/record/decoding.h"

namespace sluice {
namespace {

TEST(KeyRuleTest, WithoutValuesAndPrefixesAnyKeyIsAllowed) {
  EXPECT_TRUE(KeyRule().Allows("a"));
  EXPECT_TRUE(KeyRule({}, {}).Allows(""));
  EXPECT_TRUE(KeyRule().allows_any());
}

TEST(KeyRuleTest, AValueIsAllowedAsAWholeAndByteByByte) {
  const KeyRule rule({"band-2", "band-1", "\xC3\xA4"}, {});
  for (const char* good : {"band-1", "band-2", "\xC3\xA4"}) EXPECT_TRUE(rule.Allows(good)) << good;
  for (const char* bad : {"", "band-", "band-12", "Band-1", "band-3", "a\xCC\x88"}) {
    EXPECT_FALSE(rule.Allows(bad)) << bad;
  }
}

TEST(KeyRuleTest, APrefixAllowsWhatBeginsWithIt) {
  const KeyRule rule({"x"}, {"ward-7/", "band-"});
  for (const char* good : {"band-", "band-9", "ward-7/a", "x"}) {
    EXPECT_TRUE(rule.Allows(good)) << good;
  }
  for (const char* bad : {"ban", "ward-77", "xx", ""}) EXPECT_FALSE(rule.Allows(bad)) << bad;
}

// ---- In the decoder ----------------------------------------------------------------------------

class KeyedDecodeTest : public testing::Test {
 protected:
  // The records, or the errors: code, index, pointer.
  std::string Decoded(std::string_view body, BodyShape shape = BodyShape::kJson) {
    TextSink sink(schema_);
    const PaddedBody padded(body);
    if (decoder_.Decode(schema_, {}, shape, padded.view(), sink, &rule_) > 0) return sink.text();
    std::string text;
    for (const RecordError& error : decoder_.errors().list()) {
      text += (text.empty() ? "" : ", ") + std::string(FaultCode(error.fault)) + " " +
              std::to_string(error.index) + " " + error.pointer;
      EXPECT_EQ(error.detail.find("eve"), std::string::npos) << "no value in an answer";
    }
    return text;
  }

  const Schema schema_ = SchemaOf({FieldOf("n", FieldType::kInt64)});
  const KeyRule rule_{{"al", "bo\n"}, {"z-"}};
  RecordDecoder decoder_;
};

TEST_F(KeyedDecodeTest, PlainRecordsOfAllowedKeysAreTaken) {
  EXPECT_EQ(Decoded(R"([{"id":"al","n":1},{"n":2,"id":"z-9"}])"), "id=al n=1 | id=z-9 n=2");
}

TEST_F(KeyedDecodeTest, AForbiddenKeyIsNamedByItsRecordAndMember) {
  EXPECT_EQ(Decoded(R"({"id":"eve","n":1})"), "forbidden_key 0 /id");
  EXPECT_EQ(Decoded(R"([{"id":"al","n":1},{"id":"eve","n":1},{"id":"z-1"},{"id":"eve"}])"),
            "forbidden_key 1 /1/id, forbidden_key 3 /3/id");
  EXPECT_EQ(Decoded(R"({"data":[{"id":"al"},{"id":"eve"}]})"), "forbidden_key 1 /data/1/id");
  EXPECT_EQ(Decoded(R"({"data":{"id":"eve"}})"), "forbidden_key 0 /data/id");
  EXPECT_EQ(Decoded("{\"id\":\"al\"}\n\n{\"id\":\"eve\"}\n", BodyShape::kLines),
            "forbidden_key 1 /id");
}

TEST_F(KeyedDecodeTest, TheUnescapedValueCounts) {
  EXPECT_EQ(Decoded(R"({"id":"\u0061l"})"), "id=al n=-");
  EXPECT_EQ(Decoded(R"({"id":"bo\n"})"), "id=bo\n n=-");
  EXPECT_EQ(Decoded(R"({"id":"bo\\n"})"), "forbidden_key 0 /id");
  EXPECT_EQ(Decoded(R"({"id":"al\u0000"})"), "forbidden_key 0 /id");
}

// What only the slow reader takes, so that neither of the two is a way around.
TEST_F(KeyedDecodeTest, BothReadersLook) {
  EXPECT_EQ(Decoded(R"({"id":"al","x":{}})"), "id=al n=-");
  EXPECT_EQ(Decoded(R"({"id":"eve","x":{}})"), "forbidden_key 0 /id");
  EXPECT_EQ(Decoded(R"({"i\u0064":"eve"})"), "forbidden_key 0 /i\\u0064");
  EXPECT_EQ(Decoded(R"([{"id":"eve"},{"id":"al","x":1}])"), "forbidden_key 0 /0/id");
}

TEST_F(KeyedDecodeTest, OtherFaultsStandBesideIt) {
  EXPECT_EQ(Decoded(R"([{"id":"eve","n":"x"},{"n":1}])"),
            "forbidden_key 0 /0/id, type 0 /0/n, required 1 /1/id");
  EXPECT_EQ(Decoded(R"({"id":"al","id":"eve"})"), "duplicate 0 /id");
}

TEST_F(KeyedDecodeTest, TheKeyNeedNotBeTheFirstField) {
  std::vector<Field> fields = {FieldOf("n", FieldType::kInt64), FieldOf("id", FieldType::kString)};
  fields[1].key = true;
  fields[1].required = true;
  const Schema schema = Schema::Make(std::move(fields), {}, UnknownFields::kIgnore).value();
  for (const bool good : {true, false}) {
    TextSink sink(schema);
    const PaddedBody body(good ? R"({"n":1,"id":"al"})" : R"({"n":1,"id":"eve"})");
    const uint32_t records =
        decoder_.Decode(schema, {}, BodyShape::kJson, body.view(), sink, &rule_);
    EXPECT_EQ(records, good ? 1u : 0u);
  }
}

}  // namespace
}  // namespace sluice
