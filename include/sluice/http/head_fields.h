// HeadFields: what the fields of one request's head say, gathered field by field as they end. The
// parser knows how a head is cut; this knows which names mean something here. One a parser.
#pragma once

#include <cstdint>
#include <string_view>

#include "sluice/http/head_text.h"
#include "sluice/http/request.h"

namespace sluice {

class HeadFields {
 public:
  void Clear();
  // The next field, its value without the space around it. `stays`: the value's bytes stay where
  // they are until Keep; else they are gone after the call.
  void Add(std::string_view name, std::string_view value, bool stays);
  void Keep() {  // the read is about to go
    key_.Keep();
    bearer_.Keep();
  }

  // Into what the rest of the head decides. Its views live as long as the read, or until Clear.
  void FillIn(RequestHead& head) const;

  uint32_t host_count() const { return host_count_; }
  bool malformed() const { return malformed_; }
  bool other_coding() const { return other_coding_; }  // a transfer coding beside chunked

 private:
  void AddContentEncoding(std::string_view value);
  void AddIdempotencyKey(std::string_view value, bool stays);
  void AddAuthorization(std::string_view value, bool stays);

  BodyFormat format_ = BodyFormat::kJson;
  ContentCoding coding_ = ContentCoding::kIdentity;
  bool coded_ = false;  // a Content-Encoding came
  uint32_t host_count_ = 0;
  bool malformed_ = false;
  bool other_coding_ = false;
  bool expects_continue_ = false;
  bool expects_other_ = false;
  bool bad_key_ = false;
  bool authorized_ = false;  // there was an Authorization
  bool bad_bearer_ = false;
  HeadText key_;
  HeadText bearer_;
};

}  // namespace sluice
