#include "record/field_reader.h"

#include <charconv>

#include "sluice/base/limits.h"
#include "sluice/record/timestamp.h"

namespace sluice {
namespace {

namespace ondemand = simdjson::ondemand;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The integer part of a JSON number at the front of `text`; its length, or 0.
size_t IntegerLength(std::string_view text) {
  size_t at = text.starts_with('-') ? 1 : 0;
  if (at >= text.size() || !IsDigit(text[at])) return 0;
  if (text[at] == '0') return at + 1;
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

// RFC 8259 section 6.
bool IsNumber(std::string_view text) {
  size_t at = IntegerLength(text);
  if (at == 0) return false;
  const auto digits = [&] {
    const size_t begin = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at > begin;
  };
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

// A scalar without the space behind it: JSON's own space only, or 1\x01 would pass for a number.
std::string_view Token(ondemand::value& value) {
  const std::string_view token = value.raw_json_token();
  return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
}

// The value is not what the field's type reads. Why: malformed, null (then kNone), or of another
// type; `otherwise` names the last.
RecordFault Classify(ondemand::value& value, RecordFault otherwise) {
  bool is_null = false;
  if (value.is_null().get(is_null) == simdjson::SUCCESS && is_null) return RecordFault::kNone;
  const RecordFault malformed = CheckValue(value);
  return malformed != RecordFault::kNone ? malformed : otherwise;
}

RecordFault ReadText(ondemand::value& value, std::string_view& text) {
  std::string_view read;
  const simdjson::error_code error = value.get_string().get(read);
  if (error == simdjson::SUCCESS) {
    text = read;
    return RecordFault::kNone;
  }
  if (error == simdjson::STRING_ERROR) return RecordFault::kEscape;
  return Classify(value, RecordFault::kType);
}

RecordFault ReadString(ondemand::value& value, const Field& field, std::string_view& text) {
  const RecordFault fault = ReadText(value, text);
  if (fault != RecordFault::kNone || text.data() == nullptr) return fault;
  const bool fits = text.size() >= field.bytes_min && text.size() <= field.bytes_max;
  return fits ? RecordFault::kNone : RecordFault::kLength;
}

RecordFault ReadTimestamp(ondemand::value& value, std::string_view& text) {
  const RecordFault fault = ReadText(value, text);
  if (fault != RecordFault::kNone || text.data() == nullptr) return fault;
  return IsRfc3339(text) ? RecordFault::kNone : RecordFault::kTimestamp;
}

RecordFault ReadInteger(ondemand::value& value, const Field& field, std::string_view& text,
                        int64_t& number) {
  std::string_view token = Token(value);
  if (field.type == FieldType::kInt64 && token.starts_with('"')) {
    // proto3's JSON mapping writes 64-bit integers as strings, since JavaScript cannot hold them.
    const RecordFault fault = ReadText(value, token);
    if (fault != RecordFault::kNone) return fault;
  } else if (value.get_int64().get(number) == simdjson::SUCCESS) {
    text = token;
    return number >= field.int_min && number <= field.int_max ? RecordFault::kNone
                                                              : RecordFault::kRange;
  } else if (!IsNumber(token)) {
    return Classify(value, RecordFault::kType);
  }
  if (token.empty() || IntegerLength(token) != token.size()) return RecordFault::kType;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (error != std::errc() || end != token.data() + token.size()) return RecordFault::kRange;
  text = token;
  return number >= field.int_min && number <= field.int_max ? RecordFault::kNone
                                                            : RecordFault::kRange;
}

RecordFault ReadDouble(ondemand::value& value, const Field& field, std::string_view& text,
                       FieldNumber& number) {
  const std::string_view token = Token(value);
  if (token.size() > kScalarBytesMax)
    return IsNumber(token) ? RecordFault::kLength : Classify(value, RecordFault::kType);
  double real = 0;
  if (value.get_double().get(real) != simdjson::SUCCESS) {
    return IsNumber(token) ? RecordFault::kRange : Classify(value, RecordFault::kType);
  }
  text = token;
  number.real = real;
  return real >= field.double_min && real <= field.double_max ? RecordFault::kNone
                                                              : RecordFault::kRange;
}

RecordFault ReadBool(ondemand::value& value, std::string_view& text, int64_t& number) {
  bool yes = false;
  if (value.get_bool().get(yes) != simdjson::SUCCESS) return Classify(value, RecordFault::kType);
  text = yes ? "true" : "false";
  number = yes ? 1 : 0;
  return RecordFault::kNone;
}

RecordFault CheckArray(ondemand::value& value, uint32_t depth) {
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return RecordFault::kJson;
  for (auto element : array) {
    ondemand::value inner;
    if (std::move(element).get(inner) != simdjson::SUCCESS) return RecordFault::kJson;
    const RecordFault fault = CheckValue(inner, depth + 1);
    if (fault != RecordFault::kNone) return fault;
  }
  return RecordFault::kNone;
}

RecordFault CheckObject(ondemand::value& value, uint32_t depth) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return RecordFault::kJson;
  for (auto member : object) {
    ondemand::field field;
    if (std::move(member).get(field) != simdjson::SUCCESS) return RecordFault::kJson;
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return RecordFault::kEscape;
    const RecordFault fault = CheckValue(field.value(), depth + 1);
    if (fault != RecordFault::kNone) return fault;
  }
  return RecordFault::kNone;
}

std::string Number(double number) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, number);
  return {text, end};
}

template <typename T, typename Print>
std::string Between(const std::string& what, T low, T high, T lowest, T highest, Print print) {
  if (low == lowest && high == highest) return what;
  if (high == highest) return what + " of at least " + print(low);
  if (low == lowest) return what + " of at most " + print(high);
  return what + " from " + print(low) + " to " + print(high);
}

}  // namespace

RecordFault ReadField(ondemand::value value, const Field& field, std::string_view& text,
                      FieldNumber& number) {
  text = {};
  number = {};
  switch (field.type) {
    case FieldType::kString:
      return ReadString(value, field, text);
    case FieldType::kInt32:
    case FieldType::kInt64:
      return ReadInteger(value, field, text, number.integer);
    case FieldType::kDouble:
      return ReadDouble(value, field, text, number);
    case FieldType::kBool:
      return ReadBool(value, text, number.integer);
    case FieldType::kTimestamp:
      return ReadTimestamp(value, text);
  }
  return RecordFault::kType;
}

RecordFault CheckValue(ondemand::value value, uint32_t depth) {
  if (depth > kJsonDepthMax) return RecordFault::kDepth;
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return RecordFault::kJson;
  switch (type) {
    case ondemand::json_type::array:
      return CheckArray(value, depth);
    case ondemand::json_type::object:
      return CheckObject(value, depth);
    case ondemand::json_type::string: {
      std::string_view text;
      return value.get_string().get(text) == simdjson::SUCCESS ? RecordFault::kNone
                                                               : RecordFault::kEscape;
    }
    case ondemand::json_type::number:
      return IsNumber(Token(value)) ? RecordFault::kNone : RecordFault::kJson;
    case ondemand::json_type::boolean: {
      bool yes = false;
      return value.get_bool().get(yes) == simdjson::SUCCESS ? RecordFault::kNone
                                                            : RecordFault::kJson;
    }
    case ondemand::json_type::null: {
      bool is_null = false;
      const bool read = value.is_null().get(is_null) == simdjson::SUCCESS;
      return read && is_null ? RecordFault::kNone : RecordFault::kJson;
    }
  }
  return RecordFault::kJson;
}

const char* MalformedDetail(RecordFault fault) {
  return fault == RecordFault::kDepth ? "nested too deep" : "the value is not well-formed JSON";
}

std::string Expectation(const Field& field) {
  const auto text = [](auto number) { return std::to_string(number); };
  using Int = std::numeric_limits<int64_t>;
  using Double = std::numeric_limits<double>;
  switch (field.type) {
    case FieldType::kString:
      return Between<size_t>("a string", field.bytes_min, field.bytes_max, 0, SIZE_MAX, text) +
             " bytes";
    case FieldType::kInt32:
    case FieldType::kInt64:
      return Between("an integer", field.int_min, field.int_max, Int::min(), Int::max(), text);
    case FieldType::kDouble:
      return Between("a number", field.double_min, field.double_max, -Double::infinity(),
                     Double::infinity(), Number);
    case FieldType::kBool:
      return "true or false";
    case FieldType::kTimestamp:
      return "a string with an RFC 3339 date and time";
  }
  return "";
}

}  // namespace sluice
