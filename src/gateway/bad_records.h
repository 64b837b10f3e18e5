// The answer to a request with faulty records: the ready problem and behind it the faults, each
// with its place. Allocates for it; pure; any thread.
#pragma once

#include "sluice/http/answer.h"
#include "sluice/record/record_error.h"

namespace sluice {

// 403 where all of them are keys that are not the client's to write, else 400.
Answer BadRecords(const RecordErrors& errors);

}  // namespace sluice
