// A connection without a network. The code under test owns a FakeStream; the test holds its
// FakeWire, the other end, which outlives it: says bytes, takes what was written at the pace the
// test sets, and ends the connection. Nothing happens but what the test does.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"
#include "sluice/net/byte_stream.h"

namespace sluice {

class FakeWire {
 public:
  // What the code under test has written and "the kernel" has taken.
  std::string sent;
  std::optional<IpAddress> address;  // the peer's
  std::string peer_name;             // that the test's end has proved
  size_t room = SIZE_MAX;  // how much more the kernel takes before the test calls TakeWaiting
  bool reading = false;
  bool write_finished = false;
  bool closing = false;    // Close was called
  bool destroyed = false;  // and OnClosed delivered, or the stream dropped

  void Connect() { handler->OnConnected(); }

  // Delivers one read. The bytes lie in memory of exactly their size and padding, so that a
  // sanitizer sees any look beyond.
  void Say(std::string_view bytes) {
    SLUICE_CHECK(reading && !closing);
    auto read = std::make_unique<char[]>(bytes.size() + kJsonPaddingBytes);
    std::memcpy(read.get(), bytes.data(), bytes.size());
    handler->OnRead({read.get(), bytes.size()});
  }
  void SayEnd() { handler->OnEnd(); }

  bool has_waiting() const { return !waiting.empty(); }
  // The kernel takes up to `n` of what waits.
  void TakeWaiting(size_t n = SIZE_MAX) {
    while (n > 0 && !waiting.empty()) {
      std::string_view& first = waiting.front();
      const size_t taken = std::min(n, first.size());
      sent.append(first.substr(0, taken));
      first.remove_prefix(taken);
      n -= taken;
      if (first.empty()) waiting.erase(waiting.begin());
    }
    if (waiting.empty() && !closing) handler->OnWritten();
  }

  // The end of a close that either side began.
  void FinishClose(std::string_view reason = {}) {
    closing = true;
    StreamHandler* told = std::exchange(handler, nullptr);
    if (told != nullptr) told->OnClosed(reason);
  }

  StreamHandler* handler = nullptr;
  std::vector<std::string_view> waiting;
};

class FakeStream final : public ByteStream {
 public:
  explicit FakeStream(std::shared_ptr<FakeWire> wire) : wire_(std::move(wire)) {}
  ~FakeStream() override { wire_->destroyed = true; }

  size_t TryWrite(std::string_view bytes) override {
    if (wire_->closing || !wire_->waiting.empty()) return 0;
    const size_t taken = std::min(bytes.size(), wire_->room);
    if (wire_->room != SIZE_MAX) wire_->room -= taken;
    wire_->sent.append(bytes.substr(0, taken));
    return taken;
  }
  void Write(std::string_view bytes) override {
    if (!wire_->closing) wire_->waiting.push_back(bytes);
  }
  void StartRead() override { wire_->reading = true; }
  void StopRead() override { wire_->reading = false; }
  void FinishWriting() override {
    SLUICE_CHECK(wire_->waiting.empty());
    wire_->write_finished = true;
  }
  void Close() override { wire_->closing = true; }
  std::optional<IpAddress> peer_address() const override { return wire_->address; }
  std::string_view peer_name() const override { return wire_->peer_name; }

 private:
  std::shared_ptr<FakeWire> wire_;
};

// Hands out streams whose wires the test finds in `wires`, in the order of dialling.
class FakeDialer final : public Dialer {
 public:
  std::vector<std::shared_ptr<FakeWire>> wires;

  std::unique_ptr<ByteStream> Dial(uint32_t, StreamHandler& handler) override {
    wires.push_back(std::make_shared<FakeWire>());
    wires.back()->handler = &handler;
    return std::make_unique<FakeStream>(wires.back());
  }
};

}  // namespace sluice
