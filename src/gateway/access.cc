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

// How many records are in the body is not known yet, so the wait is one for any number.
std::optional<Answer> Access::TakeBytes(const Token& token, uint64_t now_ns, uint64_t bytes) {
  TokenMeters& meters = *token.meters;
  if (token.bytes.Take(meters.bytes, now_ns, bytes)) return std::nullopt;
  return OverRate(RateKind::kTokenBytes,
                  std::max(token.bytes.WaitNs(meters.bytes, now_ns, bytes),
                           token.records.LongestWaitNs(meters.records, now_ns)));
}

// Nor how many bytes come behind these.
std::optional<Answer> Access::TakeMoreBytes(const Token& token, uint64_t now_ns, uint64_t bytes) {
  TokenMeters& meters = *token.meters;
  if (token.bytes.Take(meters.bytes, now_ns, bytes)) return std::nullopt;
  return OverRate(RateKind::kTokenBytes,
                  std::max(token.bytes.LongestWaitNs(meters.bytes, now_ns),
                           token.records.LongestWaitNs(meters.records, now_ns)));
}

std::optional<Answer> Access::TakeRecords(const Token& token, uint64_t now_ns, uint64_t records,
                                          uint64_t body_bytes) {
  TokenMeters& meters = *token.meters;
  if (token.records.Take(meters.records, now_ns, records)) return std::nullopt;
  return OverRate(RateKind::kTokenRecords,
                  std::max(token.records.WaitNs(meters.records, now_ns, records),
                           token.bytes.WaitNs(meters.bytes, now_ns, body_bytes)));
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
