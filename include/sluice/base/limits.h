// Every bound of the program in one place, with the relations between them. Bounds an operator may
// move are defaults here and settings in server/config.h; the rest are fixed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice {

inline constexpr size_t kKiB = 1024;
inline constexpr size_t kMiB = 1024 * kKiB;

// ---- One worker's loop -------------------------------------------------------------------------

// One read of one connection. Larger reads cost cache; smaller ones cost system calls per body.
inline constexpr size_t kReadBufferBytes = 64 * kKiB;
// simdjson reads up to this far behind a body; the read buffer and every gathered body carry it.
inline constexpr size_t kJsonPaddingBytes = 64;
// Deadlines are looked at this often; a deadline is late by up to one period, never early.
inline constexpr uint64_t kSweepPeriodMs = 100;
inline constexpr int kListenBacklog = 4096;

// ---- HTTP --------------------------------------------------------------------------------------

inline constexpr size_t kBodyBytesMax = 1 * kMiB;
inline constexpr size_t kRequestLineBytesMax = 8 * kKiB;  // RFC 9112 section 3 asks for 8,000
inline constexpr size_t kHeaderBytesMax = 16 * kKiB;      // a whole head, request line and all
inline constexpr uint32_t kHeaderCountMax = 64;
inline constexpr uint32_t kConnectionsMax = 16'384;
inline constexpr uint32_t kPipelineMax = 64;  // answers a session may owe before it stops reading
inline constexpr uint64_t kIdleMs = 75'000;
inline constexpr uint64_t kHeaderMs = 10'000;
inline constexpr uint64_t kBodyMs = 30'000;
// After the last answer of a refused request the connection is read and discarded for this long, so
// that the client sees the answer and not a reset (RFC 9112 section 9.6).
inline constexpr uint64_t kLingerMs = 1'000;
// Answers of one connection waiting for the socket; beyond it the session stops formatting more.
inline constexpr size_t kAnswerBytesMax = 64 * kKiB;

// ---- Records -----------------------------------------------------------------------------------

inline constexpr size_t kRoutesMax = 64;
inline constexpr size_t kFieldsMax = 32;
inline constexpr size_t kFieldNameBytesMax = 60;
inline constexpr size_t kStringBytesMax = 1'024;  // of a string field that names no bytes_max
inline constexpr uint32_t kJsonDepthMax = 32;
inline constexpr size_t kErrorsMax = 16;           // bad fields named in one 400
inline constexpr size_t kErrorTextBytesMax = 256;  // of a pointer or detail in one of them

// ---- Delivery ----------------------------------------------------------------------------------

inline constexpr size_t kInflightBytesMax = 64 * kMiB;  // per worker: taken and not yet settled
inline constexpr uint32_t kWindow = 4;                  // batches sent and not yet confirmed
inline constexpr uint32_t kBatchRecordsMax = 1'000;
inline constexpr size_t kBatchBytesMax = 1 * kMiB;
inline constexpr uint64_t kDeadlineMs = 5'000;
inline constexpr uint64_t kDrainMs = 10'000;

// ---- Redis -------------------------------------------------------------------------------------

inline constexpr uint64_t kConnectMs = 2'000;
inline constexpr uint64_t kReplyMs = 10'000;
inline constexpr uint64_t kBackoffMinMs = 50;
inline constexpr uint64_t kBackoffMaxMs = 2'000;
inline constexpr uint64_t kLedgerTtlSeconds = 86'400;
inline constexpr size_t kStreamNameBytesMax = 512;

// ---- Journal -----------------------------------------------------------------------------------

inline constexpr size_t kJournalBytesMax = 1'024 * kMiB;  // of all workers, what is set aside too
inline constexpr size_t kSegmentBytes = 64 * kMiB;        // a segment with as many is full
inline constexpr uint64_t kJournalAfterMs = 200;
inline constexpr size_t kJournalReadBytes = 1 * kMiB;  // read back at once, or one larger batch

// A body that fits one read is decoded where it lies; most do.
static_assert(kReadBufferBytes >= kRequestLineBytesMax + kHeaderBytesMax);
// One request of the largest body must be admissible while nothing else is in hand.
static_assert(kInflightBytesMax > 4 * kBodyBytesMax);
// A whole window of full batches fits the budget several times, so the window and not the budget
// shapes the batches.
static_assert(kInflightBytesMax >= 4 * kWindow * kBatchBytesMax);
// A request is answered (unknown) before its link is given up, and a drain outlasts a deadline.
static_assert(kDeadlineMs < kReplyMs && kDeadlineMs < kDrainMs);
static_assert(kBackoffMinMs < kBackoffMaxMs && kBackoffMaxMs < kDeadlineMs);
// A segment is deleted whole, so a full journal finds room again piece by piece.
static_assert(kBatchBytesMax <= kSegmentBytes && kSegmentBytes <= kJournalBytesMax / 4);
// A field's name is compared with a body's bytes in place, at worst from the body's last byte on.
static_assert(kFieldNameBytesMax < kJsonPaddingBytes);
static_assert(kFieldsMax <= 64, "a record's fields are tracked in one 64-bit word");

}  // namespace sluice
