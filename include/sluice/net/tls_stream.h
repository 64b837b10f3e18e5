// TlsStream: a ByteStream of plaintext over a ByteStream of TLS records. It holds every promise of
// byte_stream.h; what is its own:
//
// The handshake comes first. A server's takes its turns in the loop's HandshakeQueue, and is cut at
// the queue's deadline; nothing is heard of it above but OnClosed. A client's comes behind the
// connecting, and OnConnected behind it. What is written meanwhile waits.
//
// One read below is one OnRead above: all of its records are decrypted, so that nothing is kept
// here between reads but a part of a record. TryWrite and Write take plaintext piece by piece
// (kTlsPieceBytes): there is one piece of ciphertext at most that waits for the socket.
//
// FinishWriting says close_notify and then that no more comes; so does Close, if it can at once. An
// end without close_notify is an end like another (see tls_context.cc). A peer that speaks HTTP to
// a server in clear is told so, in clear.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/net/byte_stream.h"
#include "sluice/net/handshake_queue.h"
#include "sluice/net/tls_context.h"
#include "sluice/net/tls_room.h"

namespace sluice {

class CipherQueue;
enum class CipherWay : uint8_t;
struct TlsBio;

class TlsStream final : public ByteStream, public StreamHandler, private Handshaker {
 public:
  // `set_handler` and `set_below` must follow before anything else; the stream below has this one
  // as its handler.
  TlsStream(TlsRoom& room, std::shared_ptr<const TlsContext> context);
  ~TlsStream() override;
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  void set_handler(StreamHandler& handler) { handler_ = &handler; }
  void set_below(std::unique_ptr<ByteStream> below) { below_ = std::move(below); }

  size_t TryWrite(std::string_view bytes) override;
  void Write(std::string_view bytes) override;
  void StartRead() override;
  void StopRead() override;
  void FinishWriting() override;
  void Close() override;
  std::optional<IpAddress> peer_address() const override { return below_->peer_address(); }
  std::string_view peer_name() const override { return peer_name_; }
  std::optional<int64_t> peer_expires_at() const override { return peer_expires_at_; }

 private:
  enum class Phase : uint8_t { kHandshaking, kOpen, kClosing, kClosed };
  struct Handshake;  // what only a handshake needs

  // From the stream below.
  void OnConnected() override;
  void OnRead(std::string_view bytes) override;
  void OnEnd() override;
  void OnWritten() override;
  void OnClosed(std::string_view reason) override;
  // From the queue.
  void OnHandshakeTurn() override;
  void OnHandshakeLate() override;

  void Hold(std::string_view bytes);
  void Step(std::string_view bytes);
  void Establish();
  void LeaveHandshake();
  void FailHandshake(std::string_view reason);
  void Decrypt(std::string_view bytes);
  size_t Encrypt(std::string_view bytes, CipherWay way);
  void Send(CipherWay way);
  void Pump();
  void SayGoodbye();
  void FinishBelow();
  void Fail(std::string_view reason);
  bool can_encrypt() const { return phase_ == Phase::kOpen && !finishing_ && !in_flight(); }
  bool in_flight() const;
  bool is_server() const { return side_ == TlsSide::kServer; }

  TlsRoom& room_;
  const TlsSide side_;
  Phase phase_ = Phase::kHandshaking;
  bool reading_ = false;       // is wanted above
  bool owes_written_ = false;  // to the handler, for Write
  bool finishing_ = false;     // no more is written
  bool broken_ = false;        // OpenSSL has failed and is of no further use
  StreamHandler* handler_ = nullptr;
  std::unique_ptr<ByteStream> below_;
  std::unique_ptr<Handshake> handshake_;
  std::unique_ptr<TlsBio> bio_;
  ssl_st* ssl_ = nullptr;                  // from the first bytes on
  std::vector<std::string_view> waiting_;  // plaintext given to Write
  std::unique_ptr<CipherQueue> cipher_;    // from then on, too
  std::string peer_name_;
  std::optional<int64_t> peer_expires_at_;
  std::string reason_;
};

}  // namespace sluice
