// A small JSON reader for what the gate answers; its own code, so that the tests do not judge
// simdjson by simdjson. Not for large or hostile input.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

class Json {
 public:
  enum class Kind : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

  // Throws with the place of what is wrong; trailing bytes are.
  static Json Parse(std::string_view text);

  Kind kind() const { return kind_; }
  bool IsTrue() const { return kind_ == Kind::kBool && text_ == "true"; }
  bool IsFalse() const { return kind_ == Kind::kBool && text_ == "false"; }
  bool IsString() const { return kind_ == Kind::kString; }
  // A string's characters, or a number as it was written.
  const std::string& text() const { return text_; }
  const std::vector<Json>& elements() const { return elements_; }
  const std::vector<std::pair<std::string, Json>>& members() const { return members_; }
  // Null when there is no such member.
  const Json* Find(std::string_view name) const;
  // The member's text; empty when there is none.
  std::string Text(std::string_view name) const;

 private:
  friend class JsonReader;
  Kind kind_ = Kind::kNull;
  std::string text_;
  std::vector<Json> elements_;
  std::vector<std::pair<std::string, Json>> members_;
};

}  // namespace sluice
