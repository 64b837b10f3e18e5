#include "support/witness.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "support/answer.h"
#include "support/json.h"

namespace sluice {
namespace {

constexpr size_t kAlertFields = 3;  // before the record's own
constexpr int kNamed = 5;           // faults of each kind in a failure's message
constexpr std::array<const char*, 7> kWords = {"nothing", "unknown",  "not_stored",     "stored",
                                               "journal", "repeated", "what is unknown"};

bool MustBeThere(Told told) {
  return told == Told::kStored || told == Told::kJournal || told == Told::kRepeated;
}

Told Read(const HttpResponse& response, uint32_t records) {
  if (response.status == 503) {
    if (IsUnavailable(response, "not_stored")) return Told::kNotStored;
    return IsUnavailable(response, "unknown") ? Told::kUnknown : Told::kAnything;
  }
  if (response.status != 200) return Told::kAnything;
  const Json body = Json::Parse(response.body);
  const Json* success = body.Find("success");
  if (success == nullptr || !success->IsTrue() ||
      body.Text("accepted") != std::to_string(records)) {
    return Told::kAnything;
  }
  if (body.Text("stored") == "journal") return Told::kJournal;
  return body.Find("repeated") != nullptr ? Told::kRepeated : Told::kStored;
}

// A kind of fault: how often, and the first few.
class Fault {
 public:
  explicit Fault(const char* what) : what_(what) {}
  void Add(const std::string& which) {
    if (++count_ <= kNamed) which_ += "\n    " + which;
  }
  bool any() const { return count_ > 0; }
  std::string text() const { return "\n  " + std::to_string(count_) + " " + what_ + ":" + which_; }

 private:
  const char* what_;
  uint64_t count_ = 0;
  std::string which_;
};

// All of the text, or nothing.
std::optional<uint64_t> ReadNumber(const std::string& text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string Show(const StreamEntry& entry) {
  std::string text = entry.id;
  for (const auto& [name, value] : entry.fields) text += " " + name + "=" + value;
  return text;
}

}  // namespace

int64_t WallMs() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

// What is wrong with the entries of one stream, by kind.
class Witness::Tally {
 public:
  void AddForeign(const StreamEntry& entry) { foreign_.Add("entry " + Show(entry)); }
  // What `what` was told, and how often it is there.
  void Add(const std::string& what, Told told, uint32_t times) {
    const auto which = [&] {
      return what + ": told " + kWords[static_cast<size_t>(told)] + ", there " +
             std::to_string(times) + " times";
    };
    if (MustBeThere(told) && times == 0) missing_.Add(which());
    if (times > 1) doubled_.Add(which());
    if (told == Told::kNotStored && times > 0) untrue_.Add(which());
  }
  std::string text() const {
    std::string text;
    for (const Fault& fault : {missing_, doubled_, untrue_, foreign_}) {
      if (fault.any()) text += fault.text();
    }
    return text;
  }

 private:
  Fault foreign_{"in the stream that nobody sent"};
  Fault missing_{"answered as stored and missing"};
  Fault doubled_{"stored more than once"};
  Fault untrue_{"answered as not stored and there"};
};

uint64_t Witness::Ask(const std::vector<Reading>& readings) {
  const std::lock_guard lock(mutex_);
  const uint64_t first = told_.size();
  told_.resize(first + readings.size(), Told::kNothing);
  readings_.insert(readings_.end(), readings.begin(), readings.end());
  counts_[static_cast<size_t>(Told::kNothing)] += readings.size();
  return first;
}

void Witness::Tell(uint64_t first, uint32_t records, Told told) {
  const std::lock_guard lock(mutex_);
  TellLocked(first, records, told);
}

void Witness::TellLocked(uint64_t first, uint32_t records, Told told) {
  for (uint64_t i = first; i < first + records; ++i) {
    // Once stored, nothing that is said of it later takes that back.
    if (MustBeThere(told_.at(i)) && !MustBeThere(told)) continue;
    // Nor does a refused repetition tell what became of the first.
    if (told_[i] == Told::kUnknown && told == Told::kNotStored) continue;
    --counts_[static_cast<size_t>(std::exchange(told_[i], told))];
    ++counts_[static_cast<size_t>(told)];
  }
}

Told Witness::Answer(uint64_t first, uint32_t records, const HttpResponse& response) {
  const Told told = Read(response, records);
  const std::lock_guard lock(mutex_);
  if (told == Told::kAnything && complaint_.empty()) complaint_ = response.raw;
  TellLocked(first, records, told);
  return told;
}

uint64_t Witness::asked() const {
  const std::lock_guard lock(mutex_);
  return told_.size();
}

uint64_t Witness::alerts_asked() const {
  const std::lock_guard lock(mutex_);
  uint64_t alerts = 0;
  for (const Reading reading : readings_) alerts += RulesMet(reading).size();
  return alerts;
}

uint64_t Witness::Count(Told told) const {
  const std::lock_guard lock(mutex_);
  return counts_[static_cast<size_t>(told)];
}

uint64_t Witness::stored_count() const {
  return Count(Told::kStored) + Count(Told::kJournal) + Count(Told::kRepeated);
}

testing::AssertionResult Witness::Check(const std::vector<StreamEntry>& entries) const {
  const std::lock_guard lock(mutex_);
  std::vector<uint32_t> times(told_.size());
  Tally tally;
  for (const StreamEntry& entry : entries) {
    const auto number = ReadNumber(entry.fields.empty() ? "" : entry.fields[0].second);
    if (number && *number < told_.size()) {
      ++times[*number];
    } else {
      tally.AddForeign(entry);
    }
  }
  for (uint64_t i = 0; i < told_.size(); ++i) {
    tally.Add("record " + std::to_string(i), told_[i], times[i]);
  }
  std::string text = tally.text();
  if (!complaint_.empty()) text += "\n  an answer of no known kind:\n" + complaint_;
  if (text.empty()) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << told_.size() << " records asked, " << entries.size() << " entries:" << text;
}

bool Witness::IsAlert(const StreamEntry& entry, uint64_t number) const {
  const auto& fields = entry.fields;
  const auto received_ms = ReadNumber(fields[2].second);
  if (fields[0].first != "rule" ||
      fields[1] != std::pair<std::string, std::string>("route", "/v1/vitals") ||
      fields[2].first != "received_ms" || !received_ms) {
    return false;
  }
  const auto ms = static_cast<int64_t>(*received_ms);
  const auto record = ReadingEntry(number, readings_[number]);
  return ms >= made_ms_ && ms <= WallMs() &&
         std::equal(fields.begin() + kAlertFields, fields.end(), record.begin(), record.end());
}

testing::AssertionResult Witness::CheckAlerts(const std::vector<StreamEntry>& alerts) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::map<std::string_view, uint32_t>> times(told_.size());
  for (uint64_t i = 0; i < told_.size(); ++i) {
    for (const std::string_view rule : RulesMet(readings_[i])) times[i][rule] = 0;
  }
  Tally tally;
  for (const StreamEntry& entry : alerts) {
    const bool has_record = entry.fields.size() > kAlertFields;
    const auto number = ReadNumber(has_record ? entry.fields[kAlertFields].second : "");
    if (!number || *number >= told_.size() || !IsAlert(entry, *number) ||
        !times[*number].contains(entry.fields[0].second)) {
      tally.AddForeign(entry);
    } else {
      ++times[*number].find(entry.fields[0].second)->second;
    }
  }
  for (uint64_t i = 0; i < told_.size(); ++i) {
    for (const auto& [rule, count] : times[i]) {
      tally.Add("alert " + std::string(rule) + " of record " + std::to_string(i), told_[i], count);
    }
  }
  const std::string text = tally.text();
  if (text.empty()) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << told_.size() << " records asked, " << alerts.size() << " alerts:" << text;
}

}  // namespace sluice
