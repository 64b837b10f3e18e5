// RequestBody: a body as it arrives. While it lies in one piece in the read buffer it is only
// looked at; once a read or a chunk cuts it, it is gathered in a pooled buffer. One request at a
// time.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "sluice/base/buffer_pool.h"
#include "sluice/base/limits.h"

namespace sluice {

class RequestBody {
 public:
  explicit RequestBody(BufferPool& pool) : pool_(pool) {}
  RequestBody(const RequestBody&) = delete;
  RequestBody& operator=(const RequestBody&) = delete;

  // A body known to be too long for one read: gathered from the start, in one allocation.
  void Expect(size_t bytes) {
    gathered_ = pool_.Take();
    gathered_->Reserve(bytes + kJsonPaddingBytes);
  }
  void Append(std::string_view bytes) {
    if (!gathered_ && seen_.empty()) {
      seen_ = bytes;
      return;
    }
    Keep();
    gathered_->Append(bytes);
  }
  // What is being looked at is about to go.
  void Keep() {
    if (!gathered_) gathered_ = pool_.Take();
    gathered_->Append(seen_);
    seen_ = {};
  }
  // All of it, kJsonPaddingBytes readable behind.
  std::string_view Whole() {
    if (!gathered_) return seen_;
    gathered_->Prepare(kJsonPaddingBytes);
    return gathered_->view();
  }
  void Clear() {
    seen_ = {};
    if (gathered_) pool_.Give(std::move(gathered_));
  }
  bool in_read_buffer() const { return !seen_.empty(); }

 private:
  BufferPool& pool_;
  std::string_view seen_;
  std::unique_ptr<Buffer> gathered_;
};

}  // namespace sluice
