// UnreadBytes: what was read of a connection and cannot be parsed before answers that it is owed
// have been written. Held in a buffer of its own size, and charged to the handler's memory budget
// for as long: many clients that pipeline more than they may would else hold a read each. Moves;
// gives its charge back when it ends. One thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "sluice/base/buffer.h"
#include "sluice/base/limits.h"
#include "sluice/gateway/request_handler.h"

namespace sluice {

class UnreadBytes {
 public:
  explicit UnreadBytes(RequestHandler& handler) : handler_(&handler) {}
  ~UnreadBytes() { Clear(); }
  UnreadBytes(UnreadBytes&& other) noexcept
      : handler_(other.handler_),
        bytes_(std::move(other.bytes_)),
        at_(std::exchange(other.at_, 0)),
        charged_bytes_(std::exchange(other.charged_bytes_, 0)) {}
  UnreadBytes& operator=(UnreadBytes&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(at_, other.at_);
    std::swap(charged_bytes_, other.charged_bytes_);
    return *this;
  }

  // Copies them, while it is empty; false if the budget has no room for them.
  [[nodiscard]] bool Keep(std::string_view bytes) {
    const size_t needed_bytes = bytes.size() + kJsonPaddingBytes;
    if (!handler_->HoldUnread(needed_bytes)) return false;
    charged_bytes_ = needed_bytes;
    bytes_.Reserve(needed_bytes);
    bytes_.Append(bytes);
    return true;
  }
  void Advance(size_t n) { at_ += n; }
  void Clear() {
    if (charged_bytes_ > 0) handler_->ReleaseUnread(std::exchange(charged_bytes_, 0));
    const Buffer freed = std::move(bytes_);
    at_ = 0;
  }

  bool empty() const { return at_ == bytes_.size(); }
  // kJsonPaddingBytes readable behind.
  std::string_view view() const { return bytes_.view().substr(at_); }

 private:
  RequestHandler* handler_;
  Buffer bytes_;
  size_t at_ = 0;
  size_t charged_bytes_ = 0;
};

}  // namespace sluice
