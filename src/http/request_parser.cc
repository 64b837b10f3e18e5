#include "sluice/http/request_parser.h"

#include <algorithm>
#include <utility>

#include "http/token.h"
#include "sluice/base/check.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

RequestParser* Self(llhttp_t* parser) { return static_cast<RequestParser*>(parser->data); }

// A view of the target, which KnownHeads holds on to.
std::string_view PathOf(std::string_view target) {
  if (!target.starts_with('/')) {  // absolute-form: scheme "://" authority path
    const size_t scheme = target.find("://");
    if (scheme != std::string_view::npos) {
      const size_t end = target.find_first_of("/?#", scheme + 3);  // of the authority
      // Without a path it is "/", of which the scheme's end has one.
      if (end == std::string_view::npos || target[end] != '/') return target.substr(scheme + 1, 1);
      target = target.substr(end);
    }
  }
  return target.substr(0, target.find_first_of("?#"));
}

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
    s.on_body = [](llhttp_t* p, const char* at, size_t n) {
      Self(p)->OnBody({at, n});
      return 0;
    };
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
  head_start_ = at;
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
      check_head_ = false;
      if (HeadBytesAt(at) > limits_.head_bytes_max) problem_ = Problem::kHeadTooLarge;
      if (!problem_) FinishHead();
      if (!problem_) continue;
    }
    pause_ = false;
    return static_cast<size_t>(at - bytes.data());
  }
  if (in_head_) {
    head_bytes_ = HeadBytesAt(read_end_);
    if (head_bytes_ > limits_.head_bytes_max) problem_ = Problem::kHeadTooLarge;
  }
  return bytes.size();
}

size_t RequestParser::HeadBytesAt(const char* at) const {
  return head_bytes_ + static_cast<size_t>(at - head_start_);
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
  head_start_ = at;
  head_bytes_ = 0;
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
  if (HeadBytesAt(piece.data() + piece.size()) <= kRequestLineBytesMax) return 0;
  const size_t crossed_at = std::max(HeadBytesAt(piece.data()), kRequestLineBytesMax);
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
  if (in_head_) gathered_->AddValue(piece, HeadBytesAt(piece.data()));
  return 0;
}

int RequestParser::OnValueEnd() {
  if (in_head_) gathered_->EndValue();
  return 0;
}

int RequestParser::OnHeadersComplete() {
  parser_.upgrade = 0;  // ignored, as RFC 9110 section 7.8 allows; also makes CONNECT harmless
  if (HeadBytesAt(read_end_) > limits_.head_bytes_max) {
    // Perhaps too large, perhaps only followed by much body: stop here to learn the place.
    check_head_ = true;
    return HPE_PAUSED;
  }
  return FinishHead();
}

int RequestParser::FinishHead() {
  in_head_ = false;
  const HeadFields& fields = gathered_->fields();
  RequestHead& head = gathered_->head;
  if (gathered_->malformed || fields.malformed()) return Refuse(Problem::kMalformedRequest);
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
  return plain && !own && head_bytes_ == 0 && head.content_length && !gathered_->length().empty();
}

void RequestParser::OnBody(std::string_view piece) {
  if (learns_) {  // the head ends where its body starts
    const std::string_view head(head_start_, static_cast<size_t>(piece.data() - head_start_));
    hint_ = room_.known.Learn(head, gathered_->length(), gathered_->head);
    learns_ = false;
  }
  events_.OnBody(piece);
}

int RequestParser::OnMessageComplete() {
  between_ = keep_alive_;
  events_.OnRequestEnd();
  return pause_ ? HPE_PAUSED : 0;
}

void RequestParser::Classify(llhttp_errno_t error, const char* at) {
  if (problem_) return;
  if (in_head_ && HeadBytesAt(at) > limits_.head_bytes_max) {
    problem_ = Problem::kHeadTooLarge;
    return;
  }
  switch (error) {
    case HPE_INVALID_METHOD:
      if (!in_head_) events_.OnRequestStart();  // as if the method's first bytes came alone
      problem_ = IsTokenChar(*at) ? Problem::kUnknownMethod : Problem::kMalformedRequest;
      break;
    case HPE_INVALID_URL: {
      const bool too_long = HeadBytesAt(at) > kRequestLineBytesMax;
      problem_ = too_long ? Problem::kUriTooLong : Problem::kMalformedRequest;
      break;
    }
    case HPE_INVALID_VERSION:
    case HPE_PAUSED_H2_UPGRADE:  // HTTP/2 with prior knowledge
      problem_ = Problem::kUnknownVersion;
      break;
    case HPE_INVALID_TRANSFER_ENCODING:
      problem_ = (parser_.flags & F_CONTENT_LENGTH) != 0 ? Problem::kAmbiguousLength
                                                         : Problem::kUnknownTransferCoding;
      break;
    case HPE_UNEXPECTED_CONTENT_LENGTH:
    case HPE_INVALID_CONTENT_LENGTH:
      problem_ = Problem::kAmbiguousLength;
      break;
    default:
      problem_ = Problem::kMalformedRequest;
  }
}

}  // namespace sluice
