// Recovery: what a lane asks on a new connection before it sends: how much of its ledger's batches
// was committed. One question at a time:
//
//   [GET <ledger>:link | CLIENT KILL ID n]   the ledger of an earlier process: fences the
//   connection
//                                            that process left behind, if this is the same server
//   [SET <ledger>:link <this connection>]    where batches outlive the process (a log is set)
//   GET <ledger>
//   [EXPIRE <ledger> | WAIT]                 where replicas are waited for: WAIT tells of writes
//                                            made on its own connection only, so one is made
//
// The link itself fences its own earlier connection (link.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "redis/ledger.h"
#include "sluice/base/buffer.h"
#include "sluice/redis/reply_reader.h"

namespace sluice {

class Recovery {
 public:
  enum class Step : uint8_t {
    kAsk,      // question() is to be sent
    kDone,     // committed() and confirmed() say the rest
    kRefused,  // complaint() says why
  };

  // `link_name` is this connection's, `<run id> <client id>`; empty: not to be written down.
  // `inherited`: an earlier process wrote the ledger's batches. `arriving`: what is asked is behind
  // ASKING, of a node that has a key only once it has come; a ledger that has not says nothing.
  // question() is to be sent then.
  void Start(const LedgerOptions& ledger, std::string_view link_name, bool inherited,
             bool arriving = false);
  Step Take(const Reply& reply);

  std::string_view question() const { return question_.view(); }
  const CommittedBatches& committed() const { return committed_; }
  bool confirmed() const { return confirmed_; }
  const std::string& complaint() const { return complaint_; }

 private:
  enum class State : uint8_t { kReadLink, kKill, kWriteLink, kReadLedger, kWrite, kWait };

  Step Ask(State state);
  Step TakeLink(const Reply& reply);
  Step TakeLedger(const Reply& reply);

  LedgerOptions ledger_;
  std::string link_name_;
  std::string old_client_;
  bool arriving_ = false;
  State state_ = State::kReadLink;
  Buffer question_;
  CommittedBatches committed_;
  bool confirmed_ = true;
  std::string complaint_;
};

}  // namespace sluice
