// Archiver: one stream's way into one table. Reads through a consumer group, a batch at a time;
// inserts the rows; then acknowledges the entries, in that order: so an entry may be read twice and
// is a row once, whoever dies when. A row that the database refuses becomes an entry of the
// stream's dead-letter stream (dead_letter.h) and holds up nobody.
//
// Run blocks on its own thread, with a connection to Redis and one to the database of its own.
// Memory: one batch, and the reply that its entries came in. While either store is away it waits,
// longer each time, and keeps its batch; nothing is acknowledged meanwhile. Stop may be called from
// any thread, and ends Run once the batch in hand is done, or has failed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "sluice/base/archive_stats.h"
#include "sluice/base/clock.h"
#include "sluice/net/tls_context.h"
#include "sluice/record/schema.h"
#include "sluice/redis/redis_url.h"
#include "sluice/sql/database_url.h"

namespace sluice {

struct ArchiverOptions {
  RedisUrl redis;
  std::shared_ptr<const TlsContext> redis_tls;  // null unless redis.tls
  uint64_t connect_ms;                          // to either store
  uint64_t reply_ms;                            // of Redis, beyond what a command blocks
  DatabaseUrl database;

  std::string stream;
  std::string table;      // its name
  std::string id_suffix;  // of its rows' ids, where several streams go to one table
  Schema schema;
  bool packed;  // its entries hold a request each, so that fewer are read at once
  std::string group;
  std::string consumer;

  size_t rows_max;       // a batch is inserted when it has so many rows,
  size_t bytes_max;      // or so many bytes,
  uint64_t age_ms_max;   // or its first row has waited so long
  uint64_t claim_ms;     // entries that another archive has had for so long are taken over
  uint64_t retention_s;  // archived entries older than this are trimmed; 0: none is
  bool once;             // end behind what is there at the beginning, and at the first failure
};

class Archiver {
 public:
  enum class Ending : uint8_t {
    kDone,    // stopped with nothing in hand; `once`: with nothing left
    kLeft,    // stopped, and what was in hand stays pending in Redis for the next archive
    kFailed,  // `once` alone: a store was away or unwilling, see error()
  };

  Archiver(ArchiverOptions options, const Clock& clock, ArchiveStats& stats);
  ~Archiver();
  Archiver(const Archiver&) = delete;
  Archiver& operator=(const Archiver&) = delete;

  Ending Run();
  void Stop();
  const std::string& error() const;  // after kFailed

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice
