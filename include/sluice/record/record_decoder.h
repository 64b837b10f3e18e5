// RecordDecoder: a request's body as records in four shapes. JSON: an object, an array
// of objects, or either as {"data": ...}; NDJSON: one object a line. Walks the body once with
// simdjson On-Demand; each sound record is appended to the sink between the caller's Begin and
// Commit.
//
// Views of the body die when Decode returns. The body must have kJsonPaddingBytes readable behind
// it. One per worker; grows its buffers to the largest body seen and keeps them.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "sluice/record/record_error.h"
#include "sluice/record/record_sink.h"
#include "sluice/record/schema.h"

namespace sluice {

enum class BodyShape : uint8_t { kJson, kLines };

class RecordDecoder {
 public:
  RecordDecoder();
  ~RecordDecoder();
  RecordDecoder(const RecordDecoder&) = delete;
  RecordDecoder& operator=(const RecordDecoder&) = delete;

  // How many records were appended; 0 when anything is wrong, and then errors() says what. After 0
  // the caller rolls the sink back.
  uint32_t Decode(const Schema& schema, BodyShape shape, std::string_view body, RecordSink& sink);
  const RecordErrors& errors() const { return errors_; }

 private:
  class Json;  // keeps simdjson out of this header

  std::unique_ptr<Json> json_;
  RecordErrors errors_;
};

}  // namespace sluice
