#include "redis/line_encoder.h"

#include <cstdint>
#include <cstring>
#include <string>

#include "redis/put_text.h"
#include "sluice/base/check.h"
#include "sluice/base/eight_bytes.h"

namespace sluice {
namespace {

constexpr size_t kEndBytes = 2;    // } and a line feed
constexpr size_t kQuoteBytes = 1;  // behind a value

// Nothing in it needs an escape. False too where only a closer look can tell.
bool IsPlain(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (text.size() >= 8) {
    for (; end - at > 8; at += 8) {
      if (SpecialBytes(EightBytes(at)) != 0) return false;
    }
    return SpecialBytes(EightBytes(end - 8)) == 0;
  }
  uint64_t eight = EachByte(' ');
  for (; at < end; ++at) eight = eight << 8 | static_cast<uint8_t>(*at);
  return SpecialBytes(eight) == 0;
}

// At most how many bytes more the text has when it is escaped.
size_t EscapesBytesMax(std::string_view text) {
  size_t bytes = 0;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < ' ') {
      bytes += 5;
    } else if (c == '"' || c == '\\') {
      bytes += 1;
    } else if (byte == 0xc2 || byte == 0xe2) {
      bytes += 4;  // U+0085 begins so, or U+2028
    }
  }
  return bytes;
}

char* PutUnicode(uint32_t code, char* at) {
  constexpr char kDigits[] = "0123456789abcdef";
  *at++ = '\\';
  *at++ = 'u';
  for (int shift = 12; shift >= 0; shift -= 4) *at++ = kDigits[code >> shift & 0xf];
  return at;
}

char* PutEscaped(std::string_view text, char* at) {
  constexpr std::string_view kNextLine = "\xc2\x85";
  constexpr std::string_view kLineSeparator = "\xe2\x80\xa8";
  constexpr std::string_view kParagraphSeparator = "\xe2\x80\xa9";
  while (!text.empty()) {
    const char c = text[0];
    size_t taken = 1;
    if (c == '"' || c == '\\') {
      *at++ = '\\';
      *at++ = c;
    } else if (static_cast<uint8_t>(c) < ' ') {
      at = PutUnicode(static_cast<uint8_t>(c), at);
    } else if (text.starts_with(kNextLine)) {
      at = PutUnicode(0x85, at);
      taken = kNextLine.size();
    } else if (text.starts_with(kLineSeparator) || text.starts_with(kParagraphSeparator)) {
      at = PutUnicode(text[2] == kLineSeparator[2] ? 0x2028 : 0x2029, at);
      taken = kLineSeparator.size();
    } else {
      *at++ = c;
    }
    text.remove_prefix(taken);
  }
  return at;
}

}  // namespace

LineEncoder::LineEncoder(const StreamSpec& spec) : bytes_max_(kEndBytes) {
  SLUICE_CHECK(spec.packed.size() == spec.fields.size() && spec.identity.empty());
  for (size_t i = 0; i < spec.fields.size(); ++i) {
    const bool quoted = spec.packed[i] == JsonForm::kQuoted;
    fields_.push_back({Lead(",\"" + spec.fields[i] + "\":" + (quoted ? "\"" : "")), quoted});
    bytes_max_ += fields_.back().lead.bytes_max() + kQuoteBytes;
  }
}

void LineEncoder::Append(std::span<const std::string_view> values, Buffer& out) const {
  static_assert(kFieldsMax <= 64);
  SLUICE_CHECK(values.size() == fields_.size());
  size_t bytes = bytes_max_;
  uint64_t escaped = 0;  // bit i: value i
  for (size_t i = 0; i < values.size(); ++i) {
    bytes += values[i].size();
    if (!fields_[i].quoted || IsPlain(values[i])) continue;
    escaped |= uint64_t{1} << i;
    bytes += EscapesBytesMax(values[i]);
  }
  char* const begin = out.Prepare(bytes);
  char* at = begin;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].data() == nullptr) continue;
    at = fields_[i].lead.Put(at);
    at = (escaped >> i & 1) != 0 ? PutEscaped(values[i], at) : PutText(values[i], at);
    if (fields_[i].quoted) *at++ = '"';
  }
  *begin = '{';  // where the first comma was
  *at++ = '}';
  *at++ = '\n';
  out.Advance(static_cast<size_t>(at - begin));
}

}  // namespace sluice
