// ByteStream: one connection as bytes, and StreamHandler: who hears of it. The libuv stream
// (uv_stream.h) is one; tests and the simulation have their own. One thread.
//
// Closing takes three steps: Close is the intent (any number of times, from anywhere, also from a
// callback), the operations in flight end, and OnClosed is the last call; the stream may be
// destroyed in it. A stream that fails closes itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "sluice/net/ip_address.h"

namespace sluice {

class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  virtual void OnConnected() {}
  // The bytes die when the call returns; kJsonPaddingBytes behind them may be read.
  virtual void OnRead(std::string_view bytes) = 0;
  virtual void OnEnd() = 0;  // the peer will send no more
  // All bytes given to Write have gone to the kernel.
  virtual void OnWritten() {}
  // `reason` is empty when the close was asked for.
  virtual void OnClosed(std::string_view reason) = 0;
};

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Offers bytes to the kernel now; returns how many it took: 0 while earlier ones wait, and on an
  // error, which then closes the stream.
  virtual size_t TryWrite(std::string_view bytes) = 0;
  // Queues bytes, which must stay where they are until OnWritten or OnClosed.
  virtual void Write(std::string_view bytes) = 0;
  virtual void StartRead() = 0;
  virtual void StopRead() = 0;
  // Says to the peer that no more bytes come, behind those already written.
  virtual void FinishWriting() = 0;
  virtual void Close() = 0;
  // Where the peer is; nothing where it is on this machine, by a unix socket, or has gone already.
  virtual std::optional<IpAddress> peer_address() const { return std::nullopt; }
  // Who the peer has proved to be (TLS: the common name of its certificate's subject), from the
  // first byte read on and until the stream's end. Empty: nobody in particular.
  virtual std::string_view peer_name() const { return {}; }
  // When the certificate by which it did so ends, in seconds since the Unix epoch; nothing where it
  // has shown none.
  virtual std::optional<int64_t> peer_expires_at() const { return std::nullopt; }
};

// Opens connections to one place.
class Dialer {
 public:
  virtual ~Dialer() = default;
  // Starts connecting; OnConnected or OnClosed follows, never from inside this call. A host name
  // may have several addresses (localhost: v6 and v4): `attempt` picks one, counting round, so that
  // a caller who counts its attempts tries them all.
  virtual std::unique_ptr<ByteStream> Dial(uint32_t attempt, StreamHandler& handler) = 0;
};

}  // namespace sluice
