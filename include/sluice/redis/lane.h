// Lane: the ordered queue of batches from one worker to one partition. It fills the open batch,
// sends batches as the window allows, reads their replies, and settles each claim once.
//
// While the window is full or the link is down the last batch grows to its bound and further ones
// wait behind it. When a link falls, what was sent stays: on the next connection the lane reads its
// ledger (src/redis/recovery.h), settles what was committed as stored, sends the rest again in its
// order, and only then new batches. So no batch is lost or doubled, whoever was told what.
// A deadline that passes takes an unsent request's bytes out again (refused), and leaves a sent
// one's where they are but settles it (unknown).
//
// With a guide a lane may be told to go elsewhere: a batch that is redirected was not applied, and
// goes again where the guide attaches the lane, behind the same question to the ledger there.
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
#include "sluice/redis/redirect.h"
#include "sluice/redis/shared_link.h"

namespace sluice {

class Batch;
class BatchMemory;
class BatchStore;
class Lane;
class LaneLink;
class LaneLog;
class LaneReplies;
class OpenBatch;
class Recovery;
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
  std::shared_ptr<BatchMemory> memory = nullptr;  // of all lanes of one sink; null: its own
};

std::shared_ptr<BatchMemory> MakeBatchMemory();

class LaneGuide {
 public:
  virtual ~LaneGuide() = default;
  // The lane has nothing on its link any more, and sends nothing until it is attached anew: not
  // from inside this call.
  virtual void OnRedirected(Lane& lane, const Redirect& redirect) = 0;
};

class Lane final : public LinkUser {
 public:
  Lane(LaneOptions options, TurnClock& clock, LaneStats& stats, TicketListener& listener);
  ~Lane() override;
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Before it is attached; each outlives the lane.
  void set_log(BatchLog& log);
  // Without one, being redirected is being refused.
  void set_guide(LaneGuide& guide);

  // Its batches go over `link` from now on, each behind ASKING if so wanted.
  void Attach(SharedLink& link, bool asking = false);
  // Only while idle(); also where it is attached to nothing.
  void Detach();
  const SharedLink* attached() const;
  // Nothing that it sent is unanswered.
  bool idle() const;
  // Gives up its link's connection.
  void Drop(std::string_view reason);

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

  size_t unsettled_bytes() const;  // of all lanes that share its memory
  // Nothing is left that only this process knows.
  bool empty() const;
  // For how long Redis has not answered what was asked; 0: nothing is asked.
  uint64_t waited_ns() const;

  void OnLinkReady() override;
  bool OnLinkReply(const Reply& reply) override;
  void OnLinkDown(std::string_view reason) override;
  size_t unconfirmed() const override;

 private:
  bool BringNext(uint64_t& lingers_ns);
  void Send(Batch& batch);

  void Recover(const std::string& ledger);
  void OnRecoveryReply(const Reply& reply);
  void OnRecovered();
  void ReleaseLogged();
  void BeUp();

  void TurnBack();
  void ShowState();

  const LaneOptions options_;
  LaneGuide* guide_ = nullptr;
  std::unique_ptr<LaneLink> link_;
  TurnClock& clock_;
  LaneStats& stats_;
  std::unique_ptr<BatchStore> store_;
  std::unique_ptr<LaneQueue> queue_;
  std::unique_ptr<OpenBatch> open_;
  std::unique_ptr<LedgerOptions> ledger_;  // whose batches are being sent
  std::unique_ptr<Recovery> recovery_;     // while recovering_
  std::unique_ptr<LaneReplies> replies_;
  std::unique_ptr<LaneLog> log_;  // null: none
  bool recovering_ = false;
  bool up_ = false;  // the link is ready and recovered
  bool abandoned_ = false;
  bool counted_up_ = false;  // in stats_
  bool counted_store_up_ = false;
  uint64_t through_ = 0;        // last sequence of *ledger_ that was in `sent` or needs not be, and
  uint64_t own_through_ = 0;    // of our own ledger, when another was begun
  uint64_t progress_ns_ = 0;    // when Redis last answered, or was first asked
  uint64_t hold_until_ns_ = 0;  // nothing is sent before
};

}  // namespace sluice
