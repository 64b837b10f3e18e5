// Follows the alert stream as a consumer does: XREAD BLOCK on a connection of its own, from the
// stream's end at the time of its making. One thread.
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "probe/resp_value.h"
#include "support/socket.h"

namespace perf {

struct Alert {
  std::string_view device_id;  // empty where the entry has none
  int64_t received_ms = 0;     // sluice's clock when it had read the request
  int64_t stored_ms = 0;       // Redis's clock when it was appended
};

class AlertReader {
 public:
  // `path` is Redis's unix socket.
  AlertReader(const std::string& path, std::string stream)
      : fd_(DialUnix(path)), stream_(std::move(stream)) {
    Ask({"XREVRANGE", stream_, "+", "-", "COUNT", "1"});
    // The only reply that is waited for; afterwards on_alert sees all that is newer.
    while (true) {
      pollfd readable{fd_, POLLIN, 0};
      if (poll(&readable, 1, 10'000) != 1) Die("Redis did not answer within 10 s");
      Receive();
      std::string_view rest = unread_;
      if (const auto reply = RespValue::Take(rest)) {
        if (reply->type == '-') Die("Redis: " + std::string(reply->text));
        if (!reply->items.empty()) last_id_ = reply->items[0].items[0].text;
        break;
      }
    }
    unread_.clear();
    AskForMore();
  }

  int fd() const { return fd_; }

  // Calls on_alert(const Alert&) for each that has come.
  template <typename OnAlert>
  void Read(OnAlert on_alert) {
    Receive();
    std::string_view rest = unread_;
    const auto reply = RespValue::Take(rest);
    if (!reply) return;
    if (reply->type == '-') Die("Redis: " + std::string(reply->text));
    // One stream was asked for: its name, then its entries, each an id and its names and values.
    for (const RespValue& entry : reply->items.at(0).items.at(1).items) {
      const std::string_view id = entry.items.at(0).text;
      Alert alert;
      alert.stored_ms = NumberOf(id);
      const std::vector<RespValue>& words = entry.items.at(1).items;
      for (size_t i = 0; i + 1 < words.size(); i += 2) {
        if (words[i].text == "device_id") alert.device_id = words[i + 1].text;
        if (words[i].text == "received_ms") alert.received_ms = NumberOf(words[i + 1].text);
      }
      on_alert(alert);
      last_id_ = id;
    }
    unread_.clear();
    AskForMore();
  }

 private:
  static int64_t NumberOf(std::string_view text) {
    return std::strtoll(std::string(text).c_str(), nullptr, 10);
  }

  void AskForMore() { Ask({"XREAD", "COUNT", "1000", "BLOCK", "0", "STREAMS", stream_, last_id_}); }

  void Ask(const std::vector<std::string>& words) const {
    std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
    for (const std::string& word : words) {
      bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    }
    if (WriteSome(fd_, bytes.data(), bytes.size()) != bytes.size()) Die("Redis does not read");
  }

  void Receive() {
    constexpr size_t kChunk = 256 * 1024;
    const size_t had = unread_.size();
    unread_.resize(had + kChunk);
    unread_.resize(had + ReadSome(fd_, unread_.data() + had, kChunk));
  }

  const int fd_;
  const std::string stream_;
  std::string last_id_ = "0-0";
  std::string unread_;
};

}  // namespace perf
