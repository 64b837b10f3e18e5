// GzipReader: a gzip stream (RFC 1952) as its bytes come, cut anywhere, on zlib's inflate. Inflates
// in steps of at most kGzipStepBytes, so that its user can ask for room between them, and gives up
// on a stream that inflates to more than kGzipRatioMax times its bytes. Members one behind the
// other are one stream (section 2.2); a checksum or length that does not fit, and anything behind a
// member that is not another, makes it malformed.
//
// Takes up to kGzipReaderBytes of memory and keeps it for the next stream (Reset), so it lives in a
// Pool. One thread.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sluice/base/buffer.h"

namespace sluice {

class GzipReader {
 public:
  enum class Step : uint8_t {
    kMore,       // there is more in what was given: call again
    kAllTaken,   // of what was given
    kMalformed,  // no gzip stream; Reset before another
    kBomb,       // over kGzipRatioMax; the same
  };

  GzipReader();
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  // Takes bytes from the front of `bytes` and appends what they inflate to.
  [[nodiscard]] Step Inflate(std::string_view& bytes, Buffer& out);
  // Every member that was begun has ended, and there was one.
  bool whole() const { return at_end_; }
  uint64_t inflated_bytes() const { return inflated_bytes_; }
  void Reset();

 private:
  bool IsBomb() const;

  z_stream stream_{};
  bool at_end_ = false;  // of a member
  uint64_t taken_bytes_ = 0;
  uint64_t inflated_bytes_ = 0;
};

}  // namespace sluice
