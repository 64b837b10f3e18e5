// PackedEncoder: requests to one stream as one XADD each, of one field, `records`, that holds a
// line of JSON for each record (src/redis/line_encoder.h). Written where it will be sent from.
#pragma once

#include <span>
#include <string>

#include "redis/line_encoder.h"
#include "sluice/base/buffer.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/resp.h"

namespace sluice {

class PackedEncoder {
 public:
  explicit PackedEncoder(const StreamSpec& spec);

  // One request: all of it to the same buffer, to which nothing else is appended meanwhile. One
  // that is cut off needs no End.
  void Begin(Buffer& out);
  void Append(std::span<const std::string_view> values, Buffer& out) const {
    lines_.Append(values, out);
  }
  void End(Buffer& out) { records_.End(out); }

 private:
  std::string command_;  // all before the lines
  LineEncoder lines_;
  GrowingBulk records_;
};

}  // namespace sluice
