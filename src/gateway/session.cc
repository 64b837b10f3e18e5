#include "sluice/gateway/session.h"

#include <utility>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"
#include "sluice/gateway/session_table.h"

namespace sluice {

Session::Session(SessionTable& table, SlotHandle handle, std::unique_ptr<ByteStream> stream,
                 ClientAddress* address)
    : table_(table),
      handle_(handle),
      stream_(std::move(stream)),
      peer_{.address = address},
      parser_(table.limits().parser, table.parser_room(), *this),
      ages_at_ns_(table.AgesAt()),
      since_ns_(table.clock().now_ns()),
      body_(table.body_room()),
      unread_(table.handler()) {}

Session::~Session() = default;

// ---- Reading -----------------------------------------------------------------------------------

void Session::OnRead(std::string_view bytes) {
  if (life_ != Life::kOpen) return;  // read past
  SLUICE_CHECK(!read_stopped_);
  const size_t taken = Parse(bytes);
  if (!read_stopped_ || taken == bytes.size()) return;
  if (!unread_.Keep(bytes.substr(taken))) TakeNoMore();
}

// Returns how much was taken. Afterwards no view of `bytes` is kept.
size_t Session::Parse(std::string_view bytes) {
  const size_t taken = parser_.Feed(bytes);
  table_.handler().OnReadEnd();
  if (life_ == Life::kOpen && parser_.failed()) Refuse(parser_.problem());
  if (life_ == Life::kOpen && taking_body_) KeepBody();
  return taken;
}

void Session::KeepBody() {
  if (body_.in_read_buffer()) body_.Keep();
  const bool may_not_come = answers_.Find(exchange_.answer).owes_continue;
  std::optional<Answer> answer = table_.handler().OnBodyWaits(exchange_);
  if (answer) AnswerCurrent(std::move(*answer));
  if (answer && may_not_come) TakeNoMore();
}

void Session::Resume() {
  read_stopped_ = false;
  if (!unread_.empty()) {
    UnreadBytes bytes = std::move(unread_);  // what is being parsed outlives the end of the session
    bytes.Advance(Parse(bytes.view()));
    if (read_stopped_ && !bytes.empty()) {
      unread_ = std::move(bytes);
      return;
    }
  }
  if (!read_stopped_ && life_ == Life::kOpen) stream_->StartRead();
}

void Session::EnterPhase(Phase phase) {
  phase_ = phase;
  since_ns_ = table_.clock().now_ns();
}

void Session::OnRequestStart() {
  if (life_ != Life::kOpen) return;
  EnterPhase(Phase::kHead);
  exchange_ = {};
  exchange_.session = handle_;
  exchange_.start_ns = since_ns_;
  peer_.name = stream_->peer_name();
  exchange_.peer = &peer_;
}

void Session::OnHead(const RequestHead& head) {
  if (life_ != Life::kOpen) return;
  EnterPhase(Phase::kBody);
  exchange_.answer = answers_.Reserve();
  AnswerSlot& slot = answers_.Find(exchange_.answer);
  slot.head_only = head.method == Method::kHead;
  slot.http_1_0 = head.http_1_0;
  slot.start_ns = exchange_.start_ns;
  last_request_ = !head.keep_alive;
  taking_body_ = true;
  exchange_.gzip = head.coding == ContentCoding::kGzip;
  grows_ = head.chunked || exchange_.gzip;
  body_bytes_ = 0;
  std::optional<Answer> answer = table_.handler().OnHead(head, exchange_);
  if (!answer) {
    // HTTP/1.0 knows no interim answer.
    slot.owes_continue = head.expects_continue && !head.http_1_0;
    if (slot.owes_continue) table_.MarkDirty(*this);
    const size_t length = grows_ ? 0 : head.content_length.value_or(0);
    if (length > kReadBufferBytes) body_.Expect(length);
    return;
  }
  AnswerCurrent(std::move(*answer));
  // A client that waits for 100 Continue may send the body or not, and one too large is not worth
  // reading past, so the connection cannot go on; nor does it where this was the last request.
  const bool too_large = head.content_length.value_or(0) > table_.limits().body_bytes_max;
  if (head.expects_continue || too_large || last_request_ || table_.draining()) TakeNoMore();
}

void Session::OnBody(std::string_view bytes) {
  if (life_ != Life::kOpen) return;
  body_bytes_ += bytes.size();
  if (!taking_body_) {
    if (body_bytes_ > table_.limits().body_bytes_max) TakeNoMore();
    return;
  }
  answers_.Find(exchange_.answer).owes_continue = false;  // the client did not wait for it
  if (!grows_) return body_.Append(bytes);
  std::optional<Answer> answer = body_.Grow(bytes, body_bytes_, table_.handler(), exchange_);
  if (answer) AnswerCurrent(std::move(*answer));
}

void Session::OnRequestEnd() {
  if (life_ != Life::kOpen) return;
  if (taking_body_) {
    std::optional<Answer> answer = body_.HandOver(table_.handler(), exchange_);
    answers_.Find(exchange_.answer).route = exchange_.route;
    EndBody();
    if (answer) Finish(exchange_.answer, std::move(*answer));
  }
  EnterPhase(Phase::kBetween);
  if (last_request_ || table_.draining()) TakeNoMore();
  if (life_ == Life::kOpen && answers_.full(table_.limits().pipeline_max)) {
    read_stopped_ = true;
    stream_->StopRead();
  }
  if (life_ != Life::kOpen || read_stopped_) parser_.Pause();
}

// ---- Answering ---------------------------------------------------------------------------------

void Session::AnswerCurrent(Answer answer) {
  answers_.Find(exchange_.answer).route = exchange_.route;
  EndBody();
  Finish(exchange_.answer, std::move(answer));
}

void Session::Finish(uint32_t answer_number, Answer answer) {
  const bool closes = answer.closes();
  answers_.Finish(answer_number, std::move(answer));
  if (closes) TakeNoMore();
  table_.MarkDirty(*this);
}

void Session::Refuse(Problem problem) {
  if (life_ != Life::kOpen) return;
  Answer answer = Answer::Refusal(problem);
  if (InfoOf(problem).retry_after)
    answer.retry_after_seconds = static_cast<uint16_t>(1 + handle_.index % 3);
  const bool in_body = phase_ == Phase::kBody;
  if (in_body && taking_body_) {
    table_.handler().OnAbandoned(exchange_);
    AnswerCurrent(std::move(answer));
  } else if (!in_body) {
    if (phase_ == Phase::kBetween) exchange_.start_ns = table_.clock().now_ns();
    const uint32_t number = answers_.Reserve();
    AnswerSlot& slot = answers_.Find(number);
    slot.route = Exchange::kNoRoute;
    slot.start_ns = exchange_.start_ns;
    Finish(number, std::move(answer));
  }
  TakeNoMore();
}

void Session::TakeNoMore() {
  if (life_ != Life::kOpen) return;
  if (taking_body_) {  // cut in the middle of a body: nobody answers that request
    table_.handler().OnAbandoned(exchange_);
    EndBody();
    answers_.DropLast();
  }
  life_ = Life::kLastAnswers;
  unread_.Clear();
  stream_->StopRead();
  table_.MarkDirty(*this);
}

// ---- Writing -----------------------------------------------------------------------------------

void Session::Flush() {
  if (life_ == Life::kClosed || unsent_) return;
  Buffer& out = table_.out();
  out.Clear();
  FormatAnswers(out);
  if (!out.empty()) WriteOut(out);
  if (unsent_ || life_ == Life::kClosed) return;
  if (!answers_.empty() && answers_.front().finished) table_.MarkDirty(*this);
  if (read_stopped_ && !answers_.full(table_.limits().pipeline_max)) Resume();
  MaybeLinger();
}

void Session::FormatAnswers(Buffer& out) {
  while (!answers_.empty() && out.size() < kAnswerBytesMax) {
    AnswerSlot& front = answers_.front();
    if (front.owes_continue) {
      front.owes_continue = false;
      out.Append(ResponseWriter::Continue());
    }
    if (!front.finished) return;
    const AnswerSlot slot = answers_.TakeFront();
    const bool leaves = table_.draining() || table_.clock().now_ns() >= ages_at_ns_;
    if (leaves && answers_.empty() && !in_hand()) TakeNoMore();
    const bool last = life_ != Life::kOpen && answers_.empty();
    ResponseFraming framing;
    framing.head_only = slot.head_only;
    if (last) {
      framing.connection = ConnectionField::kClose;
    } else if (slot.http_1_0) {
      framing.connection = ConnectionField::kKeepAlive;
    }
    table_.writer().Write(slot.answer, framing, table_.clock().wall_ms(), out);
    table_.handler().OnAnswered(slot.route, slot.answer.code, slot.start_ns);
  }
}

void Session::WriteOut(Buffer& out) {
  const size_t n = stream_->TryWrite(out.view());
  if (n == out.size()) {
    if (phase_ == Phase::kBetween) since_ns_ = table_.clock().now_ns();  // idle since its answer
    return;
  }
  unsent_ = table_.buffers().Take();
  unsent_->Append(out.view().substr(n));
  stuck_ns_ = table_.clock().now_ns();
  stream_->Write(unsent_->view());
}

void Session::OnWritten() {
  table_.buffers().Give(std::move(unsent_));
  if (phase_ == Phase::kBetween) since_ns_ = table_.clock().now_ns();
  table_.MarkDirty(*this);
}

void Session::MaybeLinger() {
  if (life_ != Life::kLastAnswers || !answers_.empty() || unsent_) return;
  life_ = Life::kLingering;
  table_.LeaveAddress(peer_);
  since_ns_ = table_.clock().now_ns();
  stream_->FinishWriting();
  stream_->StartRead();  // read past what still comes, or closing would reset the answer away
}

// ---- Ending ------------------------------------------------------------------------------------

void Session::OnEnd() {
  if (life_ == Life::kLingering || (answers_.empty() && !unsent_)) return Close();
  TakeNoMore();  // the peer may still read what is owed
}

void Session::Drain() {
  if (life_ != Life::kOpen) return;
  if (in_hand()) return;  // OnRequestEnd sees that the table drains
  if (answers_.empty() && !unsent_) return Close();
  TakeNoMore();
}

void Session::Close() {
  if (life_ == Life::kClosed) return;
  if (taking_body_) table_.handler().OnAbandoned(exchange_);
  taking_body_ = false;
  life_ = Life::kClosed;
  stream_->Close();
}

void Session::OnClosed(std::string_view) {
  if (life_ != Life::kClosed && taking_body_) table_.handler().OnAbandoned(exchange_);
  life_ = Life::kClosed;
  table_.Remove(*this);  // destroys this
}

void Session::Sweep(uint64_t now_ns) {
  const SessionLimits& limits = table_.limits();
  const uint64_t age_ms = (now_ns - since_ns_) / kNsPerMs;
  if (life_ == Life::kClosed) return;
  const bool is_stuck = unsent_ && (now_ns - stuck_ns_) / kNsPerMs >= limits.idle_ms;
  if (is_stuck || (life_ == Life::kLingering && age_ms >= kLingerMs)) {
    Close();  // a peer that does not read its answers, or does not end
  } else if (life_ != Life::kOpen || read_stopped_) {
    return;  // waits for the store, which has deadlines of its own
  } else if (phase_ == Phase::kHead && age_ms >= limits.header_ms) {
    Refuse(Problem::kRequestTimeout);
  } else if (phase_ == Phase::kBody && limits.BodyIsLate(age_ms, body_bytes_)) {
    Refuse(Problem::kRequestTimeout);
  } else if (phase_ == Phase::kBetween && answers_.empty() && !unsent_ &&
             age_ms >= limits.idle_ms) {
    Close();
  }
}

}  // namespace sluice
