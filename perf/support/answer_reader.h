// Finds the answers in what one connection sends: of each the status, and where it ends by its
// Content-Length. Any cut of the bytes will do; an answer that came whole is not copied.
#pragma once

#include <strings.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

namespace perf {

class AnswerReader {
 public:
  // Calls on_answer(status) for each answer that ends in `bytes`. False if they are no HTTP.
  template <typename OnAnswer>
  bool Feed(std::string_view bytes, OnAnswer on_answer) {
    std::string joined;
    if (!head_.empty()) {
      joined.swap(head_);
      joined += bytes;
      bytes = joined;
    }
    while (!bytes.empty()) {
      if (!in_body_) {
        const size_t end = bytes.find("\r\n\r\n");
        if (end == std::string_view::npos) {
          head_.assign(bytes);
          return true;
        }
        if (!ReadHead(bytes.substr(0, end + 2))) return false;
        bytes.remove_prefix(end + 4);
      }
      const size_t taken = std::min(bytes.size(), body_left_);
      body_left_ -= taken;
      bytes.remove_prefix(taken);
      in_body_ = body_left_ > 0;
      if (!in_body_) on_answer(status_);
    }
    return true;
  }

 private:
  bool ReadHead(std::string_view head) {
    constexpr std::string_view kVersion = "HTTP/1.1 ";
    constexpr std::string_view kName = "content-length:";
    if (!head.starts_with(kVersion)) return false;
    status_ = std::atoi(head.data() + kVersion.size());
    for (size_t at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1)) {
      const std::string_view line = head.substr(at + 1);
      if (line.size() > kName.size() && strncasecmp(line.data(), kName.data(), kName.size()) == 0) {
        body_left_ = std::strtoull(line.data() + kName.size(), nullptr, 10);
        return true;
      }
    }
    return false;  // sluice always says how long an answer is
  }

  std::string head_;  // begun in an earlier read; empty nearly always
  size_t body_left_ = 0;
  int status_ = 0;
  bool in_body_ = false;
};

}  // namespace perf
