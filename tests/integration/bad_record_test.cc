// Every kind of bad record: a 400 that names record, place and code, and nothing stored of its
// request, neither before nor behind the bad one.
#include <algorithm>

#include "integration/gate_fixture.h"

namespace sluice {
namespace {

constexpr const char* kAnywhere = nullptr;

struct BadCase {
  const char* name;
  const char* path;
  std::string body;
  const char* content_type;
  size_t index;
  const char* pointer;  // kAnywhere: not promised
  const char* code;
};

void PrintTo(const BadCase& one, std::ostream* out) { *out << one.name; }

// The vitals record with `members` instead of the heart rate.
std::string With(std::string_view members) {
  return R"({"device_id":"d","timestamp":1,)" + std::string(members) + "}";
}

std::string Nested(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

BadCase Bad(const char* name, std::string body, const char* pointer, const char* code) {
  return {name, kVitals, std::move(body), "application/json", 0, pointer, code};
}

BadCase BadAnswer(const char* name, std::string body, const char* pointer, const char* code) {
  return {name, kQuestionnaires, std::move(body), "application/json", 0, pointer, code};
}

// A question's answer whose `name` has another value.
std::string AnswerWith(const std::string& name, const std::string& value) {
  std::string record = R"({"patient_id":"p","question_id":"q","answer":1,)"
                       R"("submit_time":"2026-01-31T08:00:00Z"})";
  const size_t begin = record.find("\"" + name + "\":") + name.size() + 3;
  return record.replace(begin, record.find_first_of(",}", begin) - begin, value);
}

std::vector<BadCase> FieldCases() {
  const std::string camel_twice = R"("heart_rate":1,"heartRate":2)";
  return {
      Bad("MissingDevice", R"({"timestamp":1,"heart_rate":1})", "/device_id", "required"),
      Bad("NullDevice", R"({"device_id":null,"timestamp":1,"heart_rate":1})", "/device_id",
          "required"),
      Bad("MissingTimestamp", R"({"device_id":"d","heart_rate":1})", "/timestamp", "required"),
      Bad("NeitherReading", R"({"device_id":"d","timestamp":1})", "", "at_least_one"),
      Bad("BothReadingsNull", With(R"("heart_rate":null,"blood_oxygen":null)"), "", "at_least_one"),
      Bad("EmptyDevice", R"({"device_id":"","timestamp":1,"heart_rate":1})", "/device_id",
          "length"),
      Bad("LongDevice", Vital(std::string(129, 'd'), 1), "/device_id", "length"),
      Bad("NumberAsDevice", R"({"device_id":7,"timestamp":1,"heart_rate":1})", "/device_id",
          "type"),
      Bad("RateTooHigh", With(R"("heart_rate":350.01)"), "/heart_rate", "range"),
      Bad("RateTooLow", With(R"("heart_rate":-1)"), "/heart_rate", "range"),
      Bad("OxygenTooHigh", With(R"("blood_oxygen":100.5)"), "/blood_oxygen", "range"),
      Bad("RateBeyondDouble", With(R"("heart_rate":1e999)"), "/heart_rate", "range"),
      Bad("StringAsRate", With(R"("heart_rate":"72")"), "/heart_rate", "type"),
      Bad("BoolAsRate", With(R"("heart_rate":true)"), "/heart_rate", "type"),
      Bad("ObjectAsRate", With(R"("heart_rate":{"bpm":72})"), "/heart_rate", "type"),
      Bad("ArrayAsRate", With(R"("heart_rate":[72])"), "/heart_rate", "type"),
      Bad("TimestampBeyondInt64",
          R"({"device_id":"d","timestamp":9223372036854775808,"heart_rate":1})", "/timestamp",
          "range"),
      Bad("FractionAsTimestamp", R"({"device_id":"d","timestamp":1.5,"heart_rate":1})",
          "/timestamp", "type"),
      Bad("WordAsTimestamp", R"({"device_id":"d","timestamp":"soon","heart_rate":1})", "/timestamp",
          "type"),
      Bad("DuplicateKey", With(R"("heart_rate":1,"heart_rate":1)"), "/heart_rate", "duplicate"),
      Bad("DuplicateInBothForms", With(camel_twice), "/heartRate", "duplicate"),
      Bad("DuplicateAfterNull", With(R"("heart_rate":null,"blood_oxygen":1,"heart_rate":2)"),
          "/heart_rate", "duplicate"),
      BadAnswer("AnswerBeyondInt32", AnswerWith("answer", "2147483648"), "/answer", "range"),
      BadAnswer("AnswerBelowInt32", AnswerWith("answer", "-2147483649"), "/answer", "range"),
      BadAnswer("AnswerAsString", AnswerWith("answer", "\"1\""), "/answer", "type"),
      BadAnswer("AnswerNull", AnswerWith("answer", "null"), "/answer", "required"),
      BadAnswer("DateOnly", AnswerWith("submit_time", "\"2026-01-31\""), "/submit_time",
                "timestamp"),
      BadAnswer("NoOffset", AnswerWith("submit_time", "\"2026-01-31T08:00:00\""), "/submit_time",
                "timestamp"),
      BadAnswer("NoSuchDay", AnswerWith("submit_time", "\"2026-02-29T08:00:00Z\""), "/submit_time",
                "timestamp"),
      BadAnswer("NumberAsTime", AnswerWith("submit_time", "1769846400"), "/submit_time", "type"),
  };
}

std::vector<BadCase> TextCases() {
  const std::string good = Vital("d", 1);
  return {
      Bad("NoBytes", "", "", "empty"),
      Bad("OnlySpace", " \r\n\t", "", "empty"),
      Bad("EmptyArray", "[]", "", "empty"),
      Bad("EmptyWrapper", R"({"data":[]})", "", "empty"),
      Bad("ScalarRoot", "17", "", "not_object"),
      Bad("StringRoot", "\"device\"", "", "not_object"),
      Bad("NullRoot", "null", "", "not_object"),
      Bad("Truncated", good.substr(0, good.size() - 1), kAnywhere, "json"),
      Bad("TruncatedArray", "[" + good, kAnywhere, "json"),
      Bad("MissingComma", R"({"device_id":"d" "timestamp":1,"heart_rate":1})", kAnywhere, "json"),
      Bad("TrailingComma", With("\"heart_rate\":1,"), kAnywhere, "json"),
      Bad("SingleQuotes", "{'device_id':'d'}", kAnywhere, "json"),
      Bad("LeadingZero", With(R"("heart_rate":072)"), kAnywhere, "json"),
      Bad("NotANumber", With(R"("heart_rate":NaN)"), kAnywhere, "json"),
      Bad("HalfAWord", With(R"("heart_rate":nul)"), kAnywhere, "json"),
      Bad("ControlByteInString", Vital("a\nb", 1), kAnywhere, "json"),
      Bad("TrailingBytes", good + "x", kAnywhere, "trailing"),
      Bad("TwoObjects", good + good, kAnywhere, "trailing"),
      Bad("SecondArray", "[" + good + "][]", kAnywhere, "trailing"),
      Bad("BadUtf8", Vital("d\xC3\x28", 1), kAnywhere, "utf8"),
      Bad("OverlongUtf8", Vital("d\xC0\xAF", 1), kAnywhere, "utf8"),
      Bad("SurrogateAsUtf8", Vital("d\xED\xA0\x80", 1), kAnywhere, "utf8"),
      Bad("LoneSurrogate", Vital("d\\ud83d", 1), "/device_id", "escape"),
      Bad("LowSurrogateFirst", Vital("d\\ude00\\ud83d", 1), "/device_id", "escape"),
      Bad("UnknownEscape", Vital("d\\x41", 1), "/device_id", "escape"),
      Bad("DeepUnknownField", With("\"heart_rate\":1,\"x\":" + Nested(100)), kAnywhere, "depth"),
      Bad("DeepInIgnoredField", With("\"x\":" + Nested(20'000) + ",\"heart_rate\":1"), kAnywhere,
          "depth"),
      Bad("BadValueOfIgnoredField", With(R"("heart_rate":1,"x":[1,2,}])"), kAnywhere, "json"),
      Bad("LoneSurrogateInIgnoredField", With(R"("heart_rate":1,"x":"\udc00")"), "/x", "escape"),
  };
}

std::vector<BadCase> PlaceCases() {
  const std::string good = Vital("d", 1);
  const std::string bad = With(R"("heart_rate":400)");
  const auto json = "application/json";
  return {
      {"LastOfArray", kVitals, "[" + good + "," + good + "," + bad + "]", json, 2, "/2/heart_rate",
       "range"},
      {"FirstOfArray", kVitals, "[" + bad + "," + good + "]", json, 0, "/0/heart_rate", "range"},
      {"InWrappedArray", kVitals, R"({"data":[)" + good + "," + bad + "]}", json, 1,
       "/data/1/heart_rate", "range"},
      {"InWrappedObject", kVitals, R"({"data":)" + bad + "}", json, 0, "/data/heart_rate", "range"},
      {"MissingInArray", kVitals, "[" + good + R"(,{"device_id":"d","heart_rate":1}])", json, 1,
       "/1/timestamp", "required"},
      {"ScalarInArray", kVitals, "[" + good + ",17]", json, 1, "/1", "not_object"},
      {"ArrayInArray", kVitals, "[" + good + ",[" + good + "]]", json, 1, "/1", "not_object"},
      {"NullInArray", kVitals, "[null," + good + "]", json, 0, "/0", "not_object"},
      {"LineOfNdjson", kVitals, good + "\n" + good + "\n" + bad + "\n" + good, kNdjson, 2,
       "/heart_rate", "range"},
      {"BrokenLine", kVitals, good + "\n" + good.substr(0, 20) + "\n" + good, kNdjson, 1, kAnywhere,
       "json"},
      {"TwoOnALine", kVitals, good + "\n" + good + good + "\n", kNdjson, 1, kAnywhere, "trailing"},
      {"ArrayOnALine", kVitals, good + "\n[" + good + "]\n", kNdjson, 1, kAnywhere, "not_object"},
      {"NoLine", kVitals, "\n\n", kNdjson, 0, "", "empty"},
  };
}

class BadRecordTest : public GateTest, public testing::WithParamInterface<BadCase> {};

TEST_P(BadRecordTest, IsNamedAndNothingIsStored) {
  StartAll("", 1);
  const BadCase& bad = GetParam();
  HttpClient client = Connect();
  const HttpResponse response = client.Post(bad.path, bad.body, bad.content_type);
  ASSERT_TRUE(IsProblem(response, 400)) << bad.body.substr(0, 500);
  const std::vector<AnsweredError> errors = AnsweredErrors(response);
  ASSERT_EQ(errors.size(), 1u) << response.body;
  EXPECT_EQ(errors[0].index, bad.index) << response.body;
  EXPECT_EQ(errors[0].code, bad.code) << response.body;
  if (bad.pointer != kAnywhere) {
    EXPECT_EQ(errors[0].pointer, bad.pointer) << response.body;
  }

  // The connection goes on, and the next record is the first to be stored.
  EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("next", 2)), 1));
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("next", 2)}));
  EXPECT_EQ(Length("questionnaires"), 0);
}

std::string NameOf(const testing::TestParamInfo<BadCase>& one) { return one.param.name; }

INSTANTIATE_TEST_SUITE_P(Field, BadRecordTest, testing::ValuesIn(FieldCases()), NameOf);
INSTANTIATE_TEST_SUITE_P(Text, BadRecordTest, testing::ValuesIn(TextCases()), NameOf);
INSTANTIATE_TEST_SUITE_P(Place, BadRecordTest, testing::ValuesIn(PlaceCases()), NameOf);

class BadRecordsTest : public GateTest {};

TEST_F(BadRecordsTest, AreAllNamedInTheirOrder) {
  StartAll();
  const HttpResponse response =
      Post(kVitals, "[" + With(R"("heart_rate":400)") + "," + Vital("d", 1) +
                        R"(,{"heart_rate":"x","blood_oxygen":101}])");
  ASSERT_TRUE(IsProblem(response, 400));
  std::vector<std::string> places;
  for (const AnsweredError& error : AnsweredErrors(response)) {
    EXPECT_EQ(error.index, error.pointer.starts_with("/0") ? 0u : 2u) << response.body;
    places.push_back(error.pointer + " " + error.code);
  }
  ASSERT_EQ(places.size(), 5u) << response.body;
  EXPECT_EQ(places[0], "/0/heart_rate range");
  std::sort(places.begin() + 1, places.end());  // within a record the order is not promised
  EXPECT_EQ(places, (std::vector<std::string>{"/0/heart_rate range", "/2/blood_oxygen range",
                                              "/2/device_id required", "/2/heart_rate type",
                                              "/2/timestamp required"}));
  EXPECT_EQ(Length("vitals"), 0);
}

TEST_F(BadRecordsTest, AreNamedUpToTheSixteenth) {
  StartAll();
  std::string body = "[" + Vital("d", 1);
  for (int i = 0; i < 40; ++i) body += "," + With(R"("heart_rate":400)");
  const HttpResponse response = Post(kVitals, body + "]");
  ASSERT_TRUE(IsProblem(response, 400));
  const std::vector<AnsweredError> errors = AnsweredErrors(response);
  ASSERT_EQ(errors.size(), 16u) << response.body;
  for (size_t i = 0; i < errors.size(); ++i) EXPECT_EQ(errors[i].index, i + 1);
  EXPECT_EQ(Length("vitals"), 0);
}

TEST_F(BadRecordsTest, LeaveTheirPipelinedNeighboursAlone) {
  StartAll("", 1);
  HttpClient client = Connect();
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += PostRequest(kVitals, Vital("good", i));
    requests += PostRequest(kVitals, "[" + Vital("bad", i) + ",{}]");
  }
  client.Send(requests);
  std::vector<Fields> entries;
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1)) << "good request " << i;
    EXPECT_TRUE(IsProblem(client.ReadResponse(), 400)) << "bad request " << i;
    entries.push_back(VitalEntry("good", i));
  }
  EXPECT_EQ(Stored("vitals"), entries);
  const LedgerLine ledger = StopGate();
  EXPECT_EQ(ledger.accepted, 50u);
  EXPECT_EQ(ledger.stored, 50u);
}

}  // namespace
}  // namespace sluice
