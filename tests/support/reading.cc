#include "support/reading.h"

namespace sluice {
namespace {

struct Values {
  const char* heart_rate;
  const char* blood_oxygen;  // null: absent
};

Values ValuesOf(Reading reading) {
  switch (reading) {
    case Reading::kNormal:
      break;
    case Reading::kFastHeart:
      return {"210", nullptr};
    case Reading::kLowOxygen:
      return {"72.5", "84.25"};
    case Reading::kSlowHeartAndLowOxygen:
      return {"31.5", "71"};
  }
  return {"72.5", nullptr};
}

}  // namespace

std::string ReadingJson(uint64_t number, Reading reading) {
  const Values values = ValuesOf(reading);
  const std::string text = std::to_string(number);
  std::string json = R"({"device_id":")" + text + R"(","timestamp":)" + text + R"(,"heart_rate":)" +
                     values.heart_rate;
  if (values.blood_oxygen != nullptr)
    json += R"(,"blood_oxygen":)" + std::string(values.blood_oxygen);
  return json + "}";
}

std::string ReadingsJson(uint64_t first, const std::vector<Reading>& readings) {
  std::string json;
  for (const Reading reading : readings) {
    json += (json.empty() ? "[" : ",") + ReadingJson(first++, reading);
  }
  return json + "]";
}

std::vector<std::pair<std::string, std::string>> ReadingEntry(uint64_t number, Reading reading) {
  const Values values = ValuesOf(reading);
  const std::string text = std::to_string(number);
  std::vector<std::pair<std::string, std::string>> entry = {
      {"device_id", text}, {"timestamp", text}, {"heart_rate", values.heart_rate}};
  if (values.blood_oxygen != nullptr) entry.emplace_back("blood_oxygen", values.blood_oxygen);
  return entry;
}

std::vector<std::string_view> RulesMet(Reading reading) {
  switch (reading) {
    case Reading::kNormal:
      break;
    case Reading::kFastHeart:
      return {kHeartRateRule};
    case Reading::kLowOxygen:
      return {kBloodOxygenRule};
    case Reading::kSlowHeartAndLowOxygen:
      return {kHeartRateRule, kBloodOxygenRule};
  }
  return {};
}

}  // namespace sluice
