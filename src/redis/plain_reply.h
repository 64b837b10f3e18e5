// Replies read at one go, where they lie, without hiredis: those that a transaction in good order
// is answered with. A status, a run of +QUEUED, an integer, and an array of short texts, statuses
// and integers. Errors, nil, nested arrays and what a read has cut are hiredis's to read, from the
// reply's first byte on; so this takes less than hiredis, and says the same of what it takes.
#pragma once

#include <cstddef>
#include <string_view>

#include "sluice/redis/reply_reader.h"

namespace sluice {

// The reply, or the run of them, at the front of `bytes` into `reply`; how many bytes that were, or
// 0: not plain, or not whole. Allocates nothing once `reply` is warm.
size_t ReadPlainReply(std::string_view bytes, Reply& reply);

}  // namespace sluice
