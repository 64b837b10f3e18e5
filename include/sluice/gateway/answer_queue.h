// AnswerQueue: what a session owes, in the order of its requests. A slot is reserved when a
// request's head has been read, finished in any order, and taken from the front only. At most
// pipeline_max slots (the session stops reading before more). One thread.
#pragma once

#include <cstdint>

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
  AnswerSlot TakeFront() {
    ++first_;
    return slots_.PopFront();
  }

  void DropLast() { slots_.Remove(slots_.size() - 1); }

 private:
  Ring<AnswerSlot> slots_;
  uint32_t first_ = 0;
};

}  // namespace sluice
