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
// Who may connect to a unix socket: its owner and its group, such as the scraper's. Not a setting:
// a directory's mode narrows it, and nobody should widen it.
inline constexpr unsigned kSocketFileMode = 0660;

// ---- HTTP --------------------------------------------------------------------------------------

inline constexpr size_t kBodyBytesMax = 1 * kMiB;
inline constexpr size_t kRequestLineBytesMax = 8 * kKiB;  // RFC 9112 section 3 asks for 8,000
inline constexpr size_t kHeaderBytesMax = 16 * kKiB;      // a whole head, request line and all
inline constexpr uint32_t kHeaderCountMax = 64;
// Of what stands before a chunk's data so much is free, and twice the data; the rest of all chunks
// of a body together is bounded as a head is.
inline constexpr size_t kChunkLineBytesFree = 16;
// Heads kept to be known again, by a worker: as many, and up to this size.
inline constexpr size_t kKnownHeadsMax = 1'024;
inline constexpr size_t kKnownHeadBytesMax = 512;
inline constexpr size_t kSpareHeadsMax = 64;  // of those being read
inline constexpr size_t kIdempotencyKeyBytesMax = 128;
// A gzip body is inflated so much at a time; the budget is asked in between.
inline constexpr size_t kGzipStepBytes = 16 * kKiB;
// It may inflate to so many times its bytes: JSON does to 10 or 20 times, readings that differ in
// little but their time to 50, and DEFLATE can to 1,032, which is what a bomb does. The first bytes
// are free: they cost little, and the most even body is small where it is short.
inline constexpr uint64_t kGzipRatioMax = 100;
inline constexpr uint64_t kGzipFreeBytes = 64 * kKiB;
// What inflating takes beside the body: zlib's state, 7 KiB, and its window of 32 KiB.
inline constexpr size_t kGzipReaderBytes = 40 * kKiB;
inline constexpr size_t kSpareGzipReadersMax = 8;
inline constexpr size_t kBearerBytesMax = 512;  // of a token as it is presented
inline constexpr uint32_t kConnectionsMax = 16'384;
inline constexpr uint32_t kPipelineMax = 64;  // answers a session may owe before it stops reading
// Of the admin port: scrapers and probes, each with a request at a time. An answer of /metrics is
// far larger than its request, so few of them are owed to anybody.
inline constexpr uint32_t kAdminConnectionsMax = 64;
inline constexpr uint32_t kAdminPipelineMax = 4;
inline constexpr uint64_t kIdleMs = 75'000;
inline constexpr uint64_t kHeaderMs = 10'000;
inline constexpr uint64_t kBodyMs = 30'000;
// A body that comes slower than this, on average and counted from kBodyGraceMs on, holds its place
// for too little: a modem of 1980 was as fast.
inline constexpr uint64_t kBodyBytesPerSecondMin = 240;
inline constexpr uint64_t kBodyGraceMs = 5'000;
// Connections are closed in turn, so that gates that were added, or came back, get their share.
inline constexpr uint64_t kAgeMs = 3'600'000;
inline constexpr uint64_t kAgeSpread = 5;  // a connection's own age is up to a fifth less
// Client addresses without a connection, remembered for what they took beyond their rates.
inline constexpr size_t kAddressesKept = 65'536;
// After the last answer of a refused request the connection is read and discarded for this long, so
// that the client sees the answer and not a reset (RFC 9112 section 9.6).
inline constexpr uint64_t kLingerMs = 1'000;
// Answers of one connection waiting for the socket; beyond it the session stops formatting more.
inline constexpr size_t kAnswerBytesMax = 64 * kKiB;

// A drain closes idle connections at its so-manieth sweep: most clients that are not idle at all
// send their next request before, and are told by its answer. Counted, not timed: between two
// sweeps every socket is read once, however late the worker is.
inline constexpr uint32_t kDrainIdleSweeps = 5;
// Retry-After when the store confirms nothing: about two of the longest waits between attempts to
// reach it (kBackoffMaxMs), and never more than kRetryAfterSecondsMax, or a device that met one bad
// moment would stay away long after it.
inline constexpr uint64_t kRetryAfterBlindSeconds = 5;
inline constexpr uint64_t kRetryAfterSecondsMax = 30;
// The least width of its jitter; a longer wait is spread by half of itself.
inline constexpr uint64_t kRetryAfterSpreadSeconds = 3;

// ---- Tokens ------------------------------------------------------------------------------------

inline constexpr size_t kTokensMax = 200'000;  // a million would take seconds and gigabytes to read
inline constexpr size_t kTokenIdBytesMax = 128;
inline constexpr size_t kTokenKeysMax = 1'024;  // of one token: values, and prefixes
inline constexpr size_t kTokenKeyBytesMax = 1'024;
inline constexpr size_t kCommonNameBytesMax = 64;         // RFC 5280 appendix A.1, ub-common-name
inline constexpr uint64_t kTokenRateMax = 1'000'000'000;  // records or bytes a second
inline constexpr size_t kTokenSecretBytes = 32;           // of one that `sluice token new` makes

// ---- TLS ---------------------------------------------------------------------------------------

// Steps of handshakes a worker takes each turn; further ones wait. A step may cost most of a
// millisecond (a whole handshake with a P-256 key was measured at 0.9 ms on a busy core), so a
// storm of handshakes makes a turn longer by a few milliseconds, whatever its size.
inline constexpr size_t kHandshakesPerTurn = 4;
// What they have sent meanwhile, of all together; some 500 bytes each, unless somebody means harm.
inline constexpr size_t kHandshakeBytesMax = 8 * kMiB;
// The largest record (RFC 5246 section 6.2.3; RFC 8446 has less), its plaintext or ciphertext.
inline constexpr size_t kTlsRecordBytesMax = 18 * kKiB;
// What is encrypted before the socket is asked to take it; it waits in memory if it does not.
inline constexpr size_t kTlsPieceBytes = 64 * kKiB;
// TLS's own messages (answers to key updates) behind that; a peer that wants more does not read.
inline constexpr size_t kTlsBehindBytesMax = 64 * kKiB;
// A ticket resumes a session for as long; its key is replaced as often, and kept once as long.
inline constexpr uint64_t kTlsSessionSeconds = 3'600;
inline constexpr size_t kPeerNameBytesMax = 256;  // RFC 5280: 64 characters, of 4 bytes at most
inline constexpr uint64_t kCertificateWarningSeconds = 30 * 86'400;

// ---- Records -----------------------------------------------------------------------------------

inline constexpr size_t kRoutesMax = 64;
inline constexpr size_t kFieldsMax = 32;
inline constexpr size_t kFieldNameBytesMax = 60;
inline constexpr size_t kStringBytesMax = 1'024;  // of a string field that names no bytes_max
// Of a double's or a timestamp's text, which is stored as it was sent: far more than any that means
// something, and a client cannot make an entry of megabytes of zeros.
inline constexpr size_t kScalarBytesMax = 128;
inline constexpr uint32_t kJsonDepthMax = 32;
inline constexpr size_t kAlertRulesMax = 16;  // of a route
inline constexpr size_t kAlertRuleNameBytesMax = 60;
inline constexpr size_t kErrorsMax = 16;           // bad fields named in one 400
inline constexpr size_t kErrorTextBytesMax = 256;  // of a pointer or detail in one of them

// ---- Delivery ----------------------------------------------------------------------------------

inline constexpr size_t kInflightBytesMax = 64 * kMiB;  // per worker: taken and not yet settled
inline constexpr uint32_t kWindow = 4;                  // batches sent and not yet confirmed
inline constexpr uint32_t kBatchRecordsMax = 1'000;
inline constexpr size_t kBatchBytesMax = 1 * kMiB;
// What a request that waits for its outcome costs beside its bytes: its claim in the batch, its
// slot in the answer queue, and what the allocator adds to both.
inline constexpr size_t kRequestOverheadBytes = 256;
// The memory of the settling rate; without any confirmation for kSettleQuietMs there is no rate.
inline constexpr uint64_t kSettleRateMs = 1'000;
inline constexpr uint64_t kSettleQuietMs = 2'000;
inline constexpr uint64_t kDeadlineMs = 5'000;
inline constexpr uint64_t kDrainMs = 10'000;
inline constexpr uint64_t kDedupeWindowSeconds = 600;

// ---- The urgent lane ---------------------------------------------------------------------------

// Of kInflightBytesMax: only requests that raise an alert may take it.
inline constexpr size_t kUrgentReserveBytes = kInflightBytesMax / 8;
// Beyond the others' part of the budget, bodies up to this are read to see whether they do.
inline constexpr size_t kUrgentBodyBytesMax = 4 * kKiB;
// Batches sent and not yet confirmed: as many as may be, since each is what one read carried.
inline constexpr uint32_t kUrgentWindow = 16;

// ---- Redis -------------------------------------------------------------------------------------

inline constexpr uint64_t kConnectMs = 2'000;
inline constexpr uint64_t kReplyMs = 10'000;
inline constexpr uint64_t kBackoffMinMs = 50;
inline constexpr uint64_t kBackoffMaxMs = 2'000;
inline constexpr uint64_t kLedgerTtlSeconds = 86'400;
inline constexpr uint64_t kLedgerSlots = 16;  // numbers that one ledger key holds
// With a journal batches outlive the process, and their ledger must outlive the longest outage.
inline constexpr uint64_t kJournalLedgerTtlSeconds = 30 * kLedgerTtlSeconds;
inline constexpr uint64_t kReplicaWaitMs = 1'000;
// A lane that was turned away by all who should know waits for so long; one whose node has not
// answered for longer may have another by now.
inline constexpr uint64_t kRedirectWaitMs = 100;
inline constexpr uint64_t kStallMs = 1'000;
// Sentinels are asked so often where all is well: a primary that another has followed may go on
// taking records for ten seconds, and they are lost.
inline constexpr uint64_t kSentinelWatchMs = 1'000;
inline constexpr uint32_t kPartitionsMax = 256;  // of a route; each is a lane of each worker
inline constexpr size_t kStreamNameBytesMax = 512;

// ---- Journal -----------------------------------------------------------------------------------

inline constexpr size_t kJournalBytesMax = 1'024 * kMiB;  // of all workers, what is set aside too
inline constexpr size_t kSegmentBytes = 64 * kMiB;        // a segment with as many is full
inline constexpr uint64_t kJournalAfterMs = 200;
inline constexpr size_t kJournalReadBytes = 1 * kMiB;  // read back at once, or one larger batch

// ---- The archive -------------------------------------------------------------------------------

// A batch is inserted when it has so many rows or bytes, or its first row has waited so long.
inline constexpr size_t kArchiveRowsMax = 1'000;
inline constexpr size_t kArchiveBytesMax = 4 * kMiB;
inline constexpr uint64_t kArchiveAgeMsMax = 1'000;
// An archive that has had entries for so long, and not acknowledged them, is taken for dead.
inline constexpr uint64_t kArchiveClaimMs = 30'000;

// What is free is not refused for the last step's sake.
static_assert(kGzipStepBytes <= kGzipFreeBytes);
// A body that fits one read is decoded where it lies; most do.
static_assert(kReadBufferBytes >= kRequestLineBytesMax + kHeaderBytesMax);
// One request of the largest body must be admissible while nothing else is in hand.
static_assert(kInflightBytesMax > 4 * kBodyBytesMax);
// A whole window of full batches fits the budget several times, so the window and not the budget
// shapes the batches.
static_assert(kInflightBytesMax >= 4 * kWindow * kBatchBytesMax);
// A request is answered (unknown) before its link is given up, and a drain outlasts a deadline.
static_assert(kDeadlineMs < kReplyMs && kDeadlineMs < kDrainMs);
// Replicas that are too slow make an answer (unknown), not a lost link.
static_assert(kReplicaWaitMs < kDeadlineMs);
// A store that is not quite dead is looked at many times before its rate is forgotten.
static_assert(kSettleQuietMs >= 10 * kSweepPeriodMs && kSettleRateMs >= 5 * kSweepPeriodMs);
static_assert(kRetryAfterBlindSeconds * 1'000 >= 2 * kBackoffMaxMs);
// Batches in flight have a slot each.
static_assert(kWindow <= kLedgerSlots && kUrgentWindow <= kLedgerSlots);
static_assert(kBackoffMinMs < kBackoffMaxMs && kBackoffMaxMs < kDeadlineMs);
// An archive that only waits for more rows is not taken for dead, nor is one that is leaving.
static_assert(kArchiveAgeMsMax < kArchiveClaimMs && kDrainMs < kArchiveClaimMs);
// A token's routes are bits of one word.
static_assert(kRoutesMax <= 64);
// A segment is deleted whole, so a full journal finds room again piece by piece.
static_assert(kBatchBytesMax <= kSegmentBytes && kSegmentBytes <= kJournalBytesMax / 4);
// A field's name is compared with a body's bytes in place, at worst from the body's last byte on.
static_assert(kFieldNameBytesMax < kJsonPaddingBytes);
static_assert(kFieldsMax <= 64, "a record's fields are tracked in one 64-bit word");

}  // namespace sluice
