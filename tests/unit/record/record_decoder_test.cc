#include "sluice/record/record_decoder.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "unit/record/decoding.h"
#include "unit/record/mutation_check.h"

namespace sluice {
namespace {

using namespace std::string_literals;

// A record is an id and, perhaps, a number n from 0 to 9.
class RecordDecoderTest : public testing::Test {
 protected:
  static Schema Numbers(UnknownFields unknown_fields) {
    Field n = FieldOf("n", FieldType::kInt64);
    n.int_min = 0;
    n.int_max = 9;
    return SchemaOf({std::move(n)}, {}, unknown_fields);
  }
  std::string Json(std::string_view body) const { return Decoded(schema_, body); }
  std::string Lines(std::string_view body) const { return DecodedLines(schema_, body); }
  std::string Strictly(std::string_view body) const { return Decoded(strict_, body); }

  const Schema schema_ = Numbers(UnknownFields::kIgnore);
  const Schema strict_ = Numbers(UnknownFields::kRefuse);
};

// ---- Shapes ------------------------------------------------------------------------------------

TEST_F(RecordDecoderTest, ABodyIsOneOfFourShapes) {
  EXPECT_EQ(Json(R"({"id":"a","n":1})"), "id=a n=1");
  EXPECT_EQ(Json(R"([{"id":"a","n":1},{"id":"b"}])"), "id=a n=1 | id=b n=-");
  EXPECT_EQ(Json(R"({"data":{"id":"a","n":1}})"), "id=a n=1");
  EXPECT_EQ(Json(R"({"data":[{"id":"a","n":1},{"id":"b"}]})"), "id=a n=1 | id=b n=-");
  EXPECT_EQ(Lines("{\"id\":\"a\",\"n\":1}\n{\"id\":\"b\"}\n"), "id=a n=1 | id=b n=-");
}

TEST_F(RecordDecoderTest, SpaceMayStandBetweenTokens) {
  EXPECT_EQ(Json(" \r\n\t[ { \"id\" : \"a\" } ,\n{\"id\"\t:\r\"b\"} ] \n"), "id=a n=- | id=b n=-");
  EXPECT_EQ(Json("\n{ \"data\" : [ { \"id\":\"a\" } ] } "), "id=a n=-");
}

TEST_F(RecordDecoderTest, WhatStandsBesideDataIsNoRecords) {
  const char* const beside = R"({"v":1,"data":[{"id":"a"}],"id":"b","n":99})";
  EXPECT_EQ(Json(beside), "id=a n=-");
  EXPECT_EQ(Strictly(beside), "unknown_field 0 /v, unknown_field 0 /id, unknown_field 0 /n");
  EXPECT_EQ(Json(R"({"data":[{"id":"a"}],"x":[tru]})"), "json 0 /x");
  EXPECT_EQ(Json(R"({"data":[{"id":"a"}],"\x":1})"), "escape 0 /\\x");
}

TEST_F(RecordDecoderTest, DataWrapsOnlyBeforeAnyFieldAndOnlyContainers) {
  EXPECT_EQ(Json(R"({"id":"a","data":[{"id":"b"}]})"), "id=a n=-");
  EXPECT_EQ(Json(R"({"data":null,"id":"a"})"), "id=a n=-");
  EXPECT_EQ(Json(R"({"data":7,"id":"a"})"), "id=a n=-");
  EXPECT_EQ(Json(R"({"data":tru,"id":"a"})"), "json 0 /data");
  EXPECT_EQ(Lines(R"({"data":[{"id":"b"}],"id":"a"})"), "id=a n=-") << "a line is a record";
}

TEST_F(RecordDecoderTest, DataGivenTwiceLosesNoRecordInSilence) {
  EXPECT_EQ(Json(R"({"data":[{"id":"a"}],"data":[{"id":"b"}]})"), "duplicate 0 /data");
}

TEST_F(RecordDecoderTest, AFieldNamedDataIsAField) {
  const Schema schema = SchemaOf({FieldOf("data", FieldType::kInt32)});
  EXPECT_EQ(Decoded(schema, R"({"data":1,"id":"a"})"), "id=a data=1");
  EXPECT_EQ(Decoded(schema, R"({"data":[{"id":"a"}]})"), "type 0 /data, required 0 /id");
}

TEST_F(RecordDecoderTest, BlankLinesAndReturnsAreNoRecords) {
  EXPECT_EQ(Lines("\n\r\n{\"id\":\"a\"}\r\n \t\r\n{\"id\":\"b\"}"), "id=a n=- | id=b n=-");
}

TEST_F(RecordDecoderTest, NoRecordAtAllIsAFault) {
  for (const char* body :
       {"", " ", "\r\n\t ", "[]", " [ ] ", R"({"data":[]})", R"({"x":1,"data":[]})"}) {
    EXPECT_EQ(Json(body), "empty 0") << body;
  }
  for (const char* body : {"", "\n", "\r\n \n\t"}) EXPECT_EQ(Lines(body), "empty 0") << body;
  EXPECT_EQ(Json("{}"), "required 0 /id");
  EXPECT_EQ(Json(R"({"data":{}})"), "required 0 /data/id");
}

// ---- Places of faults --------------------------------------------------------------------------

TEST_F(RecordDecoderTest, AFaultIsPlacedInEachShape) {
  EXPECT_EQ(Json(R"({"id":"a","n":10})"), "range 0 /n");
  EXPECT_EQ(Json(R"([{"id":"a"},{"id":"b","n":10}])"), "range 1 /1/n");
  EXPECT_EQ(Json(R"({"data":{"id":"a","n":10}})"), "range 0 /data/n");
  EXPECT_EQ(Json(R"({"data":[{"id":"a"},{"n":1}]})"), "required 1 /data/1/id");
  EXPECT_EQ(Lines("{\"id\":\"a\"}\n\n{\"id\":\"b\",\"n\":10}\n"), "range 1 /n")
      << "the record's index, whatever its line";
}

TEST_F(RecordDecoderTest, ARecordIsAnObject) {
  for (const char* body : {"1", "\"a\"", "null", "true"}) {
    EXPECT_EQ(Json(body), "not_object 0") << body;
    EXPECT_EQ(Lines(body), "not_object 0") << body;
  }
  EXPECT_EQ(Lines(R"([{"id":"a"}])"), "not_object 0");
  EXPECT_EQ(Json(R"([1,{"id":"a"},null,[{"id":"b"}],"x"])"),
            "not_object 0 /0, not_object 2 /2, not_object 3 /3, not_object 4 /4");
  EXPECT_EQ(Json(R"({"data":[{"id":"a"},false]})"), "not_object 1 /data/1");
  EXPECT_EQ(Json(R"([{"id":"a"},[1,]])"), "json 1 /1");
  EXPECT_EQ(Json(R"([{"id":"a"},"\x"])"), "escape 1 /1");
}

TEST_F(RecordDecoderTest, EveryRecordIsLookedAtUntilErrorsMax) {
  std::string array = "[";
  std::string lines;
  for (int i = 0; i < 20; ++i) {
    array += R"({"id":"a","n":-1},)";
    lines += "{\"id\":\"a\",\"n\":-1}\n";
  }
  std::string in_array;
  std::string in_lines;
  for (size_t i = 0; i < kErrorsMax; ++i) {
    const std::string index = std::to_string(i);
    in_array += (i == 0 ? "range " : ", range ") + index + " /" + index + "/n";
    in_lines += (i == 0 ? "range " : ", range ") + index + " /n";
  }
  array.back() = ']';
  EXPECT_EQ(Json(array), in_array);
  EXPECT_EQ(Lines(lines), in_lines);
  EXPECT_EQ(Json(R"([{"n":-1},{"id":"a"},{"id":7,"n":""}])"),
            "range 0 /0/n, required 0 /0/id, type 2 /2/id, type 2 /2/n");
}

TEST_F(RecordDecoderTest, NothingIsAppendedBehindTheFirstFault) {
  RecordDecoder decoder;
  TextSink sink(schema_);
  const PaddedBody body(R"([{"id":"a"},{"id":"b","n":-1},{"id":"c"}])");
  EXPECT_EQ(decoder.Decode(schema_, {}, BodyShape::kJson, body.view(), sink), 0u);
  EXPECT_EQ(sink.text(), "id=a n=-");
}

TEST_F(RecordDecoderTest, AnErrorSaysWhatTheFieldTakes) {
  RecordDecoder decoder;
  DecodedBy(decoder, schema_, BodyShape::kJson, R"({"n":10,"x":1})");
  ASSERT_EQ(decoder.errors().list().size(), 2u);
  EXPECT_EQ(decoder.errors().list()[0].detail, "n takes an integer from 0 to 9");
  EXPECT_EQ(decoder.errors().list()[1].detail, "id is required");
}

TEST_F(RecordDecoderTest, MalformedJsonEndsTheLook) {
  EXPECT_EQ(Json(R"([{"id":"a","n":-1},{"id":"b","n":tru},{"n":-1}])"),
            "range 0 /0/n, json 1 /1/n");
  EXPECT_EQ(Lines("{\"id\":\"a\",\"n\":-1}\n{\"id\":\n{\"n\":-1}"), "range 0 /n, json 1 /id");
}

TEST_F(RecordDecoderTest, WhatStandsBehindTheTextIsAFault) {
  for (const char* tail : {"x", "{}", "]", "}", ",", "1", "\"\"", "\x01", "[{\"id\":\"b\"}]"}) {
    EXPECT_EQ(Json(R"({"id":"a"} )"s + tail), "trailing 0") << tail;
    EXPECT_EQ(Json(R"([{"id":"a"}] )"s + tail), "trailing 0") << tail;
    EXPECT_EQ(Json(R"({"data":[{"id":"a"}]})"s + tail), "trailing 0") << tail;
    EXPECT_EQ(Lines("{\"id\":\"a\"}\n{\"id\":\"b\"} "s + tail), "trailing 1") << tail;
  }
  EXPECT_EQ(Json("{\"id\":\"a\"}\0"s), "trailing 0");
}

TEST_F(RecordDecoderTest, ABodyCutAnywhereIsRefused) {
  for (const std::string body :
       {R"([{"id":"a","n":1,"x":[{}]},{"id":"b"}])", R"({"data":[{"id":"a","x":{"y":[1]}}]})",
        R"({"data":{"id":"a","n":3}})"}) {
    for (size_t size = 1; size < body.size(); ++size) {
      for (const char padding : "}]\"1, ") {
        RecordDecoder decoder;
        const std::string cut = body.substr(0, size);
        EXPECT_EQ(DecodedBy(decoder, schema_, BodyShape::kJson, cut, padding).substr(0, 4), "json")
            << cut << " then " << padding;
      }
    }
  }
}

TEST_F(RecordDecoderTest, BadUtf8IsFoundWhereverItStands) {
  for (const std::string& bad :
       {"\xFF"s, "\xC3"s, "\xC0\x80"s, "\xED\xA0\x80"s, "\xF5\x80\x80\x80"s}) {
    EXPECT_EQ(Json(R"([{"id":"a"},{"id":"b)" + bad + "\"}]"), "utf8 1 /1/id");
    EXPECT_EQ(Json(R"({"data":{"x":"a)" + bad + R"(","id":"a"}})"), "utf8 0 /data/x");
    EXPECT_EQ(Json(R"({"id":"a","x)" + bad + "\":1}"), "utf8 0");
    EXPECT_EQ(Json(R"({"id":"a"})" + bad), "utf8 0");
    EXPECT_EQ(Json(bad + R"({"id":"a"})"), "utf8 0");
    EXPECT_EQ(Json(R"({"id":)" + bad + "}"), "utf8 0 /id");
    EXPECT_EQ(Lines("{\"id\":\"a\"}\n{\"id\":\"" + bad + "\"}\n"), "utf8 1 /id");
  }
}

TEST_F(RecordDecoderTest, AControlCharacterInAStringIsAFault) {
  for (char byte = 0; byte < 0x20; ++byte) {
    EXPECT_EQ(Json(R"([{"id":"a"},{"id":"b)"s + byte + "\"}]"), "json 1 /1/id") << int{byte};
    EXPECT_EQ(Json(R"({"id":"a","x)"s + byte + "\":1}"), "json 0") << int{byte};
  }
  EXPECT_EQ(Json("{\"id\":\"\x7F\"}"), "id=\x7F n=-");
}

// ---- Size and use again ------------------------------------------------------------------------

TEST_F(RecordDecoderTest, DecodesABodyOfTheLargestSize) {
  std::string body = "[";
  size_t count = 0;
  while (body.size() < kBodyBytesMax - 40) {
    body += R"({"id":"d)" + std::to_string(count++) + R"(","n":"7"},)";
  }
  body.back() = ' ';
  body += std::string(kBodyBytesMax - body.size() - 1, ' ') + "]";
  RecordDecoder decoder;
  TextSink sink(schema_);
  const PaddedBody padded(body);
  ASSERT_EQ(padded.view().size(), kBodyBytesMax);
  EXPECT_EQ(decoder.Decode(schema_, {}, BodyShape::kJson, padded.view(), sink), count);
  EXPECT_TRUE(sink.text().ends_with("| id=d" + std::to_string(count - 1) + " n=7"));
  body[body.size() / 2] = '\x01';
  EXPECT_NE(DecodedBy(decoder, schema_, BodyShape::kJson, body).find("json"), std::string::npos);
}

TEST_F(RecordDecoderTest, AFaultLeavesNothingBehind) {
  RecordDecoder decoder;
  const std::string sound = R"([{"id":"a","n":1},{"id":"b"}])";
  for (const std::string& bad :
       {"["s, "{"s, "\""s, "{\"id\":\"\xFF\"}"s, R"({"id":"a"} x)"s, R"([{"id":"a","n":1},{"n":)"s,
        R"({"id":"\ud800"})"s, std::string(2'000, '['), ""s, R"([{"id":"a"},{"n":5}])"s}) {
    EXPECT_NE(DecodedBy(decoder, schema_, BodyShape::kJson, bad), "id=a n=1 | id=b n=-");
    EXPECT_EQ(DecodedBy(decoder, schema_, BodyShape::kJson, sound), "id=a n=1 | id=b n=-") << bad;
    EXPECT_EQ(DecodedBy(decoder, schema_, BodyShape::kLines, sound.substr(1, 16)), "id=a n=1");
  }
}

// ---- Against simdjson's DOM and a reading of the RFC -------------------------------------------

TEST_F(RecordDecoderTest, TakesOnlyJsonAndBlamesOnlyWhatIsNot) {
  MutationCheck check(schema_);
  for (uint64_t round = 0; round < 10'000 && !HasFailure(); ++round) check.Round(round);
  EXPECT_GT(check.taken(), 300u) << "too few were sound to say anything";
  EXPECT_GT(check.blamed(), 3'000u);
}

}  // namespace
}  // namespace sluice
