// KeyHash: which partition a key falls into is its hash modulo their number: XXH3's 64 bits,
// without a seed, so that whoever knows a key can tell its stream. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice {

uint64_t KeyHash(std::string_view key);

}  // namespace sluice
