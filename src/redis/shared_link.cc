#include "sluice/redis/shared_link.h"

#include <utility>

#include "sluice/base/check.h"
#include "sluice/base/log.h"

namespace sluice {

SharedLink::SharedLink(Link& link, Names names, TurnClock& clock, Counter& reconnects)
    : link_(link), names_(std::move(names)), clock_(clock), reconnects_(reconnects) {
  link_.set_handler(*this);
}

void SharedLink::Add(LinkUser& user) { users_.push_back(&user); }

void SharedLink::Remove(LinkUser& user) {
  for (size_t i = 0; i < sendings_.size(); ++i) SLUICE_CHECK(sendings_[i] != &user);
  std::erase(users_, &user);
}

void SharedLink::Send(LinkUser& from, std::string_view commands) {
  sendings_.PushBack(&from);
  link_.Send(commands);
}

void SharedLink::SayUp() {
  down_reason_.clear();
  if (std::exchange(said_up_, true)) return;
  constexpr std::string_view kUp = "Redis is up";
  if (names_.node.empty()) return Log(LogLevel::kInfo, kUp, {{"lane", names_.lane}});
  Log(LogLevel::kInfo, kUp, {{"lane", names_.lane}, {"node", names_.node}});
}

void SharedLink::OnLinkReady() {
  if (std::exchange(connected_before_, true)) reconnects_.Add();
  for (LinkUser* user : users_) user->OnLinkReady();
}

void SharedLink::OnLinkReply(const Reply& reply) {
  answered_ns_ = clock_.now_ns();
  if (sendings_.empty()) return link_.Drop("Redis answered what was not asked");
  if (sendings_.front()->OnLinkReply(reply)) sendings_.PopFront();
}

void SharedLink::OnLinkDown(std::string_view reason) {
  said_up_ = false;
  while (!sendings_.empty()) sendings_.PopFront();
  size_t to_confirm = 0;
  for (LinkUser* user : users_) {
    user->OnLinkDown(reason);
    to_confirm += user->unconfirmed();
  }
  if (reason.empty() || reason == down_reason_) return;
  down_reason_ = reason;
  constexpr std::string_view kAway =
      "Redis is away; the reason says why, redis.url where it is looked for";
  const LogField lane("lane", names_.lane);
  const LogField why("reason", reason);
  const LogField batches("batches_to_confirm", to_confirm);
  if (names_.node.empty()) return Log(LogLevel::kWarning, kAway, {lane, why, batches});
  Log(LogLevel::kWarning, kAway, {lane, {"node", names_.node}, why, batches});
}

}  // namespace sluice
