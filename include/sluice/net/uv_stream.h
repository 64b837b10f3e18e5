// UvStream: a ByteStream over a TCP or unix socket on libuv. Made by a Listener (accepted) or by
// Connect. Writes are tried at once; what the kernel does not take waits in libuv's queue and
// refers to the caller's bytes. Belongs to the loop's thread.
#pragma once

#include <uv.h>

#include <memory>
#include <string>
#include <string_view>

#include "sluice/net/address.h"
#include "sluice/net/byte_stream.h"
#include "sluice/net/loop.h"

namespace sluice {

class UvStream final : public ByteStream {
 public:
  // As Dialer::Dial says.
  static std::unique_ptr<UvStream> Connect(Loop& loop, const Address& address, uint32_t attempt,
                                           StreamHandler& handler);
  // Takes over a connected socket. `set_handler` must follow before anything else.
  static std::unique_ptr<UvStream> Adopt(Loop& loop, int fd, bool is_unix);
  // Accepts the connection waiting on a listening handle; null when there is none.
  static std::unique_ptr<UvStream> Accept(Loop& loop, uv_stream_t* listening);

  ~UvStream() override;
  UvStream(const UvStream&) = delete;
  UvStream& operator=(const UvStream&) = delete;

  void set_handler(StreamHandler& handler) { handler_ = &handler; }

  size_t TryWrite(std::string_view bytes) override;
  void Write(std::string_view bytes) override;
  void StartRead() override;
  void StopRead() override;
  void FinishWriting() override;
  void Close() override;
  std::optional<IpAddress> peer_address() const override;

 private:
  struct Dial;  // what only a connecting stream needs

  enum class Phase : uint8_t { kOpen, kClosing, kClosed };

  UvStream(Loop& loop, bool is_unix);

  void StartDial();
  void OnDialled(int status);
  void OnResolved(int status, addrinfo* found);
  void OnReadable(ssize_t n, const uv_buf_t* buffer);
  void OnWriteDone(int status);
  void Fail(std::string_view what, int status);
  void Join();  // reports OnClosed once nothing is in flight
  uv_stream_t* stream() { return &handle_.stream; }

  Loop& loop_;
  StreamHandler* handler_ = nullptr;
  Phase phase_ = Phase::kOpen;
  uint32_t writes_in_flight_ = 0;
  std::string reason_;
  std::unique_ptr<Dial> dial_;
  union {
    uv_handle_t base;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } handle_;
};

class UvDialer final : public Dialer {
 public:
  UvDialer(Loop& loop, Address address) : loop_(loop), address_(std::move(address)) {}
  std::unique_ptr<ByteStream> Dial(uint32_t attempt, StreamHandler& handler) override {
    return UvStream::Connect(loop_, address_, attempt, handler);
  }

 private:
  Loop& loop_;
  Address address_;
};

}  // namespace sluice
