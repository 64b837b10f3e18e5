// Refusal: why Redis refused a command, in its own words. A pure function of a view; any thread.
#pragma once

#include <string_view>

namespace sluice {

// Of an error's text. EXEC says that the transaction is discarded, and the reason behind that where
// it is EXEC's own; that a command was refused before is none: empty.
inline std::string_view RefusalReason(std::string_view error) {
  constexpr std::string_view kBecause = "because of: ";
  if (!error.starts_with("EXECABORT")) return error;
  const size_t at = error.find(kBecause);
  return at == std::string_view::npos ? std::string_view() : error.substr(at + kBecause.size());
}

}  // namespace sluice
