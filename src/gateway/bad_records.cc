#include "gateway/bad_records.h"

#include <string>

#include "sluice/base/limits.h"
#include "sluice/base/utf8.h"

namespace sluice {

Answer BadRecords(const RecordErrors& errors) {
  const Problem problem =
      errors.only(RecordFault::kForbiddenKey) ? Problem::kForbiddenKeys : Problem::kBadRecords;
  Answer answer = Answer::Refusal(problem);
  std::string& text = answer.text;
  text = ReadyBody(problem);
  text.pop_back();  // the object goes on
  text += R"(,"errors":[)";
  for (const RecordError& error : errors.list()) {
    if (text.back() != '[') text += ',';
    text += R"({"index":)" + std::to_string(error.index) + R"(,"pointer":)";
    AppendJsonString(error.pointer, kErrorTextBytesMax, text);
    text += R"(,"code":")";
    text += FaultCode(error.fault);
    text += R"(","detail":)";
    AppendJsonString(error.detail, kErrorTextBytesMax, text);
    text += '}';
  }
  text += "]}";
  return answer;
}

}  // namespace sluice
