// LaneLink: a lane's hold on the link that its batches go over: none, or one, which may want ASKING
// before each sending (the node is about to get the lane's slot). Plain state of one lane.
#pragma once

#include <cstdint>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/base/check.h"
#include "sluice/redis/resp.h"
#include "sluice/redis/shared_link.h"

namespace sluice {

class LaneLink {
 public:
  void Attach(SharedLink& link, LinkUser& lane, bool asking) {
    SLUICE_CHECK(link_ == nullptr);
    link_ = &link;
    lane_ = &lane;
    asking_ = asking;
    answers_due_ = 0;
    link_->Add(lane);
  }
  void Detach() {
    if (link_ != nullptr) link_->Remove(*lane_);
    link_ = nullptr;
  }

  SharedLink* link() const { return link_; }
  bool ready() const { return link_ != nullptr && link_->ready(); }
  bool asking() const { return asking_; }
  uint64_t answered_ns() const { return link_ != nullptr ? link_->answered_ns() : 0; }
  std::string_view name() const { return link_->name(); }

  void Send(std::string_view commands) {
    if (asking_) {
      if (prefix_.empty()) AppendCommand({"ASKING"}, prefix_);
      ++answers_due_;
      link_->Send(*lane_, prefix_.view());
    }
    link_->Send(*lane_, commands);
  }
  // Whether the reply is ASKING's own.
  bool TakeAnswer() {
    if (answers_due_ == 0) return false;
    --answers_due_;
    return true;
  }
  void Drop(std::string_view reason) {
    if (link_ != nullptr) link_->Drop(reason);
  }
  void SayUp() { link_->SayUp(); }
  void OnDown() { answers_due_ = 0; }

 private:
  SharedLink* link_ = nullptr;
  LinkUser* lane_ = nullptr;
  bool asking_ = false;
  uint32_t answers_due_ = 0;
  Buffer prefix_;
};

}  // namespace sluice
