// The witness itself: what it calls true, and how it names what is not.
#include "support/witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {
namespace {

using testing::HasSubstr;

std::vector<StreamEntry> Entries(const std::vector<std::string>& numbers) {
  std::vector<StreamEntry> entries;
  for (const std::string& number : numbers) {
    StreamEntry& entry = entries.emplace_back();
    entry.id = "1-" + std::to_string(entries.size());
    entry.fields = {{"device_id", number}};
  }
  return entries;
}

StreamEntry Alert(std::string_view rule, uint64_t number, Reading reading) {
  StreamEntry entry;
  entry.id = "1-1";
  entry.fields = {{"rule", std::string(rule)},
                  {"route", "/v1/vitals"},
                  {"received_ms", std::to_string(WallMs())}};
  for (auto& field : ReadingEntry(number, reading)) entry.fields.push_back(std::move(field));
  return entry;
}

HttpResponse Answer(int status, const std::string& body) {
  HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "application/problem+json"},
                      {"Retry-After", "1"},
                      {"Date", "Tue, 24 Nov 2026 00:10:58 GMT"}};
  response.body = body;
  response.raw = body;
  return response;
}
std::string Problem(const std::string& outcome) {
  return R"({"type":"about:blank","title":"t","status":503,"detail":"d","success":false,"outcome":")" +
         outcome + "\"}";
}

class WitnessTest : public testing::Test {
 protected:
  // Records 0, 1, ... were told so.
  void Tell(const std::vector<Told>& told) {
    for (const Told one : told) witness_.Tell(witness_.Ask(1), 1, one);
  }
  std::string Fault(const std::vector<std::string>& stream) {
    return witness_.Check(Entries(stream)).message();
  }
  Witness witness_;
};

TEST_F(WitnessTest, StoredIsThereOnceRefusedIsNotAndDoubtIsEither) {
  Tell({Told::kStored, Told::kJournal, Told::kRepeated, Told::kNotStored, Told::kUnknown,
        Told::kUnknown, Told::kNothing, Told::kNothing});
  EXPECT_TRUE(witness_.Check(Entries({"2", "1", "0", "4", "6"})));
  EXPECT_EQ(witness_.stored_count(), 3u);
  EXPECT_EQ(witness_.Count(Told::kUnknown), 2u);
  EXPECT_EQ(witness_.asked(), 8u);
}

TEST_F(WitnessTest, NamesWhatIsMissingDoubledUntrueAndForeign) {
  Tell({Told::kStored, Told::kJournal, Told::kNotStored, Told::kUnknown});
  const std::string fault = Fault({"1", "1", "2", "3", "3", "x", "9"});
  EXPECT_THAT(fault, HasSubstr("1 answered as stored and missing:\n    record 0: told stored"));
  EXPECT_THAT(fault, HasSubstr("2 stored more than once:\n    record 1: told journal, there 2"));
  EXPECT_THAT(fault, HasSubstr("record 3: told unknown, there 2"));
  EXPECT_THAT(fault, HasSubstr("1 answered as not stored and there:\n    record 2"));
  EXPECT_THAT(fault, HasSubstr("2 in the stream that nobody sent"));
}

TEST_F(WitnessTest, NamesTheFirstFewOfMany) {
  for (int i = 0; i < 100; ++i) witness_.Tell(witness_.Ask(1), 1, Told::kStored);
  const std::string fault = Fault({});
  EXPECT_THAT(fault, HasSubstr("100 answered as stored and missing"));
  EXPECT_THAT(fault, HasSubstr("record 4"));
  EXPECT_THAT(fault, testing::Not(HasSubstr("record 5")));
}

TEST_F(WitnessTest, AnAlertIsWhereItsRecordIsOnceForEachRule) {
  using enum Reading;
  const std::vector<Reading> readings = {kNormal, kFastHeart, kSlowHeartAndLowOxygen};
  witness_.Tell(witness_.Ask(readings), 3, Told::kStored);
  witness_.Tell(witness_.Ask(readings), 3, Told::kNotStored);
  witness_.Tell(witness_.Ask(readings), 3, Told::kUnknown);
  EXPECT_EQ(witness_.alerts_asked(), 9u);
  EXPECT_TRUE(witness_.CheckAlerts({Alert("heart-rate", 2, kSlowHeartAndLowOxygen),
                                    Alert("heart-rate", 1, kFastHeart),
                                    Alert("blood-oxygen", 2, kSlowHeartAndLowOxygen),
                                    Alert("blood-oxygen", 8, kSlowHeartAndLowOxygen)}));
}

TEST_F(WitnessTest, NamesAlertsThatAreMissingDoubledUntrueAndForeign) {
  using enum Reading;
  const std::vector<Reading> readings = {kFastHeart, kSlowHeartAndLowOxygen, kNormal};
  witness_.Tell(witness_.Ask(readings), 3, Told::kStored);
  witness_.Tell(witness_.Ask(readings), 3, Told::kNotStored);
  const StreamEntry doubled = Alert("blood-oxygen", 1, kSlowHeartAndLowOxygen);
  std::vector<StreamEntry> alerts = {doubled, doubled, Alert("heart-rate", 3, kFastHeart)};
  // Of another rule, record, route, time, and without a part.
  alerts.insert(alerts.end(), 5, Alert("heart-rate", 0, kFastHeart));
  alerts[3].fields[0].second = "blood-oxygen";
  alerts[4].fields.back().second = "211";
  alerts[5].fields[1].second = "/v1/questionnaires";
  alerts[6].fields[2].second = "1700000000000";
  alerts[7].fields.pop_back();
  alerts.push_back(Alert("heart-rate", 2, kNormal));
  alerts.push_back(Alert("heart-rate", 9, kFastHeart));
  const std::string fault = witness_.CheckAlerts(alerts).message();
  EXPECT_THAT(fault,
              HasSubstr("2 answered as stored and missing:\n    alert heart-rate of record 0: "
                        "told stored, there 0 times\n    alert heart-rate of record 1"));
  EXPECT_THAT(fault, HasSubstr("1 stored more than once:\n    alert blood-oxygen of record 1"));
  EXPECT_THAT(fault, HasSubstr("1 answered as not stored and there:\n    alert heart-rate of "
                               "record 3"));
  EXPECT_THAT(fault, HasSubstr("7 in the stream that nobody sent"));
}

TEST_F(WitnessTest, ReadsAnswers) {
  const uint64_t first = witness_.Ask(2);
  const auto told = [&](int status, const std::string& body) {
    return witness_.Answer(first, 2, Answer(status, body));
  };
  EXPECT_EQ(told(503, Problem("unknown")), Told::kUnknown);
  EXPECT_EQ(told(503, Problem("not_stored")), Told::kNotStored);
  EXPECT_EQ(witness_.Count(Told::kUnknown), 2u) << "the first request may still be stored";
  EXPECT_EQ(told(200, R"({"success":true,"accepted":2})"), Told::kStored);
  EXPECT_EQ(told(200, R"({"success":true,"accepted":2,"stored":"journal"})"), Told::kJournal);
  EXPECT_EQ(told(200, R"({"success":true,"accepted":2,"repeated":true})"), Told::kRepeated);
  EXPECT_EQ(told(503, Problem("unknown")), Told::kUnknown);
  EXPECT_EQ(witness_.stored_count(), 2u) << "stored stays stored";
  EXPECT_TRUE(witness_.Check(Entries({"0", "1"})));
  EXPECT_EQ(told(200, R"({"success":true,"accepted":1})"), Told::kAnything);
  EXPECT_EQ(told(500, "{}"), Told::kAnything);
  EXPECT_THAT(Fault({"0", "1"}), HasSubstr("an answer of no known kind"));
}

}  // namespace
}  // namespace sluice
