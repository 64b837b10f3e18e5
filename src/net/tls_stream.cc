#include "sluice/net/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

#include "net/certificate_end.h"
#include "net/certificate_name.h"
#include "net/cipher_queue.h"
#include "net/client_hello.h"
#include "net/tls_bio.h"
#include "net/tls_error.h"
#include "sluice/base/check.h"
#include "sluice/base/limits.h"

namespace sluice {

struct TlsStream::Handshake {
  std::shared_ptr<const TlsContext> context;
  HandshakeQueue::Place place;   // of a server
  std::unique_ptr<Buffer> held;  // until its turn
  bool heard = false;            // the peer has said something
};

TlsStream::TlsStream(TlsRoom& room, std::shared_ptr<const TlsContext> context)
    : room_(room), side_(context->side()), handshake_(std::make_unique<Handshake>()) {
  handshake_->context = std::move(context);
  if (is_server()) handshake_->place = room_.handshakes().Enter(*this);
}

TlsStream::~TlsStream() {
  SLUICE_CHECK(phase_ == Phase::kClosed);
  SSL_free(ssl_);
}

// ---- Handshake ---------------------------------------------------------------------------------

void TlsStream::OnConnected() {
  if (phase_ != Phase::kHandshaking) return;
  below_->StartRead();
  Step({});
}

void TlsStream::Hold(std::string_view bytes) {
  handshake_->heard = true;
  if (!handshake_->held) handshake_->held = room_.buffers().Take();
  handshake_->held->Append(bytes);
  if (ssl_ == nullptr) {
    const Hello hello = LookAtHello(handshake_->held->view());
    if (hello == Hello::kTooLarge) return FailHandshake("a ClientHello that is too large");
    if (hello == Hello::kComing) return;
  }
  below_->StopRead();
  const auto how = ssl_ == nullptr ? HandshakeQueue::Step::kFirst : HandshakeQueue::Step::kLater;
  if (!room_.handshakes().Wait(handshake_->place, handshake_->held->size(), how)) {
    return FailHandshake("too many handshakes wait");
  }
}

void TlsStream::OnHandshakeTurn() {
  std::unique_ptr<Buffer> held = std::move(handshake_->held);
  Step(held->view());
  room_.buffers().Give(std::move(held));
}

void TlsStream::OnHandshakeLate() { FailHandshake("not done within http.header_ms"); }

void TlsStream::Step(std::string_view bytes) {
  if (ssl_ == nullptr) {
    cipher_ = std::make_unique<CipherQueue>(room_.buffers());
    bio_ = std::make_unique<TlsBio>(TlsBio{.in = {}, .out = &room_.cipher()});
    ssl_ = handshake_->context->MakeConnection();
    BIO* bio = MakeTlsBio(*bio_);
    SSL_set_bio(ssl_, bio, bio);
  }
  bio_->in = bytes;
  room_.cipher().Clear();
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result != 1 && SSL_get_error(ssl_, result) != SSL_ERROR_WANT_READ) {
    broken_ = true;
    if (NextIsHttp()) room_.cipher().Append(kAnswerToHttp);
    const std::string reason = TakeHandshakeError(ssl_, handshake_->context->remedy());
    Send(CipherWay::kTried);  // that, or an alert
    if (phase_ == Phase::kHandshaking) FailHandshake(reason);
    return;
  }
  Send(CipherWay::kTried);
  if (phase_ != Phase::kHandshaking) return;
  if (result == 1) {
    Establish();
  } else {
    below_->StartRead();
  }
}

void TlsStream::Establish() {
  LeaveHandshake();
  phase_ = Phase::kOpen;
  if (const X509* peer = SSL_get0_peer_certificate(ssl_)) {
    peer_name_ = CommonName(peer).value_or("");
    peer_expires_at_ = CertificateEnd(peer);
  }
  reading_ ? below_->StartRead() : below_->StopRead();
  if (is_server()) {
    (SSL_session_reused(ssl_) == 1 ? room_.stats().resumed : room_.stats().ok).Add();
  } else {
    handler_->OnConnected();
    if (phase_ != Phase::kOpen) return;
  }
  if (!bio_->in.empty()) {  // the first records came with the handshake's last
    SLUICE_CHECK(reading_);
    Decrypt(bio_->in);
  }
  Pump();
}

void TlsStream::LeaveHandshake() {
  if (is_server()) room_.handshakes().Leave(handshake_->place);
  if (handshake_->held) room_.buffers().Give(std::move(handshake_->held));
  handshake_.reset();
}

void TlsStream::FailHandshake(std::string_view reason) {
  if (is_server()) room_.NoteFailure(reason);
  Fail("TLS: " + std::string(reason));
}

// ---- Reading -----------------------------------------------------------------------------------

void TlsStream::StartRead() {
  reading_ = true;
  const bool waits = phase_ == Phase::kHandshaking && handshake_->held;
  if (!waits) below_->StartRead();
}

void TlsStream::StopRead() {
  reading_ = false;
  if (phase_ != Phase::kHandshaking) below_->StopRead();
}

void TlsStream::OnRead(std::string_view bytes) {
  if (phase_ == Phase::kHandshaking) {
    is_server() ? Hold(bytes) : Step(bytes);
  } else if (phase_ == Phase::kOpen) {
    Decrypt(bytes);
  }
}

void TlsStream::Decrypt(std::string_view bytes) {
  bio_->in = bytes;
  room_.cipher().Clear();
  ERR_clear_error();
  const std::span<char> plain = room_.plain();
  size_t size = 0;
  size_t own_messages = 0;  // TLS's, that carry nothing of the peer's
  int error = SSL_ERROR_NONE;
  do {
    size_t n = 0;
    while (SSL_read_ex(ssl_, plain.data() + size, plain.size() - size, &n) == 1) {
      size += n;
      SLUICE_CHECK(size < plain.size());
    }
    error = SSL_get_error(ssl_, 0);
  } while (error == SSL_ERROR_WANT_READ && !bio_->in.empty() && ++own_messages <= kOwnMessagesMax);
  const bool chatters = own_messages > kOwnMessagesMax;
  broken_ = chatters || (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_ZERO_RETURN);
  const std::string reason = chatters  ? "too many messages without content"
                             : broken_ ? TakeTlsError()
                                       : "";
  Send(CipherWay::kTried);  // an alert, or the answer to a key update
  if (phase_ != Phase::kOpen) return;
  if (size > 0) handler_->OnRead({plain.data(), size});
  if (broken_) return Fail("TLS: " + reason);
  // Who has stopped reading does not hear of the end either; the socket's end tells it later.
  const bool ended = error == SSL_ERROR_ZERO_RETURN && reading_;
  if (ended && phase_ == Phase::kOpen) handler_->OnEnd();
}

void TlsStream::OnEnd() {
  if (phase_ == Phase::kOpen) return handler_->OnEnd();
  if (phase_ != Phase::kHandshaking) return;
  if (is_server() && !handshake_->heard) return Close();  // somebody looked whether we listen
  FailHandshake("the peer closed in the handshake");
}

// ---- Writing -----------------------------------------------------------------------------------

size_t TlsStream::TryWrite(std::string_view bytes) {
  if (!waiting_.empty()) return 0;
  size_t taken = 0;
  while (taken < bytes.size() && can_encrypt()) {
    taken += Encrypt(bytes.substr(taken), CipherWay::kTried);
  }
  return taken;
}

void TlsStream::Write(std::string_view bytes) {
  if (phase_ != Phase::kHandshaking && phase_ != Phase::kOpen) return;
  SLUICE_CHECK(!finishing_);
  owes_written_ = true;
  // Queued below, so that OnWritten does not come from inside this call.
  if (can_encrypt() && waiting_.empty()) bytes.remove_prefix(Encrypt(bytes, CipherWay::kQueued));
  if (!bytes.empty()) waiting_.push_back(bytes);
}

// Takes one piece from the front of `bytes`; returns its size, 0 if the stream has failed.
size_t TlsStream::Encrypt(std::string_view bytes, CipherWay way) {
  const std::string_view piece = bytes.substr(0, kTlsPieceBytes);
  room_.cipher().Clear();
  ERR_clear_error();
  size_t taken = 0;
  if (SSL_write_ex(ssl_, piece.data(), piece.size(), &taken) != 1) {
    broken_ = true;
    Fail("TLS: " + TakeTlsError());
    return 0;
  }
  Send(way);
  return taken;
}

void TlsStream::Send(CipherWay way) {
  if (cipher_->Send(room_.cipher().view(), way, *below_)) return;
  Fail("TLS: the peer asks and does not read");
}

bool TlsStream::in_flight() const { return cipher_ && cipher_->in_flight(); }

void TlsStream::OnWritten() {
  if (cipher_->OnWritten(*below_)) Pump();
}

void TlsStream::Pump() {
  while (can_encrypt() && !waiting_.empty()) {
    std::string_view& first = waiting_.front();
    first.remove_prefix(Encrypt(first, CipherWay::kTried));
    if (first.empty()) waiting_.erase(waiting_.begin());
  }
  if (phase_ != Phase::kOpen || in_flight()) return;
  if (finishing_) return FinishBelow();
  if (std::exchange(owes_written_, false)) handler_->OnWritten();
}

// ---- Ending ------------------------------------------------------------------------------------

void TlsStream::FinishWriting() {
  if (phase_ != Phase::kOpen || finishing_) return;
  SLUICE_CHECK(waiting_.empty());
  finishing_ = true;
  if (!in_flight()) FinishBelow();
}

// With nothing in flight.
void TlsStream::FinishBelow() {
  if ((SSL_get_shutdown(ssl_) & SSL_SENT_SHUTDOWN) == 0) {
    SayGoodbye();
    Send(CipherWay::kTried);
  }
  if (!in_flight()) below_->FinishWriting();
}

void TlsStream::SayGoodbye() {
  room_.cipher().Clear();
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

void TlsStream::Fail(std::string_view reason) {
  if (phase_ != Phase::kHandshaking && phase_ != Phase::kOpen) return;
  reason_ = reason;
  Close();
}

void TlsStream::Close() {
  if (phase_ == Phase::kHandshaking) {
    LeaveHandshake();
  } else if (phase_ == Phase::kOpen) {
    if (!broken_ && !finishing_ && !in_flight()) {
      SayGoodbye();
      below_->TryWrite(room_.cipher().view());
    }
  } else {
    return;
  }
  phase_ = Phase::kClosing;
  below_->Close();
}

void TlsStream::OnClosed(std::string_view reason) {
  if (phase_ == Phase::kHandshaking) {
    if (is_server() && handshake_->heard) room_.NoteFailure(reason);
    LeaveHandshake();
  }
  phase_ = Phase::kClosed;
  handler_->OnClosed(reason_.empty() ? reason : reason_);
}

}  // namespace sluice
