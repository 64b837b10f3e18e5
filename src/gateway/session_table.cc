#include "sluice/gateway/session_table.h"

#include <utility>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"

namespace sluice {
SessionTable::SessionTable(const SessionLimits& limits, TurnClock& clock, RequestHandler& handler,
                           uint64_t jitter_seed)
    : limits_(limits), clock_(clock), handler_(handler), jitter_(jitter_seed) {}

SessionTable::~SessionTable() { SLUICE_CHECK(sessions_.size() == 0); }

Session& SessionTable::Adopt(std::unique_ptr<ByteStream> stream, std::optional<ShedReason>& shed) {
  shed.reset();
  ClientAddress* client = nullptr;
  bool has_gone = false;
  if (addresses_ != nullptr) {
    const auto from = stream->peer_address();
    has_gone = !from;
    if (from) client = addresses_->Enter(*from);
    if (client == nullptr) shed = ShedReason::kAddressConnections;
  }
  const SlotHandle handle = sessions_.Reserve();
  auto session = std::make_unique<Session>(*this, handle, std::move(stream), client);
  Session& adopted = *session;
  sessions_.Put(handle, std::move(session));
  // Those refused earlier may still linger; they take no place from others.
  if (sessions_.size() - shed_count_ > limits_.connections_max) shed = ShedReason::kConnections;
  if (!shed) return adopted;
  adopted.shed = true;
  // A client that was reset meanwhile has no address any more; what it sent would be nobody's.
  if (++shed_count_ <= kRefusedMax && !has_gone) {
    const bool of_client = *shed == ShedReason::kAddressConnections;
    adopted.Refuse(of_client ? Problem::kTooManyConnections : Problem::kShedConnections);
  } else {
    adopted.Close();
  }
  return adopted;
}

void SessionTable::Finish(SlotHandle session, uint32_t answer_number, Answer answer) {
  Session* found = sessions_.Find(session);
  if (found != nullptr) found->Finish(answer_number, std::move(answer));
}

uint64_t SessionTable::AgesAt() {
  if (limits_.age_ms == 0) return UINT64_MAX;
  const uint64_t age_ns = limits_.age_ms * kNsPerMs;
  return clock_.now_ns() + age_ns - jitter_.Below(age_ns / kAgeSpread + 1);
}

void SessionTable::MarkDirty(Session& session) {
  if (session.dirty) return;
  session.dirty = true;
  dirty_.push_back(session.handle());
}

void SessionTable::Flush() {
  while (!dirty_.empty()) {
    flushing_.swap(dirty_);
    for (const SlotHandle handle : flushing_) {
      Session* session = sessions_.Find(handle);
      if (session == nullptr) continue;
      session->dirty = false;
      session->Flush();
    }
    flushing_.clear();
  }
}

void SessionTable::Sweep() {
  const uint64_t now_ns = clock_.now_ns();
  if (draining_) ++drain_sweeps_;
  const bool close_idle = drain_sweeps_ >= kDrainIdleSweeps;
  sessions_.ForEach([=](Session& session) {
    session.Sweep(now_ns);
    if (close_idle) session.Drain();
  });
}

void SessionTable::Drain() { draining_ = true; }

void SessionTable::CloseAll() {
  sessions_.ForEach([](Session& session) { session.TakeNoMore(); });
  Flush();
  sessions_.ForEach([](Session& session) { session.Close(); });
}

void SessionTable::LeaveAddress(Peer& peer) {
  if (peer.address == nullptr) return;
  addresses_->Leave(*std::exchange(peer.address, nullptr), clock_.now_ns());
}

void SessionTable::Remove(Session& session) {
  if (session.shed) --shed_count_;
  LeaveAddress(session.peer());
  sessions_.Remove(session.handle());
}

}  // namespace sluice
