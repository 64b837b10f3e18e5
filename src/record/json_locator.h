// Finds where a JSON text goes wrong, for faults that simdjson reports of the whole text without a
// place: bad UTF-8, control characters, an unclosed string or container, bytes behind the end. Runs
// only after a fault, so it is a plain byte-by-byte walk. Bound: one pass over the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/record/record_error.h"

namespace sluice {

// The error's index counts the elements of the array of records (the root or its "data"), else 0.
RecordError LocateJsonFault(std::string_view text);

}  // namespace sluice
