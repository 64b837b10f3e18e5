// Lane: the ordered queue of batches from one worker to Redis. It fills the open batch, sends
// batches as the window allows, reads their replies, and settles each claim once.
//
//   batches_:  [ in flight ... | waiting ... | open ]     in_flight_ counts the first part
//
// While the window is full or the link is down the last batch grows to its bound and further ones
// wait behind it. When a link falls, what was in flight is settled as unknown; what waited stays.
// A deadline that passes takes an unsent request's bytes out again (refused), and leaves a sent one
// to its reply but settles it (unknown). One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/base/clock.h"
#include "sluice/base/pool.h"
#include "sluice/base/ring.h"
#include "sluice/base/worker_stats.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/link.h"

namespace sluice {

class Batch;
struct Claim;
class TransactionReplies;

struct LaneOptions {
  uint32_t window;
  uint32_t batch_records_max;
  size_t batch_bytes_max;
  uint64_t linger_ns;
  uint64_t reply_ms;
  std::string ledger_key;
};

class Lane final : public LinkHandler {
 public:
  Lane(LaneOptions options, Link& link, TurnClock& clock, WorkerStats& stats,
       TicketListener& listener);
  ~Lane() override;
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // A request's commands are appended to what Begin returns, then committed or rolled back.
  Buffer& Begin();
  void Commit(const Ticket& ticket);
  void Rollback();
  size_t request_bytes() const;

  // Sends what the window allows. Returns how long an open batch still lingers; 0: nothing does.
  uint64_t Flush();
  void Sweep();
  // The drain's deadline: everything unsettled is settled now. How many records that were.
  uint64_t Abandon();

  size_t unsettled_bytes() const { return unsettled_bytes_; }
  bool empty() const;

  void OnLinkReady() override;
  void OnLinkReply(const Reply& reply) override;
  void OnLinkDown(std::string_view reason) override;

 private:
  Batch& Open();
  void Send(Batch& batch);
  void SettleExecuted(Batch& batch);
  void Requeue(Batch& batch);
  void Settle(Claim& claim, Outcome outcome, OutcomeReason reason);
  void Expire(uint64_t now_ns);
  std::unique_ptr<Batch> TakeFront();
  void Release(std::unique_ptr<Batch> batch);
  void Complain(std::string_view error);

  const LaneOptions options_;
  Link& link_;
  TurnClock& clock_;
  WorkerStats& stats_;
  TicketListener& listener_;
  Ring<std::unique_ptr<Batch>> batches_;
  size_t in_flight_ = 0;
  Pool<Batch> spare_;
  size_t request_begin_ = 0;  // of the request between Begin and Commit, in the open batch
  bool in_request_ = false;
  std::unique_ptr<TransactionReplies> replies_;  // to the oldest batch in flight
  uint64_t sequence_ = 0;
  uint64_t progress_ns_ = 0;  // when Redis last answered, or was first asked
  size_t unsettled_bytes_ = 0;
  bool connected_before_ = false;
  std::string down_reason_;  // the last that was logged
  std::string complained_;   // the last refusal's code that was logged
  uint64_t complained_ns_ = 0;
};

}  // namespace sluice
