// One client of the simulation: the requests it will send, cut anywhere, and what it knows of each:
// which answer may come, and only after what.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/random.h"
#include "sluice/record/record_sink.h"
#include "support/fake_stream.h"

namespace sluice {

struct PlannedRequest {
  std::string id;          // the device_id of its records
  std::string bytes = {};  // on the wire
  int refusal = 0;         // the only status there can be; 0: its records are good
  uint32_t records = 0;
  bool last = false;  // asks for Connection: close
  // What has happened to it.
  bool committed = false;
  std::optional<Outcome> settled = {};
};

class SimulatedClient {
 public:
  SimulatedClient(uint32_t number, Random& random);

  std::shared_ptr<FakeWire> wire = std::make_shared<FakeWire>();
  std::vector<PlannedRequest> requests;
  bool gone = false;  // its connection has ended

  // Sends up to `n` bytes more as one read. False: nothing left, or the gate is not reading.
  bool SendSome(size_t n);
  bool sent_all() const { return sent_bytes_ == stream_.size(); }
  PlannedRequest* Find(std::string_view id);

  // Looks at what arrived since: each answer belongs to the next request, and is one it may have.
  void CheckAnswers();
  size_t answered_count() const { return answered_; }
  // The gate has said that this was the last answer.
  bool told_to_close() const { return told_to_close_; }

 private:
  void CheckAnswer(int status, std::string_view head, std::string_view body);

  std::string stream_;
  size_t sent_bytes_ = 0;
  size_t looked_at_ = 0;
  size_t answered_ = 0;
  bool told_to_close_ = false;
};

}  // namespace sluice
