// Answer: what will be said to one request, in a form small enough to wait in a queue. The usual
// ones (accepted N, a ready-made problem) own no memory; only a body made for this one request
// does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "sluice/http/problem.h"

namespace sluice {

struct Answer {
  enum class Kind : uint8_t { kAccepted, kProblem, kText };
  // What a success says beside the number of its records.
  enum class Remark : uint8_t {
    kNone,
    kInJournal,        // "stored":"journal"
    kRepeated,         // "repeated":true, of the whole request
    kRepeatedRecords,  // "repeated":k
  };

  Kind kind = Kind::kProblem;
  Problem problem = Problem::kMalformedRequest;
  uint16_t code = 0;
  uint32_t retry_after_seconds = 0;  // 0: no such field
  uint32_t accepted = 0;
  uint32_t repeated = 0;  // of a kRepeatedRecords
  Remark remark = Remark::kNone;
  const char* allow = nullptr;         // of a 405; a constant
  const char* content_type = nullptr;  // of a text; a constant
  std::string text;  // of a text, or a problem's own body instead of the ready one

  static Answer Accepted(uint16_t code, uint32_t records) {
    Answer answer;
    answer.kind = Kind::kAccepted;
    answer.code = code;
    answer.accepted = records;
    return answer;
  }
  static Answer Refusal(Problem problem) {
    Answer answer;
    answer.problem = problem;
    answer.code = InfoOf(problem).code;
    return answer;
  }
  static Answer Text(uint16_t code, const char* content_type, std::string text) {
    Answer answer;
    answer.kind = Kind::kText;
    answer.code = code;
    answer.content_type = content_type;
    answer.text = std::move(text);
    return answer;
  }

  bool closes() const { return kind == Kind::kProblem && InfoOf(problem).close; }
};

}  // namespace sluice
