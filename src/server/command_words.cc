#include "server/command_words.h"

#include <charconv>
#include <cstddef>

namespace sluice {
namespace {

// "<type><count>\r\n"
std::optional<size_t> TakeCount(char type, std::string_view& bytes) {
  if (!bytes.starts_with(type)) return {};
  size_t count = 0;
  const char* const end = bytes.data() + bytes.size();
  const auto [at, error] = std::from_chars(bytes.data() + 1, end, count);
  if (error != std::errc() || end - at < 2 || at[0] != '\r' || at[1] != '\n') return {};
  bytes.remove_prefix(static_cast<size_t>(at + 2 - bytes.data()));
  return count;
}

}  // namespace

std::optional<std::vector<std::string_view>> TakeCommand(std::string_view& bytes) {
  std::string_view rest = bytes;
  const auto word_count = TakeCount('*', rest);
  if (!word_count) return {};
  std::vector<std::string_view> words;
  while (words.size() < *word_count) {
    const auto size = TakeCount('$', rest);
    if (!size || rest.size() < 2 || rest.size() - 2 < *size) return {};
    words.push_back(rest.substr(0, *size));
    rest.remove_prefix(*size + 2);
  }
  bytes = rest;
  return words;
}

}  // namespace sluice
