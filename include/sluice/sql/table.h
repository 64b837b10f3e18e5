// A table as the archive makes it, and the rows that go into it, whatever the database. Plain
// values; no thread, no errors.
//
// Every table has a first column, `entry_id`, that is its primary key; the others are named here,
// and one index lies over the key column and, where there is one, the time column behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

inline constexpr char kEntryIdColumn[] = "entry_id";
// An entry's id is two numbers of 64 bits with '-' between; a packed entry's record has ':' and its
// place behind that.
inline constexpr size_t kEntryIdBytesMax = 64;

enum class ColumnType : uint8_t { kText, kInt32, kInt64, kDouble, kBool, kTimestamp };

struct Column {
  std::string name;
  ColumnType type = ColumnType::kText;
  bool required = false;  // NOT NULL
  size_t bytes_max = 0;   // of a kText's value
};

struct Table {
  std::string name;
  std::vector<Column> columns;  // without entry_id
  size_t key_column = 0;        // index into `columns`, as
  std::optional<size_t> time_column = {};
};

// Values in column order, each as text: a number as any SQL reads it, a bool as "1" or "0", a
// timestamp in UTC as "2026-01-31 08:00:00.000000". None: NULL.
struct Row {
  std::string entry_id;
  std::vector<std::optional<std::string>> values;
};

}  // namespace sluice
