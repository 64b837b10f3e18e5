// RequestHandler: what is done with requests; the session above it knows HTTP, the handler knows
// what the paths mean. Exchange: one request while it is being read and handled. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sluice/base/slot_table.h"
#include "sluice/gateway/peer.h"
#include "sluice/http/answer.h"
#include "sluice/http/request.h"
#include "sluice/record/record_sink.h"

namespace sluice {

struct Exchange {
  static constexpr uint32_t kNoRoute = UINT32_MAX;

  SlotHandle session;             // where the answer goes,
  uint32_t answer = 0;            // and which of the session's it is
  uint32_t route = kNoRoute;      // the handler's own, as all behind `peer`
  uint64_t start_ns = 0;          // the request's first byte
  Peer* peer = nullptr;           // of the session; set before OnHead
  size_t charged_bytes = 0;       // of the memory budget, for the body
  size_t uncharged_bytes = 0;     // of the body: to be charged if it does not come in one read
  std::optional<RequestKey> key;  // of the route and the Idempotency-Key
  BodyFormat format = BodyFormat::kJson;
  bool gzip = false;  // the session's: the body is inflated as it comes; set before OnHead
  SlotHandle token;   // whose request it is (token_set.h), where that is asked
};

class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  // Each may answer at once. Then no further call follows for the exchange but OnAnswered; the rest
  // of its body is read past.
  virtual std::optional<Answer> OnHead(const RequestHead& head, Exchange& exchange) = 0;
  // More of a body whose length nobody announced: a chunked one, `total` bytes so far; or a gzip
  // one, `total` what it has inflated to or what came, the larger.
  virtual std::optional<Answer> OnBodyGrown(Exchange& exchange, size_t total) = 0;
  // A read has ended and more of the body is to come: what was read of it is kept.
  virtual std::optional<Answer> OnBodyWaits(Exchange& exchange) = 0;
  // The whole body, kJsonPaddingBytes readable behind it; gone after the call. Without an answer
  // the handler gives one later, through SessionTable::Finish.
  virtual std::optional<Answer> OnRequest(Exchange& exchange, std::string_view body) = 0;
  // The request will not be completed: its connection ended, or its bytes were not HTTP or gzip.
  virtual void OnAbandoned(Exchange& exchange) = 0;
  // All that one read of a connection carried has been handed over.
  virtual void OnReadEnd() = 0;
  // Bytes of a connection that wait until it has been answered more: whether there is room to hold
  // them. What was held is released once.
  virtual bool HoldUnread(size_t bytes) = 0;
  virtual void ReleaseUnread(size_t bytes) = 0;
  // The answer has been formatted; once for every request that got one.
  virtual void OnAnswered(uint32_t route, uint16_t code, uint64_t start_ns) = 0;
};

}  // namespace sluice
