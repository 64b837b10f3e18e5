#include "sluice/http/request_parser.h"

#include <algorithm>

#include "http/token.h"
#include "sluice/base/check.h"
#include "sluice/base/limits.h"
#include "sluice/base/text.h"

namespace sluice {
namespace {

RequestParser* Self(llhttp_t* parser) { return static_cast<RequestParser*>(parser->data); }

std::string_view PathOf(std::string_view target) {
  if (!target.starts_with('/')) {  // absolute-form: scheme "://" authority path
    const size_t scheme = target.find("://");
    if (scheme != std::string_view::npos) {
      const size_t end = target.find_first_of("/?#", scheme + 3);  // of the authority
      if (end == std::string_view::npos || target[end] != '/') return "/";
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
      if (Self(p)->in_head_) Self(p)->name_.Append({at, n});
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

RequestParser::RequestParser(const ParserLimits& limits, KnownHeads& known, RequestEvents& events)
    : limits_(limits), known_(known), events_(events) {
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
  const char* at = bytes.data() + known_bytes;
  read_end_ = bytes.data() + bytes.size();
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
    target_.Keep();
    name_.Keep();
    value_.Keep();
    fields_.Keep();
  }
  learns_ = false;
  length_ = {};
  return bytes.size();
}

// Whole requests at the front of `bytes` whose heads are known; how many bytes they took.
size_t RequestParser::TakeKnown(std::string_view bytes) {
  size_t taken = 0;
  while (!pause_) {
    const std::string_view rest = bytes.substr(taken);
    const KnownHeads::Found known = known_.Find(hint_, rest);
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
  length_ = {};
  head_start_ = at;
  head_bytes_ = 0;
  target_.Clear();
  name_.Clear();
  value_.Clear();
  head_ = {};
  fields_.Clear();
  header_count_ = 0;
  malformed_ = false;
  events_.OnRequestStart();
  return 0;
}

int RequestParser::OnUrl(std::string_view piece) {
  target_.Append(piece);
  if (HeadBytesAt(piece.data() + piece.size()) <= kRequestLineBytesMax) return 0;
  const size_t crossed_at = std::max(HeadBytesAt(piece.data()), kRequestLineBytesMax);
  const bool head_first = crossed_at > limits_.head_bytes_max;
  return Refuse(head_first ? Problem::kHeadTooLarge : Problem::kUriTooLong);
}

int RequestParser::OnFieldEnd() {
  if (!in_head_) return 0;  // a trailer
  value_.Clear();
  value_end_ = 0;
  if (name_.view().empty()) malformed_ = true;
  return ++header_count_ > limits_.header_count_max ? Refuse(Problem::kHeadTooLarge) : 0;
}

int RequestParser::OnValue(std::string_view piece) {
  if (!in_head_) return 0;
  const size_t begin = HeadBytesAt(piece.data());
  if (value_end_ != 0 && begin != value_end_) {
    malformed_ = true;  // a folded line (RFC 9112 section 5.2: refuse it, or make it one line)
    return 0;
  }
  value_end_ = begin + piece.size();
  value_.Append(piece);
  return 0;
}

int RequestParser::OnValueEnd() {
  if (!in_head_) return 0;
  std::string_view value = value_.view();
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  fields_.Add(name_.view(), value, !value_.kept());
  if (EqualsIgnoringCase(name_.view(), "content-length")) length_ = value;
  name_.Clear();
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
  if (malformed_ || fields_.malformed()) return Refuse(Problem::kMalformedRequest);
  head_.http_1_0 = parser_.http_major == 1 && parser_.http_minor == 0;
  const bool http_1_1 = parser_.http_major == 1 && parser_.http_minor == 1;
  if (!head_.http_1_0 && !http_1_1) return Refuse(Problem::kUnknownVersion);
  const uint32_t hosts = fields_.host_count();
  if (hosts > 1 || (http_1_1 && hosts == 0)) return Refuse(Problem::kMissingHost);
  head_.chunked = (parser_.flags & F_CHUNKED) != 0;
  const bool coded = (parser_.flags & F_TRANSFER_ENCODING) != 0;
  if (fields_.other_coding() || coded != head_.chunked)
    return Refuse(Problem::kUnknownTransferCoding);
  // RFC 9112 section 6.1: a 1.0 message with Transfer-Encoding has faulty framing.
  if (head_.chunked && head_.http_1_0) return Refuse(Problem::kAmbiguousLength);
  if ((parser_.flags & F_CONTENT_LENGTH) != 0) head_.content_length = parser_.content_length;
  head_.keep_alive = llhttp_should_keep_alive(&parser_) != 0;
  fields_.FillIn(head_);
  head_.method = MethodOf(parser_.method);
  head_.path = PathOf(target_.view());
  learns_ = MayBeKnown();
  events_.OnHead(head_);
  return 0;
}

// All of the head is in this read, and behind the request llhttp is where it was before.
bool RequestParser::MayBeKnown() const {
  const bool plain = head_.method == Method::kPost && head_.keep_alive && !head_.http_1_0 &&
                     !head_.chunked && !head_.expects_continue && !head_.expects_other;
  const bool own = !head_.idempotency_key.empty() || head_.bad_idempotency_key;
  return plain && !own && head_bytes_ == 0 && head_.content_length && !length_.empty();
}

void RequestParser::OnBody(std::string_view piece) {
  if (learns_) {  // the head ends where its body starts
    const std::string_view head(head_start_, static_cast<size_t>(piece.data() - head_start_));
    hint_ = known_.Learn(head, length_, head_);
    learns_ = false;
  }
  events_.OnBody(piece);
}

int RequestParser::OnMessageComplete() {
  between_ = head_.keep_alive;
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
