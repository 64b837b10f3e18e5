#include "sluice/gateway/access.h"

#include <algorithm>

#include "sluice/base/clock.h"

namespace sluice {

const Token* Access::Identify(const RequestHead& head, const Peer& peer) {
  const Token* const named = peer.name.empty() ? nullptr : tokens_->FindCommonName(peer.name);
  const bool presents = !head.bearer.empty() || head.bad_bearer;
  const Token* token = named;
  if (presents) {
    token = head.bad_bearer ? nullptr : tokens_->FindSecret(head.bearer);
    if (named != nullptr && named != token) token = nullptr;
  }
  if (token != nullptr) return token;
  Count(presents || !peer.name.empty() ? AuthFailure::kUnknown : AuthFailure::kMissing);
  return nullptr;
}

const Token* Access::Find(SlotHandle token) {
  const Token* const found = tokens_->Find(token);
  if (found == nullptr) Count(AuthFailure::kUnknown);
  return found;
}

std::optional<Answer> Access::CheckRoute(const Token& token, uint32_t route) {
  if (token.MayPostTo(route)) return std::nullopt;
  Count(AuthFailure::kRoute);
  return Answer::Refusal(Problem::kForbiddenRoute);
}

Access::Account Access::AccountOf(const Token* token, const Peer& peer) const {
  if (token != nullptr) {
    return {.records = &token->records,
            .bytes = &token->bytes,
            .meters = token->meters.get(),
            .of_token = true};
  }
  if (addresses_ == nullptr || peer.address == nullptr) return {};
  return {.records = &addresses_->records,
          .bytes = &addresses_->bytes,
          .meters = &peer.address->meters,
          .of_token = false};
}

// How many records are in the body is not known yet, so the wait is one for any number.
std::optional<Answer> Access::TakeBytes(const Account& account, uint64_t now_ns, uint64_t bytes) {
  if (account.meters == nullptr) return std::nullopt;
  RateMeters& meters = *account.meters;
  // There is at least one record in it; decoding the others would be for nothing.
  if (const uint64_t wait_ns = account.records->WaitNs(meters.records, now_ns, 1); wait_ns > 0) {
    return OverRate(account.of_token ? RateKind::kTokenRecords : RateKind::kAddressRecords,
                    std::max(account.bytes->WaitNs(meters.bytes, now_ns, bytes),
                             account.records->LongestWaitNs(meters.records, now_ns)));
  }
  if (account.bytes->Take(meters.bytes, now_ns, bytes)) return std::nullopt;
  return OverRate(account.of_token ? RateKind::kTokenBytes : RateKind::kAddressBytes,
                  std::max(account.bytes->WaitNs(meters.bytes, now_ns, bytes),
                           account.records->LongestWaitNs(meters.records, now_ns)));
}

// Nor how many bytes come behind these.
std::optional<Answer> Access::TakeMoreBytes(const Account& account, uint64_t now_ns,
                                            uint64_t bytes) {
  if (account.meters == nullptr) return std::nullopt;
  RateMeters& meters = *account.meters;
  if (account.bytes->Take(meters.bytes, now_ns, bytes)) return std::nullopt;
  return OverRate(account.of_token ? RateKind::kTokenBytes : RateKind::kAddressBytes,
                  std::max(account.bytes->LongestWaitNs(meters.bytes, now_ns),
                           account.records->LongestWaitNs(meters.records, now_ns)));
}

std::optional<Answer> Access::TakeRecords(const Account& account, uint64_t now_ns, uint64_t records,
                                          uint64_t body_bytes) {
  if (account.meters == nullptr) return std::nullopt;
  RateMeters& meters = *account.meters;
  if (account.records->Take(meters.records, now_ns, records)) return std::nullopt;
  return OverRate(account.of_token ? RateKind::kTokenRecords : RateKind::kAddressRecords,
                  std::max(account.records->WaitNs(meters.records, now_ns, records),
                           account.bytes->WaitNs(meters.bytes, now_ns, body_bytes)));
}

std::optional<Answer> Access::TakeFailure(const Peer& peer, uint64_t now_ns) {
  return TakeRecords(AccountOf(nullptr, peer), now_ns, 1, 0);
}

Answer Access::OverRate(RateKind kind, uint64_t wait_ns) {
  stats_.rate_limited[static_cast<size_t>(kind)].Add();
  constexpr uint64_t kSecondNs = kMsPerSecond * kNsPerMs;
  Answer answer = Answer::Refusal(Problem::kTooManyRequests);
  const uint64_t seconds = std::max<uint64_t>((wait_ns + kSecondNs - 1) / kSecondNs, 1);
  answer.retry_after_seconds = static_cast<uint32_t>(std::min<uint64_t>(seconds, UINT32_MAX));
  return answer;
}

}  // namespace sluice
