#include "sluice/http/gzip_reader.h"

#include <algorithm>
#include <limits>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

// inflateInit2 in zlib.h: the largest window, and 16 for gzip's header and trailer alone.
constexpr int kGzipWindowBits = 15 + 16;

}  // namespace

GzipReader::GzipReader() { SLUICE_CHECK(inflateInit2(&stream_, kGzipWindowBits) == Z_OK); }

GzipReader::~GzipReader() { inflateEnd(&stream_); }

void GzipReader::Reset() {
  SLUICE_CHECK(inflateReset(&stream_) == Z_OK);
  at_end_ = false;
  taken_bytes_ = 0;
  inflated_bytes_ = 0;
}

bool GzipReader::IsBomb() const {
  return inflated_bytes_ > kGzipFreeBytes && inflated_bytes_ / kGzipRatioMax > taken_bytes_;
}

GzipReader::Step GzipReader::Inflate(std::string_view& bytes, Buffer& out) {
  if (at_end_) {
    if (bytes.empty()) return Step::kAllTaken;
    SLUICE_CHECK(inflateReset(&stream_) == Z_OK);  // another member, or it will say that it is none
    at_end_ = false;
  }
  const size_t given = std::min<size_t>(bytes.size(), std::numeric_limits<uInt>::max());
  stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream_.avail_in = static_cast<uInt>(given);
  stream_.next_out = reinterpret_cast<Bytef*>(out.Prepare(kGzipStepBytes));
  stream_.avail_out = kGzipStepBytes;
  const int result = inflate(&stream_, Z_NO_FLUSH);
  SLUICE_CHECK(result != Z_MEM_ERROR);
  const size_t taken = given - stream_.avail_in;
  const size_t inflated = kGzipStepBytes - stream_.avail_out;
  bytes.remove_prefix(taken);
  out.Advance(inflated);
  taken_bytes_ += taken;
  inflated_bytes_ += inflated;
  at_end_ = result == Z_STREAM_END;
  // Z_BUF_ERROR says no more than that there was nothing to do.
  const bool went_on = at_end_ || result == Z_OK || (result == Z_BUF_ERROR && bytes.empty());
  if (!went_on) return Step::kMalformed;
  if (IsBomb()) return Step::kBomb;
  const bool all_given = bytes.empty() && (at_end_ || stream_.avail_out > 0);
  return all_given ? Step::kAllTaken : Step::kMore;
}

}  // namespace sluice
