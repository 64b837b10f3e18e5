// RecordDecoder: a request's body as records in four shapes. JSON: an object, an array
// of objects, or either as {"data": ...}; NDJSON: one object a line. Walks the body once with
// simdjson On-Demand; each sound record is appended to the sink between the caller's Begin and
// Commit, and with it an alert for each rule that it meets.
//
// Views of the body die when Decode returns. The body must have kJsonPaddingBytes readable behind
// it. One per worker; grows its buffers to the largest body seen and keeps them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "sluice/base/limits.h"
#include "sluice/record/alert_rule.h"
#include "sluice/record/key_rule.h"
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
  // the caller rolls the sink back. A record whose key `keys` (null: any) does not allow is one.
  uint32_t Decode(const Schema& schema, std::span<const AlertRule> rules, BodyShape shape,
                  std::string_view body, RecordSink& sink, const KeyRule* keys = nullptr);
  const RecordErrors& errors() const { return errors_; }
  // How many records of the last body met rule i. Of a body without errors.
  uint32_t alerts(size_t i) const { return alerts_[i]; }
  uint32_t alert_count() const { return alert_count_; }  // the sum

 private:
  class Json;  // keeps simdjson out of this header

  std::unique_ptr<Json> json_;
  RecordErrors errors_;
  std::array<uint32_t, kAlertRulesMax> alerts_ = {};
  uint32_t alert_count_ = 0;
};

}  // namespace sluice
