// TlsRoom: what the TLS streams of one loop share: the buffers that plaintext and ciphertext pass
// through, spare buffers for what the socket does not take, the queue of handshakes, and their
// counts. Outlives the streams. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/base/buffer_pool.h"
#include "sluice/base/limits.h"
#include "sluice/base/worker_stats.h"
#include "sluice/net/handshake_queue.h"
#include "sluice/net/loop.h"

namespace sluice {

// Messages of TLS's own in one read: a key update costs as much as a request, and asks for nothing.
inline constexpr size_t kOwnMessagesMax = 16;

class TlsRoom {
 public:
  // A device's handshake takes no longer than `handshake_ms`.
  TlsRoom(Loop& loop, TlsStats& stats, uint64_t handshake_ms);
  TlsRoom(const TlsRoom&) = delete;
  TlsRoom& operator=(const TlsRoom&) = delete;

  void Sweep() { handshakes_.Sweep(); }

  // For the streams.
  HandshakeQueue& handshakes() { return handshakes_; }
  BufferPool& buffers() { return buffers_; }
  TlsStats& stats() { return stats_; }
  Buffer& cipher() { return cipher_; }  // what OpenSSL writes, until it is sent
  // Where one read's records are decrypted to, kJsonPaddingBytes behind it.
  std::span<char> plain() { return {plain_.get(), kPlainBytes}; }
  // A device's. The reason is OpenSSL's or ours, and says nothing of the device.
  void NoteFailure(std::string_view reason);

 private:
  // A record that was begun by the reads before, and all of one read.
  static constexpr size_t kPlainBytes = kTlsRecordBytesMax + kReadBufferBytes;

  Loop& loop_;
  TlsStats& stats_;
  HandshakeQueue handshakes_;
  BufferPool buffers_;
  Buffer cipher_;
  std::unique_ptr<char[]> plain_;
  uint64_t said_ns_ = 0;  // when a failure was logged last
};

}  // namespace sluice
