// ChunkLines: how much a chunked body has beside its data: lines with sizes and extensions, line
// ends, trailers. RFC 9112 section 7.1.1 asks a server to bound it, and a client that sends a
// kilobyte of extension for each byte of data keeps a worker busy for nothing. A chunk has
// kChunkLineBytesFree and twice its data free, so that small chunks do no harm; the rest of all of
// a body's chunks together has a bound. One a parser.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "sluice/base/limits.h"

namespace sluice {

class ChunkLines {
 public:
  void Clear() { excess_bytes_ = 0; }
  // Whether the next line, so much of which has come, keeps the sum within the bound.
  bool Fit(size_t line_bytes, size_t bytes_max) const {
    return excess_bytes_ + line_bytes <= bytes_max + kChunkLineBytesFree;
  }
  // A line that fits, and data behind it; more data of the same chunk has no line.
  void Take(size_t line_bytes, size_t data_bytes) {
    const size_t free_bytes = (line_bytes > 0 ? kChunkLineBytesFree : 0) + 2 * data_bytes;
    const size_t used_bytes = excess_bytes_ + line_bytes;
    excess_bytes_ = static_cast<uint32_t>(used_bytes - std::min(used_bytes, free_bytes));
  }

 private:
  uint32_t excess_bytes_ = 0;
};

}  // namespace sluice
