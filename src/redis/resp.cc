#include "sluice/redis/resp.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "sluice/base/check.h"

namespace sluice {
namespace {

constexpr size_t kHeaderBytesMax = 32;  // a '*' or '$', up to 20 digits, CR LF

char* Put(std::string_view bytes, char* at) {
  std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

char* PutCount(size_t count, char* at) {
  at = std::to_chars(at, at + 20, count).ptr;
  *at++ = '\r';
  *at++ = '\n';
  return at;
}

std::string Bulk(std::string_view bytes) {
  return "$" + std::to_string(bytes.size()) + "\r\n" + std::string(bytes) + "\r\n";
}

}  // namespace

void AppendBulk(std::string_view bytes, Buffer& out) {
  char* const begin = out.Prepare(bytes.size() + kHeaderBytesMax);
  char* at = begin;
  *at++ = '$';
  at = PutCount(bytes.size(), at);
  at = Put(bytes, at);
  at = Put("\r\n", at);
  out.Advance(static_cast<size_t>(at - begin));
}

void AppendCommand(std::initializer_list<std::string_view> words, Buffer& out) {
  char* const begin = out.Prepare(kHeaderBytesMax);
  *begin = '*';
  out.Advance(static_cast<size_t>(PutCount(words.size(), begin + 1) - begin));
  for (const std::string_view word : words) AppendBulk(word, out);
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

EntryEncoder::EntryEncoder(const StreamSpec& spec) {
  command_ = Bulk("XADD") + Bulk(spec.stream);
  command_words_ = 3;
  if (spec.maxlen > 0) {
    command_ += Bulk("MAXLEN") + Bulk("~") + Bulk(std::to_string(spec.maxlen));
    command_words_ += 3;
  }
  command_ += Bulk("*");
  for (const std::string& field : spec.fields) {
    names_.push_back(Bulk(field) + "$");
    names_bytes_ += names_.back().size() + kHeaderBytesMax;
  }
}

void EntryEncoder::Append(std::span<const std::string_view> values, Buffer& out) const {
  SLUICE_CHECK(values.size() == names_.size());
  size_t present = 0;
  size_t bytes = kHeaderBytesMax + command_.size() + names_bytes_;
  for (const std::string_view value : values) {
    present += value.data() != nullptr ? 1 : 0;
    bytes += value.size();
  }
  char* const begin = out.Prepare(bytes);
  char* at = begin;
  *at++ = '*';
  at = PutCount(command_words_ + 2 * present, at);
  at = Put(command_, at);
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].data() == nullptr) continue;
    at = Put(names_[i], at);
    at = PutCount(values[i].size(), at);
    at = Put(values[i], at);
    at = Put("\r\n", at);
  }
  out.Advance(static_cast<size_t>(at - begin));
}

}  // namespace sluice
