// A real loop on the test's thread, run until something has happened, and no longer than a bounded
// number of sweeps; and Peer, one end of a connection that keeps what it hears. Whatever a test
// leaves open is closed at its end.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/net/listener.h"
#include "sluice/net/loop.h"
#include "sluice/net/uv_stream.h"

namespace sluice {

struct Peer final : public StreamHandler {
  std::unique_ptr<ByteStream> stream;
  bool connected = false;
  bool ended = false;
  bool closed = false;
  int written_count = 0;
  std::string read;
  std::string reason;  // of its end
  std::function<void()> on_read = [] {};
  std::function<void()> on_closed = [] {};

  void OnConnected() override { connected = true; }
  void OnRead(std::string_view bytes) override {
    read += bytes;
    on_read();
  }
  void OnEnd() override { ended = true; }
  void OnWritten() override { ++written_count; }
  void OnClosed(std::string_view why) override {
    EXPECT_FALSE(closed) << "closed twice";
    closed = true;
    reason = why;
    on_closed();
  }
};

class LoopTest : public testing::Test, public LoopHandler, public AcceptHandler {
 protected:
  static constexpr int kSweepsMax = 100;  // ten seconds: only a failure takes that long

  LoopTest() { std::signal(SIGPIPE, SIG_IGN); }  // as Signals does for the program

  void RunUntil(std::function<bool()> done) {
    done_ = std::move(done);
    sweep_count_ = 0;
    loop_.Run(*this);
    EXPECT_TRUE(done_()) << "did not happen";
  }

  // Listens on 127.0.0.1; what is accepted becomes a Peer in `accepted`.
  uint16_t Listen() {
    const int fd = BindListeningSocket(Loopback(0), PortSharing::kExclusive).value();
    listener_ = std::make_unique<Listener>(loop_, fd, *this);
    return BoundPort(fd);
  }
  static Address Loopback(uint16_t port) { return {.host = "127.0.0.1", .port = port, .path = {}}; }
  Peer& Dial(const Address& address, uint32_t attempt = 0) {
    dialled_.push_back(std::make_unique<Peer>());
    Peer& peer = *dialled_.back();
    peer.stream = UvDialer(loop_, address).Dial(attempt, peer);
    return peer;
  }
  // The client of a new connection; the listener's end is accepted[0]. Both are reading.
  Peer& Connect() {
    const uint16_t port = Listen();
    Peer& client = Dial(Loopback(port));
    RunUntil([&] { return client.connected && accepted.size() == 1; });
    client.stream->StartRead();
    accepted[0]->stream->StartRead();
    return client;
  }

  Loop& loop() { return loop_; }
  Listener& listener() { return *listener_; }
  int sweep_count() const { return sweep_count_; }
  int turn_count() const { return turn_count_; }

  std::vector<std::unique_ptr<Peer>> accepted;

  void OnAccept(std::unique_ptr<UvStream> stream) override {
    accepted.push_back(std::make_unique<Peer>());
    stream->set_handler(*accepted.back());
    accepted.back()->stream = std::move(stream);
  }
  void OnTurnEnd() override {
    ++turn_count_;
    if (done_()) loop_.Stop();
  }
  void OnSweep() override {
    if (++sweep_count_ == kSweepsMax) loop_.Stop();
  }

  void TearDown() override {
    if (listener_) listener_->CloseNow();
    for (const auto* peers : {&accepted, &dialled_}) {
      for (const auto& peer : *peers) {
        if (peer->closed) continue;
        peer->stream->Close();
        RunUntil([&] { return peer->closed; });
      }
    }
  }

 private:
  SystemClock clock_;
  Loop loop_{clock_};
  std::function<bool()> done_;
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<Peer>> dialled_;
  int sweep_count_ = 0;
  int turn_count_ = 0;
};

}  // namespace sluice
