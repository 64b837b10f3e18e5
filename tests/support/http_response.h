// An HTTP/1.1 answer as a test sees it, and the reader that cuts a connection's bytes into answers.
// The reader is strict about what sluice promises: a status line, CRLF ends, and a body that is
// measured by Content-Length. Anything else throws, with the bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string raw;  // all its bytes

  // The first header of that name, in any case; null without one.
  const std::string* Header(std::string_view name) const;
  bool Says(std::string_view name, std::string_view value) const;  // value in any case
  // raw without its Date line: what two answers to one request have in common.
  std::string RawWithoutDate() const;
};

class HttpResponseReader {
 public:
  // Whether the request was a HEAD, whose answer has no body whatever its Content-Length says.
  enum class Body : bool { kNone, kMeasured };

  void Append(std::string_view bytes) { bytes_.append(bytes); }
  // The next whole answer (interim ones too), if its bytes are all here.
  std::optional<HttpResponse> Take(Body body = Body::kMeasured);
  // What no answer has been made of yet.
  std::string_view rest() const { return std::string_view(bytes_).substr(taken_); }

 private:
  std::string bytes_;
  size_t taken_ = 0;
};

}  // namespace sluice
