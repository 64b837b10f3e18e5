// The replies that a Redis 7 in good order gives to what a link and its lane send, without a Redis:
// each command's, as the bytes that came over the wire. It stores nothing, and stops the program at
// a command that it does not know.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sluice/base/check.h"
#include "sluice/redis/resp.h"

namespace sluice::micro {

class CannedRedis {
 public:
  // Takes whole commands off the front of `sent`: up to an EXEC and with it, or all.
  std::string TakeReplies(std::string_view& sent) {
    std::string replies;
    while (!sent.empty()) {
      const std::string_view command = SplitCommand(sent);
      replies += ReplyTo(command);
      if (NameOf(command) == "EXEC") break;
    }
    return replies;
  }

  size_t entries() const { return entries_; }  // that were added in all

 private:
  // Its first word.
  static std::string_view NameOf(std::string_view command) {
    const size_t at = command.find('\n', command.find('$')) + 1;
    return command.substr(at, command.find('\r', at) - at);
  }

  static std::string Bulk(const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  }

  std::string ReplyTo(std::string_view command) {
    const std::string_view name = NameOf(command);
    if (name == "MULTI") {
      in_transaction_ = true;
      return "+OK\r\n";
    }
    if (name == "EXEC") {
      const std::string results = "*" + std::to_string(queued_) + "\r\n" + results_;
      results_.clear();
      queued_ = 0;
      in_transaction_ = false;
      return results;
    }
    if (!in_transaction_) return ResultOf(name);
    ++queued_;
    results_ += ResultOf(name);
    return "+QUEUED\r\n";
  }

  std::string ResultOf(std::string_view name) {
    if (name == "XADD") {
      ++entries_;
      return Bulk("1767225600123-" + std::to_string(entries_ % 1'000));
    }
    if (name == "SETRANGE") return ":320\r\n";
    if (name == "EXPIRE") return ":1\r\n";
    if (name == "CLIENT") return ":7\r\n";
    if (name == "PING") return "+PONG\r\n";
    SLUICE_CHECK(name == "INFO");
    return Bulk("# Server\r\nrun_id:7\r\n");
  }

  bool in_transaction_ = false;
  size_t queued_ = 0;
  std::string results_;
  size_t entries_ = 0;
};

}  // namespace sluice::micro
