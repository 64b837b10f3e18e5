#include "support/http_response.h"

#include <strings.h>

#include <charconv>
#include <stdexcept>

namespace sluice {
namespace {

constexpr std::string_view kVersion = "HTTP/1.1 ";
constexpr size_t kCompactBytes = 64 * 1024;

bool SameInAnyCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

[[noreturn]] void Refuse(const char* why, std::string_view bytes) {
  throw std::runtime_error(std::string("bad answer: ") + why + ":\n" +
                           std::string(bytes.substr(0, 2'000)));
}

size_t Number(std::string_view text, std::string_view head) {
  size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) Refuse("not a number", head);
  return number;
}

void ReadHead(std::string_view head, HttpResponse* response) {
  if (!head.starts_with(kVersion) || head.size() < kVersion.size() + 4 || head[12] != ' ') {
    Refuse("status line", head);
  }
  response->status = static_cast<int>(Number(head.substr(kVersion.size(), 3), head));
  size_t at = head.find("\r\n") + 2;
  while (at < head.size()) {
    const size_t end = head.find("\r\n", at);
    const std::string_view line = head.substr(at, end - at);
    const size_t colon = line.find(": ");
    if (colon == std::string_view::npos) Refuse("header line", head);
    response->headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    at = end + 2;
  }
}

}  // namespace

const std::string* HttpResponse::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (SameInAnyCase(key, name)) return &value;
  }
  return nullptr;
}

bool HttpResponse::Says(std::string_view name, std::string_view value) const {
  const std::string* header = Header(name);
  return header != nullptr && SameInAnyCase(*header, value);
}

std::string HttpResponse::RawWithoutDate() const {
  const std::string* date = Header("Date");
  if (date == nullptr) return raw;
  std::string rest = raw;
  const size_t value = rest.find(*date);
  const size_t begin = rest.rfind("\r\n", value);
  return rest.erase(begin, value + date->size() - begin);
}

std::optional<HttpResponse> HttpResponseReader::Take(Body body) {
  const std::string_view bytes = rest();
  const size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return std::nullopt;
  const size_t head_bytes = head_end + 4;
  HttpResponse response;
  ReadHead(bytes.substr(0, head_end + 2), &response);
  size_t body_bytes = 0;
  const std::string* length = response.Header("Content-Length");
  if (length != nullptr && body == Body::kMeasured) {
    body_bytes = Number(*length, bytes.substr(0, head_bytes));
  } else if (length == nullptr && response.status >= 200 && response.status != 204) {
    Refuse("no Content-Length", bytes);
  }
  if (bytes.size() < head_bytes + body_bytes) return std::nullopt;
  response.body = bytes.substr(head_bytes, body_bytes);
  response.raw = bytes.substr(0, head_bytes + body_bytes);
  taken_ += response.raw.size();
  if (taken_ == bytes_.size() || taken_ > kCompactBytes) {
    bytes_.erase(0, taken_);
    taken_ = 0;
  }
  return response;
}

}  // namespace sluice
