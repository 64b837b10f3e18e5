// GatheredHead: what is known of a request's head while its bytes come in, perhaps in many reads. A
// parser has one only while it reads a head, so that an idle connection costs little. Allocates for
// what a read cuts, and keeps that room for the next head.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sluice/http/head_fields.h"
#include "sluice/http/head_text.h"
#include "sluice/http/line_ends.h"
#include "sluice/http/request.h"

namespace sluice {

class GatheredHead {
 public:
  HeadText target;
  LineEnds line_ends;
  RequestHead head;        // complete when the head is; views as of FillIn
  bool malformed = false;  // llhttp let it pass; refused when the head ends

  const HeadFields& fields() const { return fields_; }
  uint32_t field_count() const { return field_count_; }
  // Content-Length's value, if it came in this read.
  std::string_view length() const { return length_; }

  void AddName(std::string_view piece) { name_.Append(piece); }
  void EndName();
  void AddValue(std::string_view piece, size_t begin);  // where in the head it begins
  void EndValue();
  void Keep();  // the read is about to go
  void Reset();

 private:
  HeadText name_;
  HeadText value_;
  HeadFields fields_;
  std::string_view length_;
  size_t value_end_ = 0;  // how far into the head the last piece of a value went
  uint32_t field_count_ = 0;
};

}  // namespace sluice
