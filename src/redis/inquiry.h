// Inquiry: one question to one Redis, or sentinel, on a connection of its own, which ends with the
// answer. Begins when it is made; may be destroyed once it is over(). One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/base/clock.h"
#include "sluice/net/byte_stream.h"
#include "sluice/redis/reply_value.h"

namespace sluice {

class Inquiry final : private StreamHandler {
 public:
  // `question`: a command, behind others whose replies are passed over. Both outlive the inquiry.
  Inquiry(Dialer& dialer, uint32_t attempt, std::string_view question, uint32_t passed_over,
          TurnClock& clock, uint64_t timeout_ms);
  ~Inquiry() override;
  Inquiry(const Inquiry&) = delete;
  Inquiry& operator=(const Inquiry&) = delete;

  void Sweep();
  void Close();
  bool over() const { return stream_ == nullptr; }
  // When it is over: null if there was none.
  const ReplyValue* answer() const { return answer_ ? &*answer_ : nullptr; }
  const std::string& reason() const { return reason_; }

 private:
  void End(std::string_view reason);

  void OnConnected() override;
  void OnRead(std::string_view bytes) override;
  void OnEnd() override;
  void OnClosed(std::string_view reason) override;

  TurnClock& clock_;
  const std::string_view question_;
  uint32_t passed_over_;
  const uint64_t deadline_ns_;
  std::unique_ptr<ByteStream> stream_;
  ValueReader reader_;
  std::optional<ReplyValue> answer_;
  std::string reason_;  // why there is no answer
};

}  // namespace sluice
