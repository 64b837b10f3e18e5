// AnswerQueue: what a session owes, in the order of its requests. A slot is reserved when a
// request's head has been read, finished in any order, and taken from the front only. At most
// pipeline_max slots (the session stops reading before more). One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"
#include "sluice/base/ring.h"
#include "sluice/http/answer.h"
#include "sluice/http/request.h"

namespace sluice {

struct AnswerSlot {
  Answer answer;
  bool finished = false;
  bool owes_continue = false;  // 100 Continue is still to be sent (RFC 9110 section 10.1.1)
  bool head_only = false;
  bool http_1_0 = false;
  uint32_t route = 0;
  uint64_t start_ns = 0;
};

class AnswerQueue {
 public:
  bool empty() const { return slots_.empty(); }
  size_t size() const { return slots_.size(); }
  AnswerSlot& front() { return slots_.front(); }

  // The number that Find knows the slot by.
  uint32_t Reserve() {
    slots_.PushBack(AnswerSlot());
    return first_ + static_cast<uint32_t>(slots_.size()) - 1;
  }
  AnswerSlot& Find(uint32_t number) {
    const uint32_t place = number - first_;  // numbers wrap; their distance does not
    return slots_[place];
  }
  void Finish(uint32_t number, Answer answer) {
    AnswerSlot& slot = Find(number);
    SLUICE_CHECK(!slot.finished);
    text_bytes_ += answer.text.size();
    slot.answer = std::move(answer);
    slot.finished = true;
    slot.owes_continue = false;
  }
  AnswerSlot TakeFront() {
    ++first_;
    text_bytes_ -= front().answer.text.size();
    return slots_.PopFront();
  }
  // As many answers are owed, or as many bytes of bodies of their own, as may be.
  bool full(uint32_t pipeline_max) const {
    return slots_.size() >= pipeline_max || text_bytes_ >= kAnswerBytesMax;
  }

  void DropLast() { slots_.PopBack(); }

 private:
  Ring<AnswerSlot> slots_;
  uint32_t first_ = 0;
  size_t text_bytes_ = 0;  // of the finished answers with a body of their own
};

}  // namespace sluice
