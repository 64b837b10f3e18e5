// ResponseWriter: an Answer as HTTP/1.1 bytes (RFC 9112), appended to a buffer. One per worker,
// since it keeps the Date (RFC 9110 section 6.6.1) of the running second and the last success
// ready-made.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/http/answer.h"

namespace sluice {

enum class ConnectionField : uint8_t {
  kNone,       // HTTP/1.1 going on
  kKeepAlive,  // HTTP/1.0 that asked for it
  kClose,
};

struct ResponseFraming {
  ConnectionField connection = ConnectionField::kNone;
  bool head_only = false;  // the answer to HEAD: all fields, no body
};

class ResponseWriter {
 public:
  // `wall_ms` is the time the Date says.
  void Write(const Answer& answer, const ResponseFraming& framing, uint64_t wall_ms, Buffer& out);

  static std::string_view Continue() { return "HTTP/1.1 100 Continue\r\n\r\n"; }

 private:
  void WriteSlow(const Answer& answer, const ResponseFraming& framing, Buffer& out);
  void WriteBody(const Answer& answer, Buffer& out);
  void WriteRemark(const Answer& answer, Buffer& out);
  void RefreshDate(uint64_t wall_ms);

  uint64_t date_second_ = UINT64_MAX;
  std::array<char, 32> date_{};
  Buffer body_;
  Buffer ready_;  // the plain 200 of ready_accepted_ records in the running second
  uint32_t ready_accepted_ = 0;
};

}  // namespace sluice
