// SecretDigest: a secret's SHA-256 (FIPS 180-4): all that is kept of it. Two of them are compared
// in a time that does not tell where they differ. Only for secrets of full entropy (32 random
// bytes): a password would be found from a digest that is made this fast.
//
// Pure functions; any thread; none allocates but Hex.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

using SecretDigest = std::array<unsigned char, 32>;

SecretDigest DigestOfSecret(std::string_view secret);
bool SameDigest(const SecretDigest& a, const SecretDigest& b);

// 64 hexadecimal digits of either case; nothing if it is anything else.
std::optional<SecretDigest> ParseDigest(std::string_view hex);
std::string Hex(const SecretDigest& digest);  // in lower case

}  // namespace sluice
