// RecordSink: where checked records go; the interface at which the gateway and the stores meet.
//
// A request's records are offered between Begin and Commit (or Rollback): all of them or none, and
// with them the alerts they raise.
// After Commit the sink owns them and settles the ticket exactly once, later and never from inside
// Commit, through TicketListener. One thread (the worker's). Views given to Append are copied
// before it returns. Bounds are the caller's business: it looks at what Finish says and at
// unsettled_bytes().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/slot_table.h"

namespace sluice {

enum class Outcome : uint8_t {
  kStored,   // the store has confirmed
  kRefused,  // cannot be stored any more: "not_stored" in an answer
  kUnknown,  // may or may not be stored
};

enum class OutcomeReason : uint8_t {
  kNone,
  kDeadline,   // not settled within delivery.deadline_ms
  kStoreSaid,  // the store refused the records' commands
  kReplicas,   // fewer replicas than durability.replicas confirmed in time
  kKeyReused,  // the Idempotency-Key was used with other records
  kJournal,    // stored, in the journal: Redis gets it later
  kInPart,  // of the records of several partitions, or of them and their alerts, some were stored
            // and others refused
  kDrainEnded,  // the drain's own deadline
};

// How a ticket was settled.
struct Settlement {
  Outcome outcome = Outcome::kUnknown;
  OutcomeReason reason = OutcomeReason::kNone;
  uint32_t repeated = 0;  // of the request's records: stored before, and not again
};

// A request's claim on the outcome of its records.
struct Ticket {
  SlotHandle session;   // index kNone: nobody waits (answered at once with 202)
  uint32_t answer = 0;  // which of the session's answers
  uint32_t route = 0;
  uint32_t records = 0;
  uint64_t deadline_ns = 0;  // 0: none
  bool keyed = false;        // the request carried an Idempotency-Key
  SlotHandle joint = {};     // a sink's own, where it ties two claims of one request together
};

class TicketListener {
 public:
  virtual ~TicketListener() = default;
  virtual void OnSettled(const Ticket& ticket, const Settlement& settlement) = 0;
};

// How a value stands in a JSON text: in quotes, or as it is, a number or a bool.
enum class JsonForm : uint8_t { kBare, kQuoted };

// One stream that records may go to: its name and fields in order, its trimming, and which fields
// together tell a record from its repetition. With partitions there are as many streams,
// `<stream>:{0}` and so on, and a record's is the hash of its key field modulo their number
// (hash/key_hash.h).
struct StreamSpec {
  std::string stream;
  std::vector<std::string> fields;
  uint64_t maxlen = 0;                // approximate; 0: never trimmed
  std::vector<size_t> identity = {};  // places in `fields`; none: every record is new
  // Of each of `fields`, where a request's records are one entry; none: an entry a record. Has no
  // identity then.
  std::vector<JsonForm> packed = {};
  // Of the alerts that its records raise: the route they name, and the rules in order.
  std::string route = {};
  std::vector<std::string> alert_rules = {};
  uint32_t partitions = 0;  // 0: one stream, of the plain name
  size_t key = 0;  // place in `fields`; its value is never absent where there are partitions
};

// The stream of all routes' alerts: entries of `rule`, `route`, `received_ms` and then the record's
// own fields.
struct AlertStreamSpec {
  std::string stream;
  uint64_t maxlen = 0;  // approximate; 0: never trimmed
};

// A digest that stands for a request and its repetitions: of its route and Idempotency-Key.
using RequestKey = std::array<char, 16>;

class RecordSink {
 public:
  virtual ~RecordSink() = default;

  // `stream` indexes the specs the sink was made with. With a key (null: none; valid until Commit)
  // the request is stored once however often it comes within the dedupe window.
  virtual void Begin(uint32_t stream, const RequestKey* key) = 0;
  // One record: values in field order, data() == nullptr where absent; at least one is present.
  virtual void Append(std::span<const std::string_view> values) = 0;
  // The record meets a rule, by its place in the stream's alert_rules: an alert with its values.
  virtual void AppendAlert(uint32_t rule, std::span<const std::string_view> values) = 0;
  // No more records; how many bytes the request is in the store's hands. Then Commit or Rollback.
  virtual size_t Finish() = 0;
  virtual void Commit(const Ticket& ticket) = 0;
  virtual void Rollback() = 0;  // at any time after Begin
  // Sends committed alerts now rather than at the end of the turn.
  virtual void SendAlerts() = 0;

  virtual size_t unsettled_bytes() const = 0;  // committed and not yet settled
};

}  // namespace sluice
