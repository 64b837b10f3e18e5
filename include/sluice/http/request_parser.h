// RequestParser: one connection's bytes as requests (RFC 9112), on llhttp in its strict mode.
//
// Feed takes whatever was read, cut anywhere; the callbacks and the verdict are the same for any
// cut. It stops early when the handler asks it to (Pause) or when a request is not acceptable: then
// `problem()` says why and the connection cannot go on. Bounds: the request line
// (kRequestLineBytesMax), the head in bytes and fields. A body's bound is the handler's business.
// Trailers, chunk extensions and Upgrade are read past. Allocates only for heads cut by a read.
#pragma once

#include <llhttp.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sluice/http/head_fields.h"
#include "sluice/http/head_text.h"
#include "sluice/http/problem.h"
#include "sluice/http/request.h"

namespace sluice {

class RequestEvents {
 public:
  virtual ~RequestEvents() = default;
  virtual void OnRequestStart() = 0;  // the first byte of a request
  virtual void OnHead(const RequestHead& head) = 0;
  virtual void OnBody(std::string_view bytes) = 0;
  virtual void OnRequestEnd() = 0;
};

struct ParserLimits {
  size_t head_bytes_max;
  uint32_t header_count_max;
};

class RequestParser {
 public:
  // Both outlive the parser.
  RequestParser(const ParserLimits& limits, RequestEvents& events);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Returns how many bytes were taken: all of them, unless paused or failed.
  size_t Feed(std::string_view bytes);

  // From OnRequestEnd: Feed returns behind this request. The next Feed goes on.
  void Pause() { pause_ = true; }

  bool failed() const { return problem_.has_value(); }
  Problem problem() const { return *problem_; }

 private:
  static const llhttp_settings_t& Settings();

  int OnMethod(const char* at);
  int OnUrl(std::string_view piece);
  int OnFieldEnd();
  int OnValue(std::string_view piece);
  int OnValueEnd();
  int OnHeadersComplete();
  int FinishHead();
  int OnMessageComplete();
  int Refuse(Problem problem);
  void Classify(llhttp_errno_t error, const char* at);
  size_t HeadBytesAt(const char* at) const;

  const ParserLimits& limits_;
  RequestEvents& events_;
  llhttp_t parser_;
  HeadText target_;
  HeadText name_;
  HeadText value_;
  HeadFields fields_;
  RequestHead head_;
  uint32_t header_count_ = 0;
  bool malformed_ = false;  // llhttp let it pass; refused when the head ends
  bool in_head_ = false;
  bool check_head_ = false;  // stopped behind the head to learn where it ended
  bool pause_ = false;
  std::optional<Problem> problem_;
  size_t value_end_ = 0;              // how far into the head the last piece of a value went
  size_t head_bytes_ = 0;             // of the running head, from earlier reads
  const char* head_start_ = nullptr;  // where it starts in this read
  const char* read_end_ = nullptr;
};

}  // namespace sluice
