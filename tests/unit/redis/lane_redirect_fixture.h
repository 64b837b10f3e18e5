// A lane with a guide, and a second node that it can go to. The test is the guide: it notes where
// the lane is told to go, and takes it there.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "unit/redis/lane_fixture.h"

namespace sluice {

class LaneRedirectTest : public LaneTest, public LaneGuide {
 protected:
  LaneRedirectTest() { guide = this; }

  void OnRedirected(Lane& lane, const Redirect& redirect) override {
    EXPECT_TRUE(lane.idle());
    constexpr const char* kKinds[] = {"moved", "ask", "wait"};
    told_.push_back(kKinds[static_cast<size_t>(redirect.kind)] + std::string(" ") +
                    redirect.address);
  }
  // Attaches the lane to the other node, which is up.
  void GoElsewhere(bool asking = false) {
    lane().Detach();
    elsewhere_link_.Start();
    if (!elsewhere_) {
      FakeWire& wire = *elsewhere_dialer_.wires.back();
      wire.Connect();
      elsewhere_ = std::make_unique<ScriptedRedis>(wire);
      while (!elsewhere_link_.ready()) elsewhere_->Answer();
    }
    elsewhere_->keys = keys_elsewhere_;
    lane().Attach(elsewhere_shared_, asking);
  }
  // All that the lane asks and sends there is answered.
  void AnswerElsewhere() {
    for (lane().Flush(); !elsewhere_->Unanswered().empty(); lane().Flush()) elsewhere_->Answer();
  }
  std::vector<std::string> AppliedElsewhere() const {
    std::vector<std::string> values;
    for (const RedisCommand& command : elsewhere_->applied) {
      if (command.front() == "XADD") values.push_back(command.back());
      if (command.front() == "SETRANGE") {
        values.push_back("#" + command[3].substr(command[3].find_first_not_of('0')));
      }
    }
    return values;
  }

  void TearDown() override {
    elsewhere_link_.Close();
    if (elsewhere_) elsewhere_dialer_.wires.back()->FinishClose();
    LaneTest::TearDown();
  }

  std::vector<std::string> told_;
  std::map<std::string, std::string> keys_elsewhere_;
  std::unique_ptr<ScriptedRedis> elsewhere_;

 private:
  FakeDialer elsewhere_dialer_;
  Link elsewhere_link_{{.url = {}, .connect_ms = 2'000}, elsewhere_dialer_, turn_clock(), 1};
  SharedLink elsewhere_shared_{elsewhere_link_, {}, turn_clock(), stats().redis_reconnects};
};

}  // namespace sluice
