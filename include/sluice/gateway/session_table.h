// SessionTable: the sessions of one worker and what they share: limits, clock, handler, the
// response writer, spare buffers, and the list of those with something to write. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sluice/base/buffer.h"
#include "sluice/base/buffer_pool.h"
#include "sluice/base/clock.h"
#include "sluice/base/random.h"
#include "sluice/base/slot_table.h"
#include "sluice/base/worker_stats.h"
#include "sluice/gateway/address_table.h"
#include "sluice/gateway/request_body.h"
#include "sluice/gateway/request_handler.h"
#include "sluice/gateway/session.h"
#include "sluice/gateway/session_limits.h"
#include "sluice/http/request_parser.h"
#include "sluice/http/response_writer.h"
#include "sluice/net/byte_stream.h"

namespace sluice {

class SessionTable {
 public:
  // `jitter_seed` spreads the ages at which connections end.
  SessionTable(const SessionLimits& limits, TurnClock& clock, RequestHandler& handler,
               uint64_t jitter_seed = 0);
  ~SessionTable();
  SessionTable(const SessionTable&) = delete;
  SessionTable& operator=(const SessionTable&) = delete;

  // Before traffic, if clients are to be told apart. Outlives the table.
  void set_addresses(AddressTable& addresses) { addresses_ = &addresses; }

  // Makes a session of a connection; the caller lets the stream talk to it. Where there are too
  // many already, of all clients or of this one, the session is born refused (`shed` is set) and
  // only says so.
  Session& Adopt(std::unique_ptr<ByteStream> stream, std::optional<ShedReason>& shed);
  // An answer given later. A session that has gone needs none.
  void Finish(SlotHandle session, uint32_t answer_number, Answer answer);
  // Writes all that is finished. Requests that waited behind a full queue may be handled by this.
  void Flush();
  void Sweep();
  // Requests in hand go on; what is idle kDrainIdleSweeps from now is closed. (Not at once: a
  // request may be on its way, or in the socket already.)
  void Drain();
  // Writes what is finished and handles nothing more, whatever was read already.
  void CloseAll();

  size_t size() const { return sessions_.size(); }
  bool draining() const { return draining_; }

  // For the sessions.
  const SessionLimits& limits() const { return limits_; }
  TurnClock& clock() { return clock_; }
  // When a connection that is made now is old enough.
  uint64_t AgesAt();
  RequestHandler& handler() { return handler_; }
  ParserRoom& parser_room() { return parser_room_; }
  ResponseWriter& writer() { return writer_; }
  Buffer& out() { return out_; }
  BufferPool& buffers() { return body_room_.buffers; }
  BodyRoom& body_room() { return body_room_; }
  void MarkDirty(Session& session);
  // Its connection counts no more for its client's. Idempotent.
  void LeaveAddress(Peer& peer);
  void Remove(Session& session);

 private:
  const SessionLimits limits_;
  TurnClock& clock_;
  RequestHandler& handler_;
  AddressTable* addresses_ = nullptr;  // null: clients are not told apart
  ParserRoom parser_room_;
  ResponseWriter writer_;
  Buffer out_;
  Random jitter_;
  BodyRoom body_room_;
  SlotTable<Session> sessions_;
  size_t shed_count_ = 0;  // of sessions_
  std::vector<SlotHandle> dirty_;
  std::vector<SlotHandle> flushing_;
  bool draining_ = false;
  uint32_t drain_sweeps_ = 0;  // since Drain
};

}  // namespace sluice
