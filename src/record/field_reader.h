// One JSON value against one field of a schema. On success `text` is what will be stored: the bytes
// as sent, unquoted and unescaped; it views simdjson's buffers and dies at their next parse.
// `number` is the value of a number or bool.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "sluice/record/alert_rule.h"
#include "sluice/record/record_error.h"
#include "sluice/record/schema.h"

namespace sluice {

// kNone with text.data() == nullptr: the value is null, so the field is absent.
RecordFault ReadField(simdjson::ondemand::value value, const Field& field, std::string_view& text,
                      FieldNumber& number);

// Walks a value that nobody wants, since simdjson looks at what is walked only: kNone, kJson,
// kEscape or kDepth.
RecordFault CheckValue(simdjson::ondemand::value value, uint32_t depth = 1);

// What CheckValue found, for the detail of an error.
const char* MalformedDetail(RecordFault fault);

// What the field takes, for the detail of an error: "an integer from 0 to 10".
std::string Expectation(const Field& field);

}  // namespace sluice
