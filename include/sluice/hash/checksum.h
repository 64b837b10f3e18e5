// Checksum: XXH3's 64 bits of several spans of bytes as if they stood behind one another. Finds
// damage, not forgery. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace sluice {

uint64_t Checksum(std::initializer_list<std::string_view> spans);

}  // namespace sluice
