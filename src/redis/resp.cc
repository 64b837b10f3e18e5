#include "sluice/redis/resp.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "redis/put_text.h"
#include "sluice/base/check.h"

namespace sluice {
namespace {

constexpr size_t kCountLineBytesMax = 32;  // a '*' or '$', up to 20 digits, CR LF

constexpr size_t kSmallCounts = 100;

// A count's line, "42\r\n", in the eight bytes that are copied at once.
struct CountLine {
  std::array<char, 7> text = {};
  uint8_t bytes = 0;
};

constexpr std::array<CountLine, kSmallCounts> kCountLines = [] {
  std::array<CountLine, kSmallCounts> lines;
  for (size_t count = 0; count < kSmallCounts; ++count) {
    CountLine& line = lines[count];
    if (count >= 10) line.text[line.bytes++] = static_cast<char>('0' + count / 10);
    line.text[line.bytes++] = static_cast<char>('0' + count % 10);
    line.text[line.bytes++] = '\r';
    line.text[line.bytes++] = '\n';
  }
  return lines;
}();

// Apart, since PutCount hardly ever meets one and is to be inlined.
[[gnu::noinline]] char* PutLargeCount(size_t count, char* at) {
  at = std::to_chars(at, at + 20, count).ptr;
  *at++ = '\r';
  *at++ = '\n';
  return at;
}

// May write eight bytes, whatever the line takes.
inline char* PutCount(size_t count, char* at) {
  if (count >= kSmallCounts) return PutLargeCount(count, at);
  const CountLine& line = kCountLines[count];
  std::memcpy(at, &line, sizeof line);
  return at + line.bytes;
}

std::string Bulk(std::string_view bytes) {
  return "$" + std::to_string(bytes.size()) + "\r\n" + std::string(bytes) + "\r\n";
}

}  // namespace

void AppendBulk(std::string_view bytes, Buffer& out) {
  char* const begin = out.Prepare(bytes.size() + kCountLineBytesMax);
  char* at = begin;
  *at++ = '$';
  at = PutCount(bytes.size(), at);
  at = PutText(bytes, at);
  at = PutText("\r\n", at);
  out.Advance(static_cast<size_t>(at - begin));
}

void AppendBulk(uint64_t number, Buffer& out) {
  char digits[20];
  const char* const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  AppendBulk(std::string_view(digits, static_cast<size_t>(end - digits)), out);
}

void AppendArrayHeader(size_t words, Buffer& out) {
  char* const begin = out.Prepare(kCountLineBytesMax);
  *begin = '*';
  out.Advance(static_cast<size_t>(PutCount(words, begin + 1) - begin));
}

void AppendCommand(std::initializer_list<std::string_view> words, Buffer& out) {
  AppendArrayHeader(words.size(), out);
  for (const std::string_view word : words) AppendBulk(word, out);
}

void GrowingBulk::Begin(Buffer& out) {
  begin_ = out.size();
  out.Prepare(kCountLineBytesMax);
  out.Advance(1 + digits_ + 2);
}

void GrowingBulk::End(Buffer& out) {
  const size_t size = out.size() - (begin_ + 1 + digits_ + 2);
  char header[kCountLineBytesMax] = {'$'};
  const auto header_bytes = static_cast<size_t>(PutCount(size, header + 1) - header);
  const size_t digits = header_bytes - 3;
  if (digits != digits_) {
    out.Prepare(digits);
    std::memmove(out.data() + begin_ + header_bytes, out.data() + begin_ + 1 + digits_ + 2, size);
    out.Truncate(begin_);
    out.Advance(header_bytes + size);
    digits_ = digits;
  }
  std::memcpy(out.data() + begin_, header, header_bytes);
  out.Append("\r\n");
}

std::string_view SplitCommand(std::string_view& bytes) {
  const std::string_view all = bytes;
  // The number behind a '*' or '$' at `at`, which moves behind its line.
  const auto take_count = [&](size_t& at) {
    size_t count = 0;
    if (at < all.size()) std::from_chars(all.data() + at + 1, all.data() + all.size(), count);
    at = std::min(all.find("\r\n", at), all.size() - 2) + 2;
    return count;
  };
  size_t at = 0;
  if (all.size() < 2) at = all.size();
  for (size_t words = at == 0 ? take_count(at) : 0; words > 0 && at < all.size(); --words) {
    const size_t size = take_count(at);
    at = std::min(at + size + 2, all.size());
  }
  bytes.remove_prefix(at);
  return all.substr(0, at);
}

EntryFields::EntryFields(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    names_.emplace_back(Bulk(name) + "$");
    names_bytes_ += names_.back().bytes_max() + kCountLineBytesMax;
  }
}

EntryFields::Extent EntryFields::Measure(std::span<const std::string_view> values) const {
  SLUICE_CHECK(values.size() == names_.size());
  Extent extent{.words = 0, .bytes_max = names_bytes_};
  for (const std::string_view value : values) {
    extent.words += value.data() != nullptr ? 2 : 0;
    extent.bytes_max += value.size();
  }
  return extent;
}

char* EntryFields::Put(std::span<const std::string_view> values, char* at) const {
  const Lead* name = names_.data();
  for (const std::string_view value : values) {
    const Lead& lead = *name++;
    if (value.data() == nullptr) continue;
    at = PutText(value, PutCount(value.size(), lead.Put(at)));
    *at++ = '\r';
    *at++ = '\n';
  }
  return at;
}

EntryCommand::EntryCommand(const StreamSpec& spec)
    : bytes(Bulk("XADD") + Bulk(spec.stream)), words(3) {
  if (spec.maxlen > 0) {
    bytes += Bulk("MAXLEN") + Bulk("~") + Bulk(std::to_string(spec.maxlen));
    words += 3;
  }
  bytes += Bulk("*");
}

EntryEncoder::EntryEncoder(const StreamSpec& spec) : command_(spec), fields_(spec.fields) {}

void EntryEncoder::Append(std::span<const std::string_view> values, Buffer& out) const {
  const EntryFields::Extent extent = fields_.Measure(values);
  char* const begin = out.Prepare(kCountLineBytesMax + command_.bytes.size() + extent.bytes_max);
  char* at = begin;
  *at++ = '*';
  at = PutCount(command_.words + extent.words, at);
  at = PutText(command_.bytes, at);
  at = fields_.Put(values, at);
  out.Advance(static_cast<size_t>(at - begin));
}

}  // namespace sluice
