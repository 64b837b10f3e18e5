#include "support/witness.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "support/answer.h"
#include "support/json.h"

namespace sluice {
namespace {

constexpr int kNamed = 5;  // faults of each kind in a failure's message
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

}  // namespace

uint64_t Witness::Ask(uint32_t records) {
  const std::lock_guard lock(mutex_);
  const uint64_t first = told_.size();
  told_.resize(first + records, Told::kNothing);
  counts_[static_cast<size_t>(Told::kNothing)] += records;
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
  Fault foreign("in the stream that nobody sent");
  for (const StreamEntry& entry : entries) {
    const std::string text = entry.fields.empty() ? "" : entry.fields[0].second;
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number >= told_.size()) {
      foreign.Add("entry " + entry.id + " of " + std::string(text));
    } else {
      ++times[number];
    }
  }
  Fault missing("answered as stored and missing");
  Fault doubled("stored more than once");
  Fault untrue("answered as not stored and there");
  for (uint64_t i = 0; i < told_.size(); ++i) {
    const Told told = told_[i];
    const auto which = [&] {
      return "record " + std::to_string(i) + ": told " + kWords[static_cast<size_t>(told)] +
             ", there " + std::to_string(times[i]) + " times";
    };
    if (MustBeThere(told) && times[i] == 0) missing.Add(which());
    if (times[i] > 1) doubled.Add(which());
    if (told == Told::kNotStored && times[i] > 0) untrue.Add(which());
  }
  std::string text;
  for (const Fault& fault : {missing, doubled, untrue, foreign}) {
    if (fault.any()) text += fault.text();
  }
  if (!complaint_.empty()) text += "\n  an answer of no known kind:\n" + complaint_;
  if (text.empty()) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << told_.size() << " records asked, " << entries.size() << " entries:" << text;
}

}  // namespace sluice
