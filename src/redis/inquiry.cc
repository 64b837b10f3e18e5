#include "redis/inquiry.h"

#include <utility>

#include "sluice/base/check.h"

namespace sluice {

Inquiry::Inquiry(Dialer& dialer, uint32_t attempt, std::string_view question, uint32_t passed_over,
                 TurnClock& clock, uint64_t timeout_ms)
    : clock_(clock),
      question_(question),
      passed_over_(passed_over),
      deadline_ns_(clock.now_ns() + timeout_ms * kNsPerMs),
      stream_(dialer.Dial(attempt, *this)) {}

Inquiry::~Inquiry() { SLUICE_CHECK(over()); }

void Inquiry::Sweep() {
  if (stream_ && clock_.now_ns() >= deadline_ns_) End("no answer in time");
}

void Inquiry::Close() {
  if (stream_) stream_->Close();
}

void Inquiry::End(std::string_view reason) {
  if (reason_.empty()) reason_ = reason;
  stream_->Close();
}

void Inquiry::OnConnected() {
  stream_->StartRead();
  const size_t n = stream_->TryWrite(question_);
  if (n < question_.size()) stream_->Write(question_.substr(n));
}

void Inquiry::OnRead(std::string_view bytes) {
  if (answer_) return;
  reader_.Feed(bytes);
  ReplyValue reply;
  while (reader_.Next(reply)) {
    if (passed_over_ > 0) {
      --passed_over_;
      continue;
    }
    if (reply.is_error()) return End(reply.text);
    answer_ = std::move(reply);
    return stream_->Close();
  }
  if (reader_.failed()) End("what came is not RESP");
}

void Inquiry::OnEnd() { End("the connection was closed"); }

void Inquiry::OnClosed(std::string_view reason) {
  if (reason_.empty()) reason_ = reason;
  stream_.reset();
}

}  // namespace sluice
