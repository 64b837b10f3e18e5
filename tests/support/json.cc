#include "support/json.h"

#include <cctype>
#include <stdexcept>

namespace sluice {

namespace {

// Of a character below U+10000.
std::string Utf8(int code) {
  const auto tail = [code](int shift) { return static_cast<char>(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xc0 | code >> 6), tail(0)};
  return {static_cast<char>(0xe0 | code >> 12), tail(6), tail(0)};
}

}  // namespace

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  Json ReadDocument() {
    Json value = ReadValue();
    SkipSpace();
    if (at_ != text_.size()) Refuse("trailing bytes");
    return value;
  }

 private:
  [[noreturn]] void Refuse(const char* why) const {
    throw std::runtime_error("bad JSON at byte " + std::to_string(at_) + ", " + why + ": " +
                             std::string(text_));
  }

  void SkipSpace() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }

  char Peek() {
    SkipSpace();
    if (at_ == text_.size()) Refuse("it ends");
    return text_[at_];
  }

  bool Skip(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }

  void Expect(char c) {
    if (!Skip(c)) Refuse("unexpected byte");
  }

  Json ReadValue() {
    switch (Peek()) {
      case '{':
        return ReadObject();
      case '[':
        return ReadArray();
      case '"': {
        Json value;
        value.kind_ = Json::Kind::kString;
        value.text_ = ReadString();
        return value;
      }
      default:
        return ReadWord();
    }
  }

  Json ReadObject() {
    Json value;
    value.kind_ = Json::Kind::kObject;
    Expect('{');
    if (Skip('}')) return value;
    do {
      Peek();
      std::string name = ReadString();
      Expect(':');
      value.members_.emplace_back(std::move(name), ReadValue());
    } while (Skip(','));
    Expect('}');
    return value;
  }

  Json ReadArray() {
    Json value;
    value.kind_ = Json::Kind::kArray;
    Expect('[');
    if (Skip(']')) return value;
    do {
      value.elements_.push_back(ReadValue());
    } while (Skip(','));
    Expect(']');
    return value;
  }

  std::string ReadString() {
    Expect('"');
    std::string string;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte < 0x20) Refuse("a control byte in a string");
      string += byte == '\\' ? ReadEscape() : std::string(1, text_[at_]);
    }
    Expect('"');
    return string;
  }

  // Leaves at_ on the escape's last byte. ASCII is all that the gate escapes by number.
  std::string ReadEscape() {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (++at_ >= text_.size()) Refuse("it ends");
    if (text_[at_] == 'u') {
      const int code = std::stoi(std::string(text_.substr(at_ + 1, 4)), nullptr, 16);
      if (code >= 0xd800 && code < 0xe000) Refuse("an escape of half a character");
      at_ += 4;
      return Utf8(code);
    }
    const size_t which = kLetters.find(text_[at_]);
    if (which == kLetters.npos) Refuse("an unknown escape");
    return std::string(1, kMeanings[which]);
  }

  Json ReadWord() {
    const size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
                                  std::string_view("+-.").find(text_[at_]) != text_.npos)) {
      ++at_;
    }
    Json value;
    value.text_ = text_.substr(begin, at_ - begin);
    if (value.text_ == "true" || value.text_ == "false") {
      value.kind_ = Json::Kind::kBool;
    } else if (value.text_ != "null") {
      size_t used = 0;
      try {
        (void)std::stod(value.text_, &used);
      } catch (const std::exception&) {
        Refuse("neither a word nor a number");
      }
      if (used != value.text_.size()) Refuse("a bad number");
      value.kind_ = Json::Kind::kNumber;
    }
    return value;
  }

  std::string_view text_;
  size_t at_ = 0;
};

Json Json::Parse(std::string_view text) { return JsonReader(text).ReadDocument(); }

const Json* Json::Find(std::string_view name) const {
  for (const auto& [key, value] : members_) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string Json::Text(std::string_view name) const {
  const Json* member = Find(name);
  return member == nullptr ? std::string() : member->text_;
}

}  // namespace sluice
