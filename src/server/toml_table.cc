#include "server/toml_table.h"

#include <algorithm>

#include "server/text.h"

namespace sluice {
namespace {

std::string Expected(std::string_view what, const toml::node& got) {
  return "expected " + std::string(what) + ", not " + std::string(TypeName(got));
}

}  // namespace

std::string_view TypeName(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a floating-point number";
    case toml::node_type::boolean:
      return "a boolean";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
      return "a date or time";
    case toml::node_type::none:
      break;
  }
  return "nothing";
}

void TomlErrors::Add(const toml::source_region& place, std::string_view what) {
  if (!first_) return;
  first_ = Error{file_ + ":" + std::to_string(place.begin.line) + ":" +
                 std::to_string(place.begin.column) + ": " + std::string(what)};
}

std::string TomlTable::NameOf(std::string_view key) const {
  return name_.empty() ? std::string(key) : name_ + "." + std::string(key);
}

void TomlTable::Fail(std::string_view key, std::string_view what) const {
  const toml::node* node = Find(key);
  errors_.Add(node != nullptr ? node->source() : table_.source(),
              NameOf(key) + ": " + std::string(what));
}

void TomlTable::RefuseUnknown(std::span<const std::string_view> known) const {
  for (const auto& [key, value] : table_) {
    if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
    errors_.Add(key.source(), "unknown " + std::string(value.is_table() ? "section " : "key ") +
                                  Shown(NameOf(key.str())) + Suggestion(key.str(), known));
  }
}

void TomlTable::Read(std::string_view key, std::string* value) const {
  const toml::node* node = Find(key);
  if (node == nullptr) return;
  if (!node->is_string()) return Fail(key, Expected("a string", *node));
  *value = node->as_string()->get();
}

void TomlTable::Read(std::string_view key, bool* value) const {
  const toml::node* node = Find(key);
  if (node == nullptr) return;
  if (!node->is_boolean()) return Fail(key, Expected("true or false", *node));
  *value = node->as_boolean()->get();
}

void TomlTable::Read(std::string_view key, double* value) const {
  const toml::node* node = Find(key);
  if (node == nullptr) return;
  if (!node->is_number()) return Fail(key, Expected("a number", *node));
  *value = node->is_integer() ? static_cast<double>(node->as_integer()->get())
                              : node->as_floating_point()->get();
}

void TomlTable::Read(std::string_view key, std::vector<std::string>* values) const {
  const toml::node* node = Find(key);
  if (node == nullptr) return;
  if (!node->is_array()) return Fail(key, Expected("an array of strings", *node));
  for (const toml::node& element : *node->as_array()) {
    if (!element.is_string()) {
      errors_.Add(element.source(), NameOf(key) + ": " + Expected("a string", element));
      return;
    }
    values->push_back(element.as_string()->get());
  }
}

void TomlTable::ReadInteger(std::string_view key, int64_t min, int64_t max, int64_t* value) const {
  const toml::node* node = Find(key);
  if (node == nullptr) return;
  if (!node->is_integer()) return Fail(key, Expected("an integer", *node));
  const int64_t given = node->as_integer()->get();
  if (given < min || given > max) {
    return Fail(key, std::to_string(given) + " is out of range; give " + std::to_string(min) +
                         " to " + std::to_string(max));
  }
  *value = given;
}

void TomlTable::ReadSize(std::string_view key, size_t* bytes) const {
  const toml::node* node = Find(key);
  if (node == nullptr) return;
  std::optional<int64_t> given;
  if (node->is_integer()) given = node->as_integer()->get();
  if (node->is_string()) given = ParseSize(node->as_string()->get());
  if (!given || *given < 0) return Fail(key, "give a size, such as 128, \"64KiB\" or \"1MiB\"");
  *bytes = static_cast<size_t>(*given);
}

std::optional<size_t> TomlTable::ReadChoice(std::string_view key,
                                            std::span<const std::string_view> choices) const {
  if (Find(key) == nullptr) return std::nullopt;
  std::string word;
  Read(key, &word);
  const auto at = std::find(choices.begin(), choices.end(), word);
  if (at != choices.end()) return static_cast<size_t>(at - choices.begin());
  Fail(key, Shown(word) + " is not among its values; give " + Alternatives(choices));
  return std::nullopt;
}

std::vector<const toml::table*> TomlTable::Tables(std::string_view key) const {
  std::vector<const toml::table*> tables;
  const toml::node* node = Find(key);
  if (node == nullptr) return tables;
  if (!node->is_array()) {
    Fail(key, Expected("an array of tables", *node));
    return tables;
  }
  for (const toml::node& element : *node->as_array()) {
    if (element.is_table()) {
      tables.push_back(element.as_table());
    } else {
      errors_.Add(element.source(), NameOf(key) + ": " + Expected("a table", element));
    }
  }
  return tables;
}

}  // namespace sluice
