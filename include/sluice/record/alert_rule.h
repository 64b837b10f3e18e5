// AlertRule: which records of a route are urgent: those with a field below or above a bound, or
// equal to a value. A record without the field does not meet the rule. Data, made from the
// configuration and checked there; immutable and shared by all workers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "sluice/record/schema.h"

namespace sluice {

// A field's value as its type counts it; of text and timestamps there is none.
union FieldNumber {
  int64_t integer = 0;  // int32, int64; bool: 0 or 1
  double real;          // double
};

struct AlertRule {
  std::string name;
  size_t field = 0;  // place in the schema
  FieldType type = FieldType::kDouble;
  // Exclusive; which pair holds depends on the type. The defaults are never met.
  int64_t int_below = std::numeric_limits<int64_t>::min();
  int64_t int_above = std::numeric_limits<int64_t>::max();
  double double_below = -std::numeric_limits<double>::infinity();
  double double_above = std::numeric_limits<double>::infinity();
  // Instead of bounds; never of a double.
  bool equals = false;
  int64_t int_equals = 0;  // bool: 0 or 1
  std::string string_equals = {};

  // Of a value that is present.
  bool Met(std::string_view text, FieldNumber number) const {
    switch (type) {
      case FieldType::kDouble:
        return number.real < double_below || number.real > double_above;
      case FieldType::kInt32:
      case FieldType::kInt64:
      case FieldType::kBool:
        if (equals) return number.integer == int_equals;
        return number.integer < int_below || number.integer > int_above;
      case FieldType::kString:
        return text == string_equals;
      case FieldType::kTimestamp:
        break;
    }
    return false;
  }
};

}  // namespace sluice
