// What an exception out of SOCI means for the rows that were being inserted: is it the rows, which
// would be refused again, or the database, which may take them later? When in doubt it is the
// database: rows that wait are seen and kept, rows that were refused in error are moved aside.
#pragma once

#include <exception>
#include <string_view>

#include "sluice/sql/database.h"

namespace sluice {

// Never kDone. The reason is the database's own words in one line, without the statement and its
// values, which SOCI would add.
Insertion FailureOf(const std::exception& error);

// A SQLSTATE, PostgreSQL's appendix A; an error number of MariaDB or MySQL; a primary result code
// of SQLite's.
bool IsRefusedByPostgresql(std::string_view sqlstate);
bool IsRefusedByMariadb(unsigned error);
bool IsRefusedBySqlite(int result);

}  // namespace sluice
