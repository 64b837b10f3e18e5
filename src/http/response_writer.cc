#include "sluice/http/response_writer.h"

#include <cstdio>
#include <ctime>

#include "sluice/base/clock.h"

namespace sluice {
namespace {

constexpr size_t kDateBytes = 29;  // "Sun, 06 Nov 1994 08:49:37 GMT"
constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string_view ContentType(const Answer& answer) {
  switch (answer.kind) {
    case Answer::Kind::kAccepted:
      return "application/json";
    case Answer::Kind::kProblem:
      return "application/problem+json";
    case Answer::Kind::kText:
      return answer.content_type;
  }
  return {};
}

}  // namespace

void ResponseWriter::Write(const Answer& answer, const ResponseFraming& framing, uint64_t wall_ms,
                           Buffer& out) {
  RefreshDate(wall_ms);
  const bool plain = answer.kind == Answer::Kind::kAccepted && answer.code == 200 &&
                     answer.remark == Answer::Remark::kNone &&
                     framing.connection == ConnectionField::kNone && !framing.head_only;
  if (!plain) return WriteSlow(answer, framing, out);
  if (ready_.empty() || ready_accepted_ != answer.accepted) {
    ready_.Clear();
    WriteSlow(answer, framing, ready_);
    ready_accepted_ = answer.accepted;
  }
  out.Append(ready_.view());
}

void ResponseWriter::WriteSlow(const Answer& answer, const ResponseFraming& framing, Buffer& out) {
  body_.Clear();
  WriteBody(answer, body_);
  out.Append("HTTP/1.1 ");
  out.AppendDecimal(answer.code);
  out.Append(" ");
  out.Append(ReasonPhrase(answer.code));
  out.Append("\r\nDate: ");
  out.Append({date_.data(), kDateBytes});
  out.Append("\r\nContent-Type: ");
  out.Append(ContentType(answer));
  out.Append("\r\nContent-Length: ");
  out.AppendDecimal(body_.size());
  if (answer.allow != nullptr) {
    out.Append("\r\nAllow: ");
    out.Append(answer.allow);
  }
  if (answer.kind == Answer::Kind::kProblem && answer.problem == Problem::kUnsupportedCoding) {
    out.Append("\r\nAccept-Encoding: gzip");
  }
  if (answer.kind == Answer::Kind::kProblem && !InfoOf(answer.problem).challenge.empty()) {
    out.Append("\r\nWWW-Authenticate: ");  // RFC 6750 section 3
    out.Append(InfoOf(answer.problem).challenge);
  }
  if (answer.retry_after_seconds > 0) {
    out.Append("\r\nRetry-After: ");
    out.AppendDecimal(answer.retry_after_seconds);
  }
  if (framing.connection == ConnectionField::kClose) out.Append("\r\nConnection: close");
  if (framing.connection == ConnectionField::kKeepAlive) out.Append("\r\nConnection: keep-alive");
  out.Append("\r\n\r\n");
  if (!framing.head_only) out.Append(body_.view());
}

void ResponseWriter::WriteBody(const Answer& answer, Buffer& out) {
  if (answer.kind == Answer::Kind::kAccepted) {
    out.Append(R"({"success":true,"accepted":)");
    out.AppendDecimal(answer.accepted);
    WriteRemark(answer, out);
    out.Append("}");
  } else if (!answer.text.empty()) {
    out.Append(answer.text);
  } else if (answer.kind == Answer::Kind::kProblem) {
    out.Append(ReadyBody(answer.problem));
  }
}

void ResponseWriter::WriteRemark(const Answer& answer, Buffer& out) {
  switch (answer.remark) {
    case Answer::Remark::kNone:
      break;
    case Answer::Remark::kInJournal:
      out.Append(R"(,"stored":"journal")");
      break;
    case Answer::Remark::kRepeated:
      out.Append(R"(,"repeated":true)");
      break;
    case Answer::Remark::kRepeatedRecords:
      out.Append(R"(,"repeated":)");
      out.AppendDecimal(answer.repeated);
      break;
  }
}

void ResponseWriter::RefreshDate(uint64_t wall_ms) {
  const uint64_t second = wall_ms / kMsPerSecond;
  if (second == date_second_) return;
  date_second_ = second;
  ready_.Clear();
  const auto time = static_cast<time_t>(second);
  tm utc{};
  gmtime_r(&time, &utc);
  // Not strftime: the names are English whatever the locale.
  std::snprintf(date_.data(), date_.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                kDays[static_cast<size_t>(utc.tm_wday) % 7], utc.tm_mday % 100,
                kMonths[static_cast<size_t>(utc.tm_mon) % 12], (utc.tm_year + 1900) % 10'000,
                utc.tm_hour % 100, utc.tm_min % 100, utc.tm_sec % 100);
}

}  // namespace sluice
