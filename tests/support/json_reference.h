// RFC 8259 word by word, with RFC 3629 and paired surrogates in strings: slow, short, and another
// hand's work than the decoder's. Says whether a text is JSON, and no more.
#pragma once

#include <string_view>

#include "sluice/base/utf8.h"

namespace sluice {

class JsonReference {
 public:
  static bool IsJson(std::string_view text) {
    if (FindInvalidUtf8(text) != std::string_view::npos) return false;
    JsonReference reader(text);
    return reader.Value() && reader.Space() && reader.text_.empty();
  }

 private:
  explicit JsonReference(std::string_view text) : text_(text) {}

  bool Space() {
    while (OneOf(" \t\r\n")) {
    }
    return true;
  }
  bool Word(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  bool OneOf(std::string_view bytes) {
    if (text_.empty() || bytes.find(text_.front()) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool Value() {
    Space();
    return Container("{", "}", true) || Container("[", "]", false) || String() || Number() ||
           Word("true") || Word("false") || Word("null");
  }
  // False with nothing taken when no container opens here; what is wrong inside ends the text.
  bool Container(std::string_view open, std::string_view close, bool named) {
    if (!Word(open)) return false;
    Space();
    if (Word(close)) return true;
    do {
      if (named && !(Space() && String() && Space() && Word(":"))) return Wrong();
      if (!Value()) return Wrong();
      Space();
    } while (Word(","));
    return Word(close) || Wrong();
  }
  bool Wrong() {
    text_ = "\x01";  // no rule takes it
    return false;
  }
  bool String() {
    if (!Word("\"")) return false;
    while (!Word("\"")) {
      if (text_.empty() || static_cast<unsigned char>(text_.front()) < 0x20) return Wrong();
      if (!Word("\\")) {
        text_.remove_prefix(1);
      } else if (!OneOf("\"\\/bfnrt") && !Escape()) {
        return Wrong();
      }
    }
    return true;
  }
  bool Escape() {
    const int unit = Hex();
    if (unit < 0 || (unit >= 0xDC00 && unit < 0xE000)) return false;
    if (unit < 0xD800 || unit >= 0xE000) return true;
    if (!Word("\\")) return false;
    const int low = Hex();
    return low >= 0xDC00 && low < 0xE000;
  }
  int Hex() {
    if (!Word("u")) return -1;
    int unit = 0;
    for (int digits = 0; digits < 4; ++digits) {
      if (text_.empty()) return -1;
      static constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
      const size_t digit = kDigits.find(text_.front());
      if (digit == std::string_view::npos) return -1;
      unit = unit * 16 + static_cast<int>(digit < 16 ? digit : digit - 6);
      text_.remove_prefix(1);
    }
    return unit;
  }
  bool Digits() {
    bool any = false;
    while (OneOf("0123456789")) any = true;
    return any;
  }
  bool Number() {
    const bool negative = Word("-");
    if (!Word("0") && !Digits()) return negative ? Wrong() : false;
    if (Word(".") && !Digits()) return Wrong();
    if (OneOf("eE") && !(OneOf("+-"), Digits())) return Wrong();
    return true;
  }

  std::string_view text_;
};

}  // namespace sluice
