// Commands as a simulated Redis reads them: whole ones from the front of what has arrived.
#pragma once

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "sluice/base/check.h"

namespace sluice {

// Takes `kind`, a number and a line's end from the front; false when they are not all here.
inline bool TakeCount(char kind, std::string_view& bytes, size_t& count) {
  const size_t end = bytes.find("\r\n");
  if (end == std::string_view::npos) return false;
  SLUICE_CHECK(bytes.front() == kind);
  const auto [stop, error] = std::from_chars(bytes.data() + 1, bytes.data() + end, count);
  SLUICE_CHECK(error == std::errc() && stop == bytes.data() + end);
  bytes.remove_prefix(end + 2);
  return true;
}

// One command from the front of `bytes`; empty when it is not all here.
inline std::vector<std::string> TakeWords(std::string_view& bytes) {
  std::string_view rest = bytes;
  std::vector<std::string> words;
  size_t count = 0;
  if (!TakeCount('*', rest, count)) return {};
  for (; count > 0; --count) {
    size_t size = 0;
    if (!TakeCount('$', rest, size) || rest.size() < size + 2) return {};
    words.emplace_back(rest.substr(0, size));
    rest.remove_prefix(size + 2);
  }
  bytes = rest;
  return words;
}

}  // namespace sluice
