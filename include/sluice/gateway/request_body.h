// RequestBody: a body as it arrives. While it lies in one piece in the read buffer it is only
// looked at; once a read or a chunk cuts it, it is gathered in a pooled buffer. A gzip body is
// inflated into one as it comes. One request at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "sluice/base/buffer_pool.h"
#include "sluice/base/limits.h"
#include "sluice/base/pool.h"
#include "sluice/gateway/request_handler.h"
#include "sluice/http/answer.h"
#include "sluice/http/gzip_reader.h"

namespace sluice {

// What the bodies of one worker share.
struct BodyRoom {
  BufferPool buffers;
  Pool<GzipReader> gzip_readers{kSpareGzipReadersMax};
};

class RequestBody {
 public:
  explicit RequestBody(BodyRoom& room) : room_(room) {}
  RequestBody(const RequestBody&) = delete;
  RequestBody& operator=(const RequestBody&) = delete;

  // A body known to be too long for one read: gathered from the start, in one allocation.
  void Expect(size_t bytes) {
    gathered_ = room_.buffers.Take();
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
  // More of a body whose length nobody announced; `total` of it have come. The handler is asked
  // for room first. An answer is a refusal, and the rest of the body is not wanted.
  std::optional<Answer> Grow(std::string_view bytes, size_t total, RequestHandler& handler,
                             Exchange& exchange);
  // What is being looked at is about to go.
  void Keep() {
    if (!gathered_) gathered_ = room_.buffers.Take();
    gathered_->Append(seen_);
    seen_ = {};
  }
  // All of it, kJsonPaddingBytes readable behind.
  std::string_view Whole() {
    if (!gathered_) return seen_;
    gathered_->Prepare(kJsonPaddingBytes);
    return gathered_->view();
  }
  // All of it has come: the handler's answer, or why it was not handed over.
  std::optional<Answer> HandOver(RequestHandler& handler, Exchange& exchange) {
    if (exchange.gzip && !inflated_whole()) return RefuseGzip(Problem::kBadGzip, handler, exchange);
    return handler.OnRequest(exchange, Whole());
  }
  void Clear() {
    seen_ = {};
    if (!gathered_) return;
    room_.buffers.Give(std::move(gathered_));
    if (gzip_) room_.gzip_readers.Give(std::move(gzip_));
  }
  bool in_read_buffer() const { return !seen_.empty(); }

 private:
  std::optional<Answer> Inflate(std::string_view bytes, size_t total, RequestHandler& handler,
                                Exchange& exchange);
  Answer RefuseGzip(Problem problem, RequestHandler& handler, Exchange& exchange);
  bool inflated_whole() const { return gzip_ && gzip_->whole(); }

  BodyRoom& room_;
  std::string_view seen_;
  std::unique_ptr<Buffer> gathered_;
  std::unique_ptr<GzipReader> gzip_;  // only while a gzip body comes; gathered_ is there too
};

}  // namespace sluice
