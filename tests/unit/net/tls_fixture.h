// A TLS server's stream over a wire that the test holds (support/fake_stream.h), and the client at
// its other end (support/tls_peer.h). The test carries the bytes, in reads of the sizes it likes,
// and runs the queue's turns; nothing else happens.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "sluice/base/worker_stats.h"
#include "sluice/net/loop.h"
#include "sluice/net/ticket_keys.h"
#include "sluice/net/tls_context.h"
#include "sluice/net/tls_room.h"
#include "sluice/net/tls_stream.h"
#include "support/certificates.h"
#include "support/fake_clock.h"
#include "support/fake_stream.h"
#include "support/temp_dir.h"
#include "support/tls_peer.h"

namespace sluice {

// A stream, its wire, and what it says upwards.
struct TlsEnd final : public StreamHandler {
  std::shared_ptr<FakeWire> wire = std::make_shared<FakeWire>();
  std::unique_ptr<TlsStream> stream;
  size_t said = 0;  // of wire->sent, to the other end
  bool connected = false;
  int ended_count = 0;
  int written_count = 0;
  bool closed = false;
  std::string read;
  std::string reason;
  std::function<void()> on_connected = [] {};
  std::function<void()> on_read = [] {};

  TlsEnd(TlsRoom& room, const std::shared_ptr<const TlsContext>& context)
      : stream(std::make_unique<TlsStream>(room, context)) {
    stream->set_handler(*this);
    stream->set_below(std::make_unique<FakeStream>(wire));
    wire->handler = stream.get();
  }
  ~TlsEnd() override {
    stream->Close();
    if (!closed) wire->FinishClose();
  }
  std::string TakeSent() {
    std::string bytes = wire->sent.substr(said);
    said = wire->sent.size();
    return bytes;
  }

  void OnConnected() override {
    connected = true;
    on_connected();
  }
  void OnRead(std::string_view bytes) override {
    read += bytes;
    on_read();
  }
  void OnEnd() override { ++ended_count; }
  void OnWritten() override { ++written_count; }
  void OnClosed(std::string_view why) override {
    closed = true;
    reason = why;
  }
};

class TlsTest : public testing::Test {
 protected:
  static constexpr uint64_t kHandshakeMs = 1'000;
  static constexpr size_t kWhole = SIZE_MAX;

  std::shared_ptr<const TlsContext> Context(const std::string& client_ca = "") {
    return TlsContext::ForServer({.certificate = server_files_.certificate,
                                  .key = server_files_.key,
                                  .client_ca = client_ca},
                                 keys_)
        .value();
  }
  // The server's end of a new connection, reading.
  TlsEnd& Accept(const std::shared_ptr<const TlsContext>& context) {
    server_ = std::make_unique<TlsEnd>(room_, context);
    server_->stream->StartRead();
    return *server_;
  }
  TlsEnd& server() { return *server_; }
  TlsPeerOptions Trusting() const { return {.ca = ca_.file()}; }

  // Says it to the server in reads of so many bytes, and runs the turns that it asks for.
  void Say(std::string_view bytes, size_t read_bytes = kWhole) {
    while (!bytes.empty() && !server().wire->closing) {
      const size_t n = std::min(read_bytes, bytes.size());
      ASSERT_TRUE(server().wire->reading);
      server().wire->Say(bytes.substr(0, n));
      bytes.remove_prefix(n);
      room_.handshakes().Run();
    }
  }
  // Carries bytes both ways until nobody has any more to say.
  void Exchange(TlsPeer& peer, size_t read_bytes = kWhole) {
    for (int rounds = 0; rounds < 10'000; ++rounds) {
      const std::string up = peer.Take();
      Say(up, read_bytes);
      const std::string down = server().TakeSent();
      for (size_t at = 0; at < down.size(); at += std::min(read_bytes, down.size() - at)) {
        peer.Hear(std::string_view(down).substr(at, read_bytes));
      }
      const bool waits = server().wire->has_waiting();
      if (waits) server().wire->TakeWaiting(server_pace);
      if (up.empty() && down.empty() && !waits) return;
    }
    FAIL() << "they talk without an end";
  }
  // An established connection.
  TlsPeer Connect(const TlsPeerOptions& options, const std::string& client_ca = "") {
    Accept(Context(client_ca));
    TlsPeer peer(options);
    Exchange(peer);
    return peer;
  }

  FakeClock clock_;
  Loop loop_{clock_};
  TlsStats stats_;
  TlsRoom room_{loop_, stats_, kHandshakeMs};
  TicketKeys keys_{clock_};
  TempDir dir_;
  CertificateAuthority ca_{dir_, "ca"};
  CertificateFiles server_files_ = ca_.Server();
  size_t server_pace = SIZE_MAX;  // bytes the kernel takes at once of what waits
  std::unique_ptr<TlsEnd> server_;
};

inline std::string SomeBytes(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + (i * i) % 23);
  return bytes;
}

}  // namespace sluice
