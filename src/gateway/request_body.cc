#include "sluice/gateway/request_body.h"

#include <algorithm>

namespace sluice {

std::optional<Answer> RequestBody::Grow(std::string_view bytes, size_t total,
                                        RequestHandler& handler, Exchange& exchange) {
  if (exchange.gzip) return Inflate(bytes, total, handler, exchange);
  std::optional<Answer> answer = handler.OnBodyGrown(exchange, total);
  if (!answer) Append(bytes);
  return answer;
}

// Room is asked for behind each step: what is held without it is one step.
std::optional<Answer> RequestBody::Inflate(std::string_view bytes, size_t total,
                                           RequestHandler& handler, Exchange& exchange) {
  if (!gzip_) {
    gzip_ = room_.gzip_readers.Take();
    gathered_ = room_.buffers.Take();
  }
  for (;;) {
    const GzipReader::Step step = gzip_->Inflate(bytes, *gathered_);
    if (step == GzipReader::Step::kMalformed) {
      return RefuseGzip(Problem::kBadGzip, handler, exchange);
    }
    if (step == GzipReader::Step::kBomb) return RefuseGzip(Problem::kGzipBomb, handler, exchange);
    const size_t held_bytes = std::max<size_t>(total, gzip_->inflated_bytes());
    std::optional<Answer> answer = handler.OnBodyGrown(exchange, held_bytes);
    if (answer || step == GzipReader::Step::kAllTaken) return answer;
  }
}

Answer RequestBody::RefuseGzip(Problem problem, RequestHandler& handler, Exchange& exchange) {
  handler.OnAbandoned(exchange);
  return Answer::Refusal(problem);
}

}  // namespace sluice
