// Database: one connection to an SQL database, and one table in it. Blocks; belongs to one thread.
//
// Insert writes its rows in as few statements as the database's bounds on parameters and bytes
// allow, in one transaction: all of them, or none. A row whose entry_id is there already is left
// alone, so the same rows may be inserted any number of times.
//
// After kFailed, or a Status that is not ok, make another connection: this one may be of no more
// use. No exception leaves it, and no error's text holds the password. A row's value may be in the
// text of a refusal, since databases put it there: it is for the dead letter, not for a log.
//
// Of a table that is there already a user needs SELECT and INSERT; in MariaDB UPDATE as well, which
// it wants even for leaving a row alone. There a second unique key is not for such a table: a row
// that breaks it would be left out as if its entry_id were there.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "sluice/base/result.h"
#include "sluice/sql/database_url.h"
#include "sluice/sql/table.h"

namespace sluice {

struct Insertion {
  enum class Outcome : uint8_t {
    kDone,     // committed
    kRefused,  // at least one of the rows is not to be had in this table, now or later
    kFailed,   // the database is away, full, locked or unwilling: whether the rows are there is
               // unknown, and the same rows may be tried again
  };
  Outcome outcome = Outcome::kDone;
  std::string reason = {};  // unless kDone; one line
};

class Database {
 public:
  virtual ~Database() = default;

  // Connects, within `connect_ms` where the database is on a network. SQLite waits as long for the
  // lock of another program, now and later.
  static Result<std::unique_ptr<Database>> Open(const DatabaseUrl& url, uint64_t connect_ms);

  // Makes the table and its index unless they are there; one that lacks a column of `table` is an
  // error that names both. The other calls are about this table.
  virtual Status Use(const Table& table) = 0;
  virtual Insertion Insert(std::span<const Row> rows) = 0;
};

}  // namespace sluice
