#include "sluice/http/request_parser.h"

#include <algorithm>
#include <utility>

#include "http/parse_error.h"
#include "sluice/base/check.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

RequestParser* Self(llhttp_t* parser) { return static_cast<RequestParser*>(parser->data); }

Method MethodOf(uint8_t method) {
  switch (method) {
    case HTTP_POST:
      return Method::kPost;
    case HTTP_GET:
      return Method::kGet;
    case HTTP_HEAD:
      return Method::kHead;
    default:
      return Method::kOther;
  }
}

}  // namespace

const llhttp_settings_t& RequestParser::Settings() {
  static const llhttp_settings_t kSettings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_method = [](llhttp_t* p, const char* at, size_t) { return Self(p)->OnMethod(at); };
    s.on_url = [](llhttp_t* p, const char* at, size_t n) { return Self(p)->OnUrl({at, n}); };
    s.on_header_field = [](llhttp_t* p, const char* at, size_t n) {
      if (Self(p)->in_head_) Self(p)->gathered_->AddName({at, n});
      return 0;
    };
    s.on_header_field_complete = [](llhttp_t* p) { return Self(p)->OnFieldEnd(); };
    s.on_header_value = [](llhttp_t* p, const char* at, size_t n) {
      return Self(p)->OnValue({at, n});
    };
    s.on_header_value_complete = [](llhttp_t* p) { return Self(p)->OnValueEnd(); };
    s.on_headers_complete = [](llhttp_t* p) { return Self(p)->OnHeadersComplete(); };
    s.on_body = [](llhttp_t* p, const char* at, size_t n) { return Self(p)->OnBody({at, n}); };
    s.on_message_complete = [](llhttp_t* p) { return Self(p)->OnMessageComplete(); };
    return s;
  }();
  return kSettings;
}

RequestParser::RequestParser(const ParserLimits& limits, ParserRoom& room, RequestEvents& events)
    : limits_(limits), room_(room), events_(events) {
  llhttp_init(&parser_, HTTP_REQUEST, &Settings());
  parser_.data = this;
}

size_t RequestParser::Feed(std::string_view bytes) {
  SLUICE_CHECK(!failed());
  const size_t known_bytes = between_ ? TakeKnown(bytes) : 0;
  if (pause_ || known_bytes == bytes.size()) {
    pause_ = false;
    return known_bytes;
  }
  const size_t taken = known_bytes + Parse(bytes.substr(known_bytes));
  learns_ = false;  // views of the read, which goes
  if (in_head_) {
    gathered_->Keep();
  } else if (gathered_) {
    room_.heads.Give(std::move(gathered_));
  }
  return taken;
}

// Whole requests at the front of `bytes` whose heads are known; how many bytes they took.
size_t RequestParser::TakeKnown(std::string_view bytes) {
  size_t taken = 0;
  while (!pause_) {
    const std::string_view rest = bytes.substr(taken);
    const KnownHeads::Found known = room_.known.Find(hint_, rest);
    if (known.head == nullptr || known.bytes > limits_.head_bytes_max) return taken;
    const uint64_t length = *known.head->content_length;
    if (length > rest.size() - known.bytes) return taken;
    events_.OnRequestStart();
    events_.OnHead(*known.head);
    if (length > 0) events_.OnBody(rest.substr(known.bytes, length));
    events_.OnRequestEnd();
    taken += known.bytes + length;
  }
  return taken;
}

// By llhttp.
size_t RequestParser::Parse(std::string_view bytes) {
  const char* at = bytes.data();
  read_end_ = at + bytes.size();
  part_start_ = at;
  for (;;) {
    const llhttp_errno_t error = llhttp_execute(&parser_, at, static_cast<size_t>(read_end_ - at));
    if (error == HPE_OK) break;
    at = llhttp_get_error_pos(&parser_);
    if (error != HPE_PAUSED) {
      Classify(error, at);
      return static_cast<size_t>(at - bytes.data());
    }
    llhttp_resume(&parser_);
    if (check_head_) {
      EndHead(at);
    } else if (in_chunks_) {
      EndChunks(bytes.data(), at);
    }
    if (std::exchange(pause_, false) || problem_) return static_cast<size_t>(at - bytes.data());
  }
  KeepPart();
  return bytes.size();
}

// The read is about to go.
void RequestParser::KeepPart() {
  if (in_head_) {
    gathered_->line_ends.Read({part_start_, static_cast<size_t>(read_end_ - part_start_)});
    part_bytes_ = PartBytesAt(read_end_);
    if (part_bytes_ > limits_.head_bytes_max) problem_ = Problem::kHeadTooLarge;
  } else if (in_chunks_) {
    last_byte_ = read_end_[-1];
    part_bytes_ = PartBytesAt(read_end_);
    if (!chunk_lines_.Fit(part_bytes_, limits_.head_bytes_max))
      problem_ = Problem::kChunkLinesTooLarge;
  }
}

int RequestParser::Refuse(Problem problem) {
  problem_ = problem;
  return HPE_USER;
}

int RequestParser::OnMethod(const char* at) {
  if (in_head_) return 0;  // a later piece
  in_head_ = true;
  between_ = false;
  learns_ = false;
  part_start_ = at;
  part_bytes_ = 0;
  if (gathered_) {
    gathered_->Reset();
  } else {
    gathered_ = room_.heads.Take();
  }
  events_.OnRequestStart();
  return 0;
}

int RequestParser::OnUrl(std::string_view piece) {
  gathered_->target.Append(piece);
  if (PartBytesAt(piece.data() + piece.size()) <= kRequestLineBytesMax) return 0;
  const size_t crossed_at = std::max(PartBytesAt(piece.data()), kRequestLineBytesMax);
  const bool head_first = crossed_at > limits_.head_bytes_max;
  return Refuse(head_first ? Problem::kHeadTooLarge : Problem::kUriTooLong);
}

int RequestParser::OnFieldEnd() {
  if (!in_head_) return 0;  // a trailer
  gathered_->EndName();
  const bool too_many = gathered_->field_count() > limits_.header_count_max;
  return too_many ? Refuse(Problem::kHeadTooLarge) : 0;
}

int RequestParser::OnValue(std::string_view piece) {
  if (in_head_) gathered_->AddValue(piece, PartBytesAt(piece.data()));
  return 0;
}

int RequestParser::OnValueEnd() {
  if (in_head_) gathered_->EndValue();
  return 0;
}

int RequestParser::OnHeadersComplete() {
  parser_.upgrade = 0;  // ignored, as RFC 9110 section 7.8 allows
  if (PartBytesAt(read_end_) > limits_.head_bytes_max || (parser_.flags & F_CHUNKED) != 0) {
    // Perhaps too large, perhaps only followed by much body; or chunk lines are to be counted from
    // here: stop to learn the place.
    check_head_ = true;
    return HPE_PAUSED;
  }
  return FinishHead();
}

void RequestParser::EndHead(const char* at) {
  check_head_ = false;
  if (PartBytesAt(at) > limits_.head_bytes_max) {
    problem_ = Problem::kHeadTooLarge;
    return;
  }
  if (FinishHead() != 0 || !gathered_->head.chunked) return;
  in_chunks_ = true;
  chunk_lines_.Clear();
  part_bytes_ = 0;
  part_start_ = at;
}

int RequestParser::FinishHead() {
  in_head_ = false;
  const HeadFields& fields = gathered_->fields();
  RequestHead& head = gathered_->head;
  LineEnds& line_ends = gathered_->line_ends;
  line_ends.Read({part_start_, static_cast<size_t>(read_end_ - part_start_)});
  if (gathered_->malformed || fields.malformed() || !line_ends.sound())
    return Refuse(Problem::kMalformedRequest);
  head.http_1_0 = parser_.http_major == 1 && parser_.http_minor == 0;
  const bool http_1_1 = parser_.http_major == 1 && parser_.http_minor == 1;
  if (!head.http_1_0 && !http_1_1) return Refuse(Problem::kUnknownVersion);
  const uint32_t hosts = fields.host_count();
  if (hosts > 1 || (http_1_1 && hosts == 0)) return Refuse(Problem::kMissingHost);
  head.chunked = (parser_.flags & F_CHUNKED) != 0;
  const bool coded = (parser_.flags & F_TRANSFER_ENCODING) != 0;
  if (fields.other_coding() || coded != head.chunked)
    return Refuse(Problem::kUnknownTransferCoding);
  // RFC 9112 section 6.1: a 1.0 message with Transfer-Encoding has faulty framing.
  if (head.chunked && head.http_1_0) return Refuse(Problem::kAmbiguousLength);
  if ((parser_.flags & F_CONTENT_LENGTH) != 0) head.content_length = parser_.content_length;
  keep_alive_ = head.keep_alive = llhttp_should_keep_alive(&parser_) != 0;
  fields.FillIn(head);
  head.method = MethodOf(parser_.method);
  // What follows a CONNECT may be meant for a tunnel (RFC 9110 section 9.3.6), and is no request.
  if (parser_.method == HTTP_CONNECT) return Refuse(Problem::kUnknownMethod);
  head.path = PathOf(gathered_->target.view());
  learns_ = MayBeKnown();
  events_.OnHead(head);
  return 0;
}

// All of the head is in this read, and behind the request llhttp is where it was before.
bool RequestParser::MayBeKnown() const {
  const RequestHead& head = gathered_->head;
  const bool plain = head.method == Method::kPost && head.keep_alive && !head.http_1_0 &&
                     !head.chunked && !head.expects_continue && !head.expects_other;
  const bool own = !head.idempotency_key.empty() || head.bad_idempotency_key;
  return plain && !own && part_bytes_ == 0 && head.content_length && !gathered_->length().empty();
}

int RequestParser::OnBody(std::string_view piece) {
  if (learns_) {  // the head ends where its body starts
    const std::string_view head(part_start_, static_cast<size_t>(piece.data() - part_start_));
    hint_ = room_.known.Learn(head, gathered_->length(), gathered_->head);
    learns_ = false;
  }
  if (in_chunks_) {
    const size_t line_bytes = PartBytesAt(piece.data());
    if (!chunk_lines_.Fit(line_bytes, limits_.head_bytes_max))
      return Refuse(Problem::kChunkLinesTooLarge);
    chunk_lines_.Take(line_bytes, piece.size());
    part_bytes_ = 0;
    part_start_ = piece.data() + piece.size();
  }
  events_.OnBody(piece);
  return 0;
}

int RequestParser::OnMessageComplete() {
  // The end of chunks is looked at from behind it, where its place is known.
  return in_chunks_ ? HPE_PAUSED : FinishRequest();
}

// `at` is behind the empty line of a body that starts, or goes on, at `read_start`.
void RequestParser::EndChunks(const char* read_start, const char* at) {
  in_chunks_ = false;
  const char before_lf = at - read_start >= 2 ? at[-2] : last_byte_;
  if (!chunk_lines_.Fit(PartBytesAt(at), limits_.head_bytes_max)) {
    problem_ = Problem::kChunkLinesTooLarge;
  } else if (before_lf != '\r') {
    problem_ = Problem::kMalformedRequest;  // llhttp takes a bare LF for the empty line
  } else {
    FinishRequest();
  }
}

int RequestParser::FinishRequest() {
  between_ = keep_alive_;
  events_.OnRequestEnd();
  return pause_ ? HPE_PAUSED : 0;
}

void RequestParser::Classify(llhttp_errno_t error, const char* at) {
  if (problem_) return;
  const size_t part_bytes = PartBytesAt(at);
  if (in_head_ && part_bytes > limits_.head_bytes_max) {
    problem_ = Problem::kHeadTooLarge;
  } else if (in_chunks_ && !chunk_lines_.Fit(part_bytes, limits_.head_bytes_max)) {
    problem_ = Problem::kChunkLinesTooLarge;
  } else {
    // As if the method's first bytes came alone.
    if (error == HPE_INVALID_METHOD && !in_head_) events_.OnRequestStart();
    problem_ = ProblemOf(parser_, error, at, part_bytes > kRequestLineBytesMax);
  }
}

}  // namespace sluice
