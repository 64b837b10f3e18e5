// Good records in every shape a body may have, read back from the stream entry by entry.
#include <algorithm>

#include "integration/gate_fixture.h"

namespace sluice {
namespace {

// A body of `records`, in one of the shapes a request may have.
struct Shape {
  const char* name;
  bool many;  // whether it can hold another number of records than one
  const char* content_type;
  std::string (*body)(const std::vector<std::string>& records);
};

void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

std::string Join(const std::vector<std::string>& records, std::string_view separator) {
  std::string joined;
  for (const std::string& record : records) {
    if (!joined.empty()) joined += separator;
    joined += record;
  }
  return joined;
}

const Shape kShapes[] = {
    {"Object", false, "application/json", [](const auto& records) { return records[0]; }},
    {"Array", true, "application/json",
     [](const auto& records) { return "[" + Join(records, ",") + "]"; }},
    {"WrappedObject", false, "application/json",
     [](const auto& records) { return R"({"data":)" + records[0] + "}"; }},
    {"WrappedArray", true, "application/json",
     [](const auto& records) { return R"({"data":[)" + Join(records, " , ") + "]}"; }},
    {"Ndjson", true, kNdjson, [](const auto& records) { return Join(records, "\n"); }},
    {"NdjsonWithLastNewline", true, kNdjson,
     [](const auto& records) { return Join(records, "\n") + "\n"; }},
};

class IngestTest : public GateTest {};

class ShapeTest : public GateTest, public testing::WithParamInterface<Shape> {};

TEST_P(ShapeTest, BringsBothRoutesRecordsIntoTheirStreamsInOrder) {
  StartAll();
  const Shape& shape = GetParam();
  std::vector<std::string> vitals;
  std::vector<std::string> answers;
  std::vector<Fields> vital_entries;
  std::vector<Fields> answer_entries;
  for (int i = 0; i < (shape.many ? 3 : 1); ++i) {
    const std::string name = "d" + std::to_string(i);
    vitals.push_back(Vital(name, 1'700'000'000'000 + i));
    vital_entries.push_back(VitalEntry(name, 1'700'000'000'000 + i));
    answers.push_back(QuestionAnswer(name, i));
    answer_entries.push_back(QuestionAnswerEntry(name, i));
  }
  EXPECT_TRUE(IsAccepted(Post(kVitals, shape.body(vitals), shape.content_type), vitals.size()));
  EXPECT_TRUE(
      IsAccepted(Post(kQuestionnaires, shape.body(answers), shape.content_type), answers.size()));
  EXPECT_EQ(Stored("vitals"), vital_entries);
  EXPECT_EQ(Stored("questionnaires"), answer_entries);
}

INSTANTIATE_TEST_SUITE_P(All, ShapeTest, testing::ValuesIn(kShapes),
                         [](const auto& shape) { return shape.param.name; });

TEST_F(IngestTest, TakesTheAliasOfARoute) {
  StartAll();
  EXPECT_TRUE(IsAccepted(Post("/submit_qol", QuestionAnswer("p1", 3)), 1));
  EXPECT_EQ(Stored("questionnaires"), (std::vector<Fields>{QuestionAnswerEntry("p1", 3)}));
}

TEST_F(IngestTest, StoresFieldsInTheSchemasOrderWhateverTheRecordsOrder) {
  StartAll();
  EXPECT_TRUE(IsAccepted(
      Post(kVitals, R"({"blood_oxygen":97,"heart_rate":60,"timestamp":5,"device_id":"d"})"), 1));
  EXPECT_EQ(
      Stored("vitals"),
      (std::vector<Fields>{
          {{"device_id", "d"}, {"timestamp", "5"}, {"heart_rate", "60"}, {"blood_oxygen", "97"}}}));
}

TEST_F(IngestTest, TakesCamelCaseNamesAndStoresTheConfiguredOnes) {
  StartAll();
  EXPECT_TRUE(IsAccepted(
      Post(kVitals, R"({"deviceId":"d","timestamp":5,"heartRate":60,"blood_oxygen":97})"), 1));
  EXPECT_TRUE(IsAccepted(Post(kQuestionnaires, R"({"patientId":"p","questionId":"q","answer":-1,)"
                                               R"("submitTime":"2026-01-31T08:00:00.123+01:00"})"),
                         1));
  EXPECT_EQ(
      Stored("vitals"),
      (std::vector<Fields>{
          {{"device_id", "d"}, {"timestamp", "5"}, {"heart_rate", "60"}, {"blood_oxygen", "97"}}}));
  EXPECT_EQ(Stored("questionnaires"),
            (std::vector<Fields>{{{"patient_id", "p"},
                                  {"question_id", "q"},
                                  {"answer", "-1"},
                                  {"submit_time", "2026-01-31T08:00:00.123+01:00"}}}));
}

TEST_F(IngestTest, TakesA64BitIntegerAsADecimalString) {
  StartAll();
  EXPECT_TRUE(IsAccepted(
      Post(kVitals, R"([{"device_id":"d","timestamp":"9223372036854775807","heart_rate":1},)"
                    R"({"device_id":"d","timestamp":9223372036854775807,"heart_rate":1}])"),
      2));
  const Fields entry = {
      {"device_id", "d"}, {"timestamp", "9223372036854775807"}, {"heart_rate", "1"}};
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{entry, entry}));
}

TEST_F(IngestTest, KeepsTheTextOfANumber) {
  StartAll();
  std::string body;
  std::vector<Fields> entries;
  for (const char* number : {"72.50", "0", "-0.0", "1e2", "3.5E+2", "0.1000000000000000000001"}) {
    body += R"({"device_id":"d","timestamp":1,"heart_rate":)" + std::string(number) + "}\n";
    entries.push_back({{"device_id", "d"}, {"timestamp", "1"}, {"heart_rate", number}});
  }
  EXPECT_TRUE(IsAccepted(Post(kVitals, body, kNdjson), entries.size()));
  EXPECT_EQ(Stored("vitals"), entries);
}

TEST_F(IngestTest, LeavesOutWhatIsAbsentOrNullAndKeepsZero) {
  StartAll();
  EXPECT_TRUE(IsAccepted(
      Post(kVitals, R"([{"device_id":"d","timestamp":1,"heart_rate":null,"blood_oxygen":97},)"
                    R"({"device_id":"d","timestamp":2,"heart_rate":0}])"),
      2));
  EXPECT_EQ(Stored("vitals"),
            (std::vector<Fields>{{{"device_id", "d"}, {"timestamp", "1"}, {"blood_oxygen", "97"}},
                                 {{"device_id", "d"}, {"timestamp", "2"}, {"heart_rate", "0"}}}));
}

TEST_F(IngestTest, IgnoresUnknownFieldsOfAnyShape) {
  StartAll();
  EXPECT_TRUE(IsAccepted(
      Post(kVitals, R"({"firmware":{"version":[1,2,{"a":null}],"ok":true},)"
                    R"("device_id":"d","note":"\u00e9\n","timestamp":1,"heart_rate":72.5,)"
                    R"("tail":[]})"),
      1));
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("d", 1)}));
}

TEST_F(IngestTest, StoresStringsUnescapedAndByteForByte) {
  StartAll();
  const std::pair<std::string, std::string> cases[] = {
      {R"(a\"b\\c\/d)", "a\"b\\c/d"},
      {R"(\u00e9\ud83d\ude00)", "\xC3\xA9\xF0\x9F\x98\x80"},
      {"\xE5\xBF\x83", "\xE5\xBF\x83"},
      {R"(x\r\n*1\r\n$8\r\nFLUSHALL\r\n)", "x\r\n*1\r\n$8\r\nFLUSHALL\r\n"},
      {R"(nul\u0000byte)", std::string("nul\0byte", 8)},
      {std::string(128, 'k'), std::string(128, 'k')},
  };
  std::string body;
  std::vector<Fields> entries;
  for (const auto& [sent, stored] : cases) {
    body += Vital(sent, 1) + "\n";
    entries.push_back(VitalEntry(stored, 1));
  }
  EXPECT_TRUE(IsAccepted(Post(kVitals, body, kNdjson), entries.size()));
  EXPECT_EQ(Stored("vitals"), entries);
}

TEST_F(IngestTest, TakesEveryJsonMediaType) {
  StartAll();
  const char* types[] = {"", "application/json", "Application/JSON; charset=utf-8",
                         "application/vnd.acme.vitals+json", "application/json;v=1"};
  for (const char* type : types) {
    EXPECT_TRUE(IsAccepted(Post(kVitals, Vital("d", 1), type), 1)) << "Content-Type: " << type;
  }
  EXPECT_EQ(Length("vitals"), static_cast<int64_t>(std::size(types)));
}

TEST_F(IngestTest, TakesWhitespaceAroundEverything) {
  StartAll();
  const std::string body = "\r\n\t [ " + Vital("a", 1) + "\n ,\n" +
                           "{ \"device_id\" : \"b\" ,\t\"timestamp\" : 2 , \"heart_rate\" : 72.5 }"
                           "\r\n]\r\n ";
  EXPECT_TRUE(IsAccepted(Post(kVitals, body), 2));
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("a", 1), VitalEntry("b", 2)}));
}

TEST_F(IngestTest, TakesNdjsonWithCrlfAndBlankLines) {
  StartAll();
  const std::string body = Vital("a", 1) + "\r\n\r\n" + Vital("b", 2) + "\n\n";
  EXPECT_TRUE(IsAccepted(Post(kVitals, body, kNdjson), 2));
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("a", 1), VitalEntry("b", 2)}));
}

TEST_F(IngestTest, StoresARequestLargerThanABatch) {
  StartAll();
  constexpr int kRecords = 5'000;
  std::vector<std::string> records;
  std::vector<Fields> entries;
  for (int i = 0; i < kRecords; ++i) {
    records.push_back(Vital("d", i));
    entries.push_back(VitalEntry("d", i));
  }
  EXPECT_TRUE(IsAccepted(Post(kVitals, "[" + Join(records, ",") + "]"), kRecords));
  EXPECT_TRUE(Stored("vitals") == entries) << "the entries differ from what was posted";
}

TEST_F(IngestTest, NumbersEntriesUpwardsAlongAConnection) {
  StartAll();
  HttpClient client = Connect();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("d", i)), 1));
  const std::vector<StreamEntry> entries = redis_.client().ReadStream("vitals");
  ASSERT_EQ(entries.size(), 20u);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(entries[static_cast<size_t>(i)].fields, VitalEntry("d", i));
  }
}

}  // namespace
}  // namespace sluice
