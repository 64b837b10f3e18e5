// Digester: parts of text as a 128-bit digest that stands for them: SHA-256 (FIPS 180-4), cut. Each
// part goes in behind its length, so that ("ab", "c") and ("a", "bc") differ.
//
// For what must not be forged: a digest names what was stored already, and a device that could make
// two records of one digest, as it can with a fast hash such as XXH3, could have another device's
// record taken for a repetition. Not for checksums.
//
// One thread. Allocates when it is made, and not for a digest.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

struct SHA256state_st;

namespace sluice {

using Digest = std::array<char, 16>;

class Digester {
 public:
  Digester();
  ~Digester();
  Digester(const Digester&) = delete;
  Digester& operator=(const Digester&) = delete;

  Digester& Add(std::string_view part);
  // Of the parts since the last Finish; the next Add begins another.
  Digest Finish();

 private:
  void Begin();

  std::unique_ptr<SHA256state_st> state_;
};

using HexDigest = std::array<char, 32>;

HexDigest Hex(const Digest& digest);  // in lower case

}  // namespace sluice
