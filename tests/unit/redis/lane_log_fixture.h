// A lane with a log that the test plays: it ends each sync, well or badly.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sluice/redis/resp.h"
#include "support/fake_log.h"
#include "unit/redis/lane_fixture.h"

namespace sluice {

class LaneLogTest : public LaneTest {
 protected:
  static constexpr uint64_t kAfterMs = 200;

  LaneLogTest() { options.log_after_ns = kAfterMs * kNsPerMs; }

  void Start() {
    StartLane();
    lane().set_log(log_);
  }
  void StartConnected() {
    Start();
    ComeUp();
  }
  // Passes the time, and a turn at its end.
  void PassTurn(uint64_t ms) {
    PassAndSweep(ms);
    lane().Flush();
  }
  void FinishSync(LogSynced result = LogSynced::kDurable) {
    log_.FinishSync(result);
    lane().Flush();
  }
  // Redis answers all it is asked, for as long as the lane asks more.
  void AnswerAll() {
    for (lane().Flush(); !redis().Unanswered().empty(); lane().Flush()) redis().Answer();
  }
  FakeLog::Stored Logged(const std::string& ledger, uint64_t sequence, const std::string& value,
                         const std::string& stream = "s") {
    Buffer bytes;
    AppendCommand({"XADD", stream, "*", "f", value}, bytes);
    return {ledger, sequence, 1, 1, std::string(bytes.view())};
  }
  std::vector<uint64_t> Appended() const {
    std::vector<uint64_t> sequences;
    for (const FakeLog::Stored& batch : log_.appended) sequences.push_back(batch.sequence);
    return sequences;
  }

  FakeLog log_;
};

}  // namespace sluice
