#include "sluice/redis/node_finder.h"

#include <utility>

#include "redis/inquiry.h"
#include "redis/node_question.h"
#include "sluice/redis/redis_dialer.h"

namespace sluice {

NodeFinder::NodeFinder(RedisUrl url, std::shared_ptr<const TlsContext> tls, uint64_t connect_ms,
                       const Clock& clock)
    : url_(std::move(url)),
      tls_(std::move(tls)),
      connect_ms_(connect_ms),
      loop_(clock),
      tls_room_(loop_, tls_stats_, connect_ms) {}

NodeFinder::~NodeFinder() = default;

Result<NodeMap> NodeFinder::Find() {
  Result<NodeMap> map = Error{"nobody was asked"};
  for (const Address& address : url_.seeds) {
    map = Ask(address);
    if (map) return map;
  }
  return Error{"where Redis is was not learned: " + map.error()};
}

Result<NodeMap> NodeFinder::Ask(const Address& address) {
  const NodeQuestion question(url_);
  const auto dialer = MakeRedisDialer(loop_, address, &tls_room_, tls_);
  loop_.clock().Forget();  // the thread may have been elsewhere for long
  inquiry_ = std::make_unique<Inquiry>(*dialer, attempt_++, question.bytes(),
                                       question.passed_over(), loop_.clock(), connect_ms_);
  while (!inquiry_->over()) loop_.Run(*this);
  const std::unique_ptr<Inquiry> over = std::move(inquiry_);
  if (over->answer() != nullptr) return question.Read(*over->answer(), address);
  return Error{address.ToString() + ": " + over->reason()};
}

void NodeFinder::OnTurnEnd() {
  if (inquiry_ && inquiry_->over()) loop_.Stop();
}

void NodeFinder::OnSweep() {
  if (inquiry_) inquiry_->Sweep();
}

}  // namespace sluice
