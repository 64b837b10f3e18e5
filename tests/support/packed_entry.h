// The records of a packed route's entries, as the entries that they would have been on their own.
#pragma once

#include <string>
#include <vector>

#include "support/json.h"
#include "support/redis_client.h"

namespace sluice {

// A packed entry's records, each a line of JSON; throws for what is not one field of whole lines.
std::vector<Json> PackedRecords(const StreamEntry& entry);

// Each record's fields as texts in their order, under its entry's id.
std::vector<StreamEntry> Unpacked(const std::vector<StreamEntry>& entries);

}  // namespace sluice
