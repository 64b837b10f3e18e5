// Lane: the ordered queue of batches from one worker to Redis. It fills the open batch, sends
// batches as the window allows, reads their replies, and settles each claim once.
//
// While the window is full or the link is down the last batch grows to its bound and further ones
// wait behind it. When a link falls, what was sent stays: on the next connection the lane reads its
// ledger (src/redis/recovery.h), settles what was committed as stored, sends the rest again in its
// order, and only then new batches. So no batch is lost or doubled, whoever was told what.
// A deadline that passes takes an unsent request's bytes out again (refused), and leaves a sent
// one's where they are but settles it (unknown).
//
// With a log (set_log), batches that wait too long go to disk (src/redis/lane_log.h) and come back
// in order, those that earlier processes left first, under their own ledgers. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/base/clock.h"
#include "sluice/base/worker_stats.h"
#include "sluice/record/batch_log.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/link.h"

namespace sluice {

class Batch;
class BatchStore;
class Complaints;
class LaneLog;
class OpenBatch;
class Recovery;
class TransactionReplies;
struct Claim;
struct LaneQueue;
struct LedgerOptions;

struct LaneOptions {
  std::string_view name = "bulk";  // in the log
  uint32_t window;
  uint32_t batch_records_max;
  size_t batch_bytes_max;
  uint64_t linger_ns;
  uint64_t reply_ms;
  std::string ledger_key;
  uint64_t ledger_ttl_seconds;
  uint32_t replicas = 0;         // that confirm before a claim is stored; 0: none is asked
  uint64_t replica_wait_ms = 1;  // how long they are waited for
  uint64_t log_after_ns = 0;     // how long a batch waits before it goes to the log
  bool log_at_once = false;      // while the link is down, at once
};

class Lane final : public LinkHandler {
 public:
  Lane(LaneOptions options, Link& link, TurnClock& clock, LaneStats& stats,
       TicketListener& listener);
  ~Lane() override;
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Before the link starts; outlives the lane.
  void set_log(BatchLog& log);

  // A request's commands are appended to what Begin returns, then committed or rolled back.
  Buffer& Begin();
  void Commit(const Ticket& ticket, uint32_t commands);
  void Rollback();
  size_t request_bytes() const;

  // Sends what the window allows. Returns how long an open batch still lingers; 0: nothing does.
  uint64_t Flush();
  void Sweep();
  // The drain's deadline: everything unsettled is settled now. How many records that left neither
  // in Redis nor in the log, as far as is known.
  uint64_t Abandon();

  size_t unsettled_bytes() const;
  // Nothing is left that only this process knows.
  bool empty() const;

  void OnLinkReady() override;
  void OnLinkReply(const Reply& reply) override;
  void OnLinkDown(std::string_view reason) override;

 private:
  bool BringNext(uint64_t& lingers_ns);
  void Send(Batch& batch);

  void Recover(const std::string& ledger);
  void OnRecoveryReply(const Reply& reply);
  void OnRecovered();
  void ReleaseLogged();
  void BeUp();

  void OnExecuted();
  void OnAborted();
  void OnStrange();
  std::unique_ptr<Batch> TakeFront();
  void HoldAndDrop(std::string_view reason);
  void ShowState();

  const LaneOptions options_;
  Link& link_;
  TurnClock& clock_;
  LaneStats& stats_;
  std::unique_ptr<BatchStore> store_;
  std::unique_ptr<LaneQueue> queue_;
  std::unique_ptr<OpenBatch> open_;
  std::unique_ptr<LedgerOptions> ledger_;        // whose batches are being sent
  std::unique_ptr<Recovery> recovery_;           // while recovering_
  std::unique_ptr<TransactionReplies> replies_;  // to the oldest batch in flight
  std::unique_ptr<Complaints> complaints_;
  std::unique_ptr<LaneLog> log_;  // null: none
  bool recovering_ = false;
  bool up_ = false;  // the link is ready and recovered
  bool said_up_ = false;
  bool abandoned_ = false;
  uint64_t through_ = 0;        // last sequence of *ledger_ that was in `sent` or needs not be, and
  uint64_t own_through_ = 0;    // of our own ledger, when another was begun
  uint64_t progress_ns_ = 0;    // when Redis last answered, or was first asked
  uint64_t hold_until_ns_ = 0;  // nothing is sent before
  bool connected_before_ = false;
  std::string down_reason_;  // the last that was logged
};

}  // namespace sluice
