// Typed reads from a TOML table, for the folder's readers of the file. A read leaves its value
// alone when the key is absent or wrong; what is wrong goes to the TomlErrors, which keep the first
// as one line with file, line and column. So a reader reads on and asks once, at its end, whether
// all went well. The TOML document outlives both; one thread.
#pragma once

#include <toml++/toml.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/result.h"

namespace sluice {

class TomlErrors {
 public:
  explicit TomlErrors(std::string file) : file_(std::move(file)) {}
  TomlErrors(const TomlErrors&) = delete;
  TomlErrors& operator=(const TomlErrors&) = delete;

  void Add(const toml::source_region& place, std::string_view what);
  const Status& first() const { return first_; }

 private:
  std::string file_;
  Status first_;
};

class TomlTable {
 public:
  // `name` is what stands before a key in error lines ("route.field"); empty for the file itself.
  TomlTable(const toml::table& table, std::string name, TomlErrors& errors)
      : table_(table), name_(std::move(name)), errors_(errors) {}
  TomlTable(const TomlTable&) = delete;
  TomlTable& operator=(const TomlTable&) = delete;

  // Every other key is an error, with the nearest known one if it is near.
  void RefuseUnknown(std::span<const std::string_view> known) const;

  // The key's value, or null.
  const toml::node* Find(std::string_view key) const { return table_.get(key); }

  void Read(std::string_view key, std::string* value) const;
  void Read(std::string_view key, bool* value) const;
  void Read(std::string_view key, double* value) const;  // of an integer, too
  void Read(std::string_view key, std::vector<std::string>* values) const;
  void ReadInteger(std::string_view key, int64_t min, int64_t max, int64_t* value) const;
  void ReadSize(std::string_view key, size_t* bytes) const;  // 65536 or "64KiB"
  // The place of the value among `choices`.
  std::optional<size_t> ReadChoice(std::string_view key,
                                   std::span<const std::string_view> choices) const;
  // The tables of an array ([[key]] or [{...}, {...}]).
  std::vector<const toml::table*> Tables(std::string_view key) const;

  // An error about the key: at its value or, where it is absent, at the table.
  void Fail(std::string_view key, std::string_view what) const;

 private:
  std::string NameOf(std::string_view key) const;

  const toml::table& table_;
  std::string name_;
  TomlErrors& errors_;
};

// "a string", "an array": for errors.
std::string_view TypeName(const toml::node& node);

}  // namespace sluice
