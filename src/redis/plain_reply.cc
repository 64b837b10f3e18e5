#include "redis/plain_reply.h"

#include <cstddef>
#include <cstdint>

namespace sluice {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kQueued = "+QUEUED\r\n";
// An entry's id has up to 41; what is longer is no business of a transaction's.
constexpr size_t kTextBytesMax = 64;
constexpr ptrdiff_t kDigitsMax = 18;  // an int64_t holds any such number

// The front of a text, taken from it piece by piece.
class Front {
 public:
  explicit Front(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  const char* at() const { return at_; }
  char First() const { return at_ != end_ ? *at_ : '\0'; }
  bool Take(std::string_view word) {
    if (!std::string_view(at_, end_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  // What stands between a line's first byte and its end.
  bool TakeLine(std::string_view& text) {
    const char* const begin = at_ + 1;
    const char* const most = end_ - at_ > ptrdiff_t{kTextBytesMax} ? at_ + kTextBytesMax : end_;
    for (const char* end = begin; end < most; ++end) {
      if (*end != '\r') continue;
      text = {begin, end};
      at_ = end;
      return Take(kLineEnd);
    }
    return false;
  }
  // One below zero, or of more digits, is not plain.
  bool TakeNumber(int64_t& number) {
    const char* const begin = at_ + 1;
    const char* const most = end_ - begin > kDigitsMax ? begin + kDigitsMax : end_;
    const char* end = begin;
    for (number = 0; end < most && *end >= '0' && *end <= '9'; ++end) {
      number = number * 10 + (*end - '0');
    }
    if (end == begin || (*begin == '0' && end != begin + 1)) return false;
    at_ = end;
    return Take(kLineEnd);
  }
  // A bulk string, which nobody reads.
  bool SkipText() {
    int64_t bytes = 0;
    if (!TakeNumber(bytes) || bytes > int64_t{kTextBytesMax}) return false;
    if (end_ - at_ < bytes) return false;
    at_ += bytes;
    return Take(kLineEnd);
  }

 private:
  const char* at_;
  const char* const end_;
};

bool ReadStatus(Front& front, Reply& reply) {
  reply.kind = Reply::Kind::kStatus;
  reply.times = 0;
  while (front.Take(kQueued)) ++reply.times;
  if (reply.times > 0) {
    reply.text = kQueued.substr(1, kQueued.size() - 1 - kLineEnd.size());
    return true;
  }
  reply.times = 1;
  std::string_view text;
  if (!front.TakeLine(text)) return false;
  reply.text = text;
  return true;
}

bool ReadElement(Front& front, size_t index, Reply& reply) {
  if (front.First() == '$') return front.SkipText();
  if (front.First() == '+') {
    std::string_view text;
    return front.TakeLine(text);
  }
  int64_t number = 0;
  if (front.First() != ':' || !front.TakeNumber(number)) return false;
  if (number > 0) reply.integers.push_back({index, number});
  return true;
}

bool ReadArray(Front& front, Reply& reply) {
  int64_t elements = 0;
  if (!front.TakeNumber(elements)) return false;
  reply.kind = Reply::Kind::kArray;
  reply.times = 1;
  reply.elements = static_cast<size_t>(elements);
  reply.errors.clear();
  reply.integers.clear();
  for (size_t i = 0; i < reply.elements; ++i) {
    if (!ReadElement(front, i, reply)) return false;
  }
  return true;
}

bool Read(Front& front, Reply& reply) {
  switch (front.First()) {
    case '+':
      return ReadStatus(front, reply);
    case '*':
      return ReadArray(front, reply);
    case ':':
      reply.kind = Reply::Kind::kInteger;
      reply.times = 1;
      return front.TakeNumber(reply.integer);
    default:
      return false;
  }
}

}  // namespace

size_t ReadPlainReply(std::string_view bytes, Reply& reply) {
  Front front(bytes);
  return Read(front, reply) ? static_cast<size_t>(front.at() - bytes.data()) : 0;
}

}  // namespace sluice
