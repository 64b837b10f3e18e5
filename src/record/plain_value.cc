#include "record/plain_value.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "sluice/base/eight_bytes.h"
#include "sluice/record/timestamp.h"

namespace sluice {
namespace {

constexpr size_t kIntegerDigitsMax = 18;  // an int64_t holds any such number
constexpr size_t kDoubleDigitsMax = 15;   // and a double

constexpr std::array<double, kDoubleDigitsMax + 1> kPowersOfTen = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
constexpr std::array<uint64_t, 9> kWholePowersOfTen = {
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};

// Behind the string's closing quote. `at` is behind the opening one.
const char* ReadString(const char* at, const char* end, std::string_view& text) {
  for (const char* piece = at; piece < end; piece += sizeof(uint64_t)) {
    const uint64_t stops = SpecialBytes(EightBytes(piece));
    if (stops == 0) continue;
    piece += std::countr_zero(stops) / 8;
    text = {at, piece};
    return *piece == '"' ? piece + 1 : nullptr;
  }
  return nullptr;
}

// Up to eight digits at `at`, read at once.
struct EightDigits {
  explicit EightDigits(const char* at) : values(EightBytes(at) ^ EachByte('0')) {
    // What is no digit has a value of more than 9. Above the first, a carry may say anything.
    const uint64_t others = ((values + EachByte(0x80 - 10)) | values) & EachByte(0x80);
    if (others != 0) count = static_cast<size_t>(std::countr_zero(others)) / 8;
  }
  // Where there is one.
  uint64_t number() const {
    uint64_t eight = values << 8 * (8 - count);  // with zeros in front
    // Two neighbours become one of half as many: 8 digits, 4 pairs, 2 fours, 1 number.
    eight = eight * 10 + (eight >> 8);  // of each two bytes the lower one counts
    eight = ((eight & 0x00FF00FF00FF00FF) * (1 + (uint64_t{100} << 16))) >> 16;
    return ((eight & 0x0000FFFF0000FFFF) * (1 + (uint64_t{10'000} << 32))) >> 32;
  }

  uint64_t values;
  size_t count = 8;
};

// The digits at `at`, `digits_max` of them or a few more, are added to `number`. Behind them.
inline const char* ReadDigits(const char* at, size_t digits_max, uint64_t& number) {
  const char* const most = at + digits_max;
  while (at < most) {
    const EightDigits eight(at);
    if (eight.count == 0) break;
    number = number * kWholePowersOfTen[eight.count] + eight.number();
    at += eight.count;
    if (eight.count < 8) break;
  }
  return at;
}

// RFC 8259 section 6: an integer part has a digit, and no zero in front of others.
bool IsIntegerPart(const char* first, const char* behind) {
  return behind != first && (*first != '0' || behind == first + 1);
}

const char* ReadInteger(const char* at, const Field& field, std::string_view& text,
                        int64_t& number) {
  const char* const first = *at == '-' ? at + 1 : at;
  uint64_t digits = 0;
  const char* const behind = ReadDigits(first, kIntegerDigitsMax, digits);
  if (!IsIntegerPart(first, behind) || behind > first + kIntegerDigitsMax) return nullptr;
  if (*behind == '.' || (*behind | 0x20) == 'e') return nullptr;
  number = first == at ? static_cast<int64_t>(digits) : -static_cast<int64_t>(digits);
  text = {at, behind};
  return number >= field.int_min && number <= field.int_max ? behind : nullptr;
}

const char* ReadDouble(const char* at, const Field& field, std::string_view& text, double& number) {
  const char* const first = *at == '-' ? at + 1 : at;
  uint64_t digits = 0;
  const char* behind = ReadDigits(first, kDoubleDigitsMax, digits);
  if (!IsIntegerPart(first, behind)) return nullptr;
  size_t decimals = 0;
  auto count = static_cast<size_t>(behind - first);
  if (*behind == '.') {
    const char* const decimal = behind + 1;
    behind = ReadDigits(decimal, kDoubleDigitsMax, digits);
    decimals = static_cast<size_t>(behind - decimal);
    if (decimals == 0) return nullptr;
    count += decimals;
  }
  if (count > kDoubleDigitsMax || (*behind | 0x20) == 'e') return nullptr;
  number = static_cast<double>(digits) / kPowersOfTen[decimals];
  if (first != at) number = -number;
  text = {at, behind};
  return number >= field.double_min && number <= field.double_max ? behind : nullptr;
}

const char* ReadBool(const char* at, std::string_view& text, int64_t& number) {
  number = *at == 't' ? 1 : 0;
  text = number == 1 ? "true" : "false";
  return std::memcmp(at, text.data(), text.size()) == 0 ? at + text.size() : nullptr;
}

}  // namespace

const char* ReadPlainValue(const char* at, const char* end, const Field& field,
                           std::string_view& text, FieldNumber& number) {
  number = {};
  if (*at == 'n') {
    text = {};
    return std::memcmp(at, "null", 4) == 0 ? at + 4 : nullptr;
  }
  switch (field.type) {
    case FieldType::kString:
      if (*at != '"') return nullptr;
      at = ReadString(at + 1, end, text);
      return text.size() >= field.bytes_min && text.size() <= field.bytes_max ? at : nullptr;
    case FieldType::kTimestamp:
      if (*at != '"') return nullptr;
      at = ReadString(at + 1, end, text);
      return at != nullptr && IsRfc3339(text) ? at : nullptr;
    case FieldType::kInt64:
      if (*at == '"') {  // proto3's JSON mapping
        at = ReadInteger(at + 1, field, text, number.integer);
        return at != nullptr && *at == '"' ? at + 1 : nullptr;
      }
      return ReadInteger(at, field, text, number.integer);
    case FieldType::kInt32:
      return ReadInteger(at, field, text, number.integer);
    case FieldType::kDouble:
      return ReadDouble(at, field, text, number.real);
    case FieldType::kBool:
      return ReadBool(at, text, number.integer);
  }
  return nullptr;
}

}  // namespace sluice
