// CipherQueue: the ciphertext of one TLS stream on its way to the stream below. It is offered at
// once; what is not taken lies here until it is: one run of bytes in flight, and behind it what TLS
// itself says meanwhile. The caller offers no more plaintext's while any is in flight, so that the
// first is bounded by kTlsPieceBytes and its records' frames, and the second by kTlsBehindBytesMax.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/base/buffer_pool.h"
#include "sluice/net/byte_stream.h"

namespace sluice {

enum class CipherWay : uint8_t {
  kTried,   // offered at once
  kQueued,  // OnWritten follows, and not from inside the call
};

class CipherQueue {
 public:
  explicit CipherQueue(BufferPool& buffers) : buffers_(buffers) {}
  CipherQueue(const CipherQueue&) = delete;
  CipherQueue& operator=(const CipherQueue&) = delete;

  // False: too much lies behind what is in flight.
  [[nodiscard]] bool Send(std::string_view bytes, CipherWay way, ByteStream& below);
  // As the stream below says it. True: nothing is left.
  [[nodiscard]] bool OnWritten(ByteStream& below);
  bool in_flight() const { return in_flight_ != nullptr; }

 private:
  BufferPool& buffers_;
  std::unique_ptr<Buffer> in_flight_;  // given to the stream below
  std::unique_ptr<Buffer> behind_;
};

}  // namespace sluice
