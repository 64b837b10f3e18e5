#include "sluice/http/gathered_head.h"

#include "sluice/base/text.h"

namespace sluice {

void GatheredHead::EndName() {
  value_.Clear();
  value_end_ = 0;
  ++field_count_;
  if (name_.view().empty()) malformed = true;
}

void GatheredHead::AddValue(std::string_view piece, size_t begin) {
  if (value_end_ != 0 && begin != value_end_) {
    malformed = true;  // a folded line (RFC 9112 section 5.2: refuse it, or make it one line)
    return;
  }
  value_end_ = begin + piece.size();
  value_.Append(piece);
}

void GatheredHead::EndValue() {
  std::string_view value = value_.view();
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  fields_.Add(name_.view(), value, !value_.kept());
  if (EqualsIgnoringCase(name_.view(), "content-length") && !value_.kept()) length_ = value;
  name_.Clear();
}

void GatheredHead::Keep() {
  target.Keep();
  name_.Keep();
  value_.Keep();
  fields_.Keep();
  length_ = {};
}

void GatheredHead::Reset() {
  target.Clear();
  line_ends.Clear();
  head = {};
  malformed = false;
  name_.Clear();
  value_.Clear();
  fields_.Clear();
  length_ = {};
  value_end_ = 0;
  field_count_ = 0;
}

}  // namespace sluice
