// What is in an SQL database, asked over a connection of the test's own. Throws what SOCI throws.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

// Rows of one statement that has rows, every value as text and NULL as "NULL". Doubles
// are as short as they can be and still exact. Integers of 64 bits are cut by SOCI's SQLite and
// times lose their fraction: a test asks for CAST(x AS TEXT), of MariaDB AS CHAR.
std::vector<std::vector<std::string>> SqlQuery(const std::string& url, const std::string& text);
// Any other statement.
void SqlRun(const std::string& url, const std::string& text);

// Keeps everybody else from writing to an SQLite file while this object lives.
class SqlLock {
 public:
  explicit SqlLock(const std::string& url);
  ~SqlLock();
  SqlLock(const SqlLock&) = delete;
  SqlLock& operator=(const SqlLock&) = delete;

 private:
  class Session;
  std::unique_ptr<Session> session_;
};

}  // namespace sluice
