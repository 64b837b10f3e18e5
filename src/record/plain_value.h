// Values read at one go, where they lie, without simdjson: the plain ones, of which nearly every
// reading is made. A string of printable ASCII without escapes; an integer of up to 18 digits; a
// number of up to 15 digits without an exponent, which a double holds exactly and one division
// rounds as RFC 8259's readers do; true, false and null.
//
// What is not plain, and what the field refuses, is nobody's fault here: the caller lets simdjson
// read the text, which knows all of JSON and what to call a fault. So this takes less than
// ReadField, and nothing else, and says the same of what it takes.
#pragma once

#include <string_view>

#include "sluice/record/alert_rule.h"
#include "sluice/record/schema.h"

namespace sluice {

// The first byte from `at` on that is no white space, or `end`.
inline const char* SkipSpace(const char* at, const char* end) {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
  return at;
}

// The value that starts at `at`, which is before `end`; the text ends at `end`, kJsonPaddingBytes
// behind it may be read. Returns what follows the value, which may lie behind `end` (then it was
// none); null: not plain, or not the field's. `text` and `number` are ReadField's.
const char* ReadPlainValue(const char* at, const char* end, const Field& field,
                           std::string_view& text, FieldNumber& number);

}  // namespace sluice
