// BatchLog: where batches wait on disk while Redis does not take them; the interface at which a
// lane and the journal meet. One per lane; one thread; no call blocks on the disk.
//
// Writing: Append copies batches, Sync makes them durable together, and OnSynced follows, never
// from inside Sync. Only one Sync at a time. Reading: batches come back in the order in which they
// were appended, those of earlier processes first; only what is durable comes back. A batch leaves
// the disk when it is released.
//
// A batch is named by its ledger and sequence: the Redis key under which the lane that wrote it
// counts what it committed, and the count. Sequences of one ledger begin at 1 and only grow.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice {

struct LoggedBatch {
  std::string_view ledger;
  uint64_t sequence = 0;
  uint32_t records = 0;
  uint32_t commands = 0;
  std::string_view bytes;  // the commands that store the records, as RESP; no transaction around it
};

enum class LogSynced : uint8_t {
  kDurable,  // will be there after a crash
  kRefused,  // disk or journal full, or an error: nothing of it will be read again
  kUnclear,  // an error after which it may or may not be read again by a later process
};

class BatchLogListener {
 public:
  virtual ~BatchLogListener() = default;
  virtual void OnSynced(LogSynced result) = 0;
};

class BatchLog {
 public:
  virtual ~BatchLog() = default;
  virtual void set_listener(BatchLogListener& listener) = 0;

  // The ledger of what this process writes.
  virtual std::string_view own_ledger() const = 0;

  // The batch is to be part of the next Sync; false: there is no room for it (journal.bytes_max).
  // `batch.ledger` is own_ledger(). Not while syncing().
  [[nodiscard]] virtual bool Append(const LoggedBatch& batch) = 0;
  virtual void Sync() = 0;  // something was appended
  virtual bool syncing() const = 0;
  // False after an error, until a later Sync succeeds: batches are better kept in memory.
  virtual bool healthy() const = 0;

  // The oldest batch that was not taken; null when there is none, or while it is being read from
  // the disk. Valid until Pop.
  virtual const LoggedBatch* Front() = 0;
  virtual void Pop() = 0;
  virtual uint64_t unread_bytes() const = 0;  // durable and not taken

  // All of the ledger's batches up to `sequence` are in Redis: they leave the disk.
  virtual void Release(std::string_view ledger, uint64_t sequence) = 0;
  // Before its Release: commands of a batch that Redis will never take, `records` of them. Kept
  // where an operator finds them, and counted.
  virtual void SetAside(const LoggedBatch& batch) = 0;

  // Ends: no further Sync; closed() once nothing is under way.
  virtual void Close() = 0;
  virtual bool closed() const = 0;
};

}  // namespace sluice
