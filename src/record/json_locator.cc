#include "record/json_locator.h"

#include <vector>

#include "sluice/base/utf8.h"

namespace sluice {
namespace {

bool IsQuoteOrBackslash(char c) { return c == '"' || c == '\\'; }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Locator {
 public:
  explicit Locator(std::string_view text) : text_(text), bad_utf8_(FindInvalidUtf8(text)) {}

  RecordError Locate() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (at_ >= bad_utf8_) return Fault(RecordFault::kUtf8, "not valid UTF-8");
      if (root_done_ && !IsSpace(c)) {
        return Fault(RecordFault::kTrailing, "bytes behind the end of the JSON text");
      }
      if (c == '"') {
        if (!String()) return fault_;
        continue;
      }
      if (!Structure(c)) return Fault(RecordFault::kJson, "a bracket that closes nothing");
      ++at_;
    }
    return Fault(RecordFault::kJson, frames_.empty() ? "not a JSON text" : "ends early");
  }

 private:
  struct Frame {
    bool is_array = false;
    bool expects_key = false;
    uint32_t index = 0;
    std::string_view key;
  };

  // Over a whole string; false: fault_ says what is wrong inside it.
  bool String() {
    const size_t begin = ++at_;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (at_ >= bad_utf8_) {
        fault_ = Fault(RecordFault::kUtf8, "not valid UTF-8");
        return false;
      }
      if (static_cast<uint8_t>(text_[at_]) < 0x20) {
        fault_ = Fault(RecordFault::kJson, "a control character in a string is to be escaped");
        return false;
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size() && IsQuoteOrBackslash(text_[at_ + 1])) ++at_;
    }
    if (at_ >= text_.size()) {
      fault_ = Fault(RecordFault::kJson, "a string without its end");
      return false;
    }
    if (!frames_.empty() && frames_.back().expects_key) {
      frames_.back().key = text_.substr(begin, at_ - begin);
      frames_.back().expects_key = false;
    }
    ++at_;
    root_done_ = frames_.empty();
    return true;
  }

  bool Structure(char c) {
    switch (c) {
      case '{':
      case '[':
        frames_.push_back({.is_array = c == '[', .expects_key = c == '{', .index = 0, .key = {}});
        return true;
      case '}':
      case ']':
        if (frames_.empty()) return false;
        frames_.pop_back();
        root_done_ = frames_.empty();
        return true;
      case ',':
        if (frames_.empty()) return false;
        if (frames_.back().is_array) {
          ++frames_.back().index;
        } else {
          frames_.back().expects_key = true;
          frames_.back().key = {};
        }
        return true;
      default:
        return true;
    }
  }

  RecordError Fault(RecordFault fault, std::string_view detail) const {
    RecordError error{fault, 0, {}, std::string(detail)};
    // Deeper than this nobody reads a pointer; the bound keeps the answer short.
    constexpr size_t kTokensMax = 8;
    for (size_t i = 0; i < frames_.size() && i < kTokensMax; ++i) {
      const Frame& frame = frames_[i];
      if (frame.is_array) {
        AppendPointerToken(std::to_string(frame.index), error.pointer);
      } else if (!frame.key.empty()) {
        AppendPointerToken(frame.key, error.pointer);
      }
    }
    const bool wrapped = frames_.size() > 1 && frames_[0].key == "data";
    const size_t records = wrapped ? 1 : 0;
    if (frames_.size() > records && frames_[records].is_array) error.index = frames_[records].index;
    return error;
  }

  std::string_view text_;
  size_t bad_utf8_;
  size_t at_ = 0;
  bool root_done_ = false;
  std::vector<Frame> frames_;
  RecordError fault_;
};

}  // namespace

RecordError LocateJsonFault(std::string_view text) { return Locator(text).Locate(); }

}  // namespace sluice
