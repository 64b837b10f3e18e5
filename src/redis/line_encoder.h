// LineEncoder: records as lines of JSON, each an object with the fields that the record has, in
// schema order under their own names, and a line feed behind it.
//
// A number or bool is the text that was sent; a string is escaped anew from its characters, so that
// any JSON reader gives back what an entry of its own would have held. U+0085, U+2028 and U+2029
// are escaped too: to some languages they end a line as a line feed does. The bytes of a string
// must be UTF-8, and are not looked at otherwise.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "sluice/base/buffer.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/lead.h"

namespace sluice {

// The one field of a packed entry, which holds the lines.
inline constexpr std::string_view kPackedField = "records";

class LineEncoder {
 public:
  // Of a packed stream: with a form for each field.
  explicit LineEncoder(const StreamSpec& spec);

  // Values in field order; a null one is left out, name and all.
  void Append(std::span<const std::string_view> values, Buffer& out) const;

 private:
  struct Field {
    Lead lead;  // `,"name":`, with the value's quote where it has one
    bool quoted;
  };

  std::vector<Field> fields_;
  size_t bytes_max_;  // of a line without its values
};

}  // namespace sluice
