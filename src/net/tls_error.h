// What OpenSSL has to say of the last failure on this thread, as words for a log line or an
// operator: the first of its errors, which is the nearest to the cause. Never a key or a peer's
// bytes: OpenSSL's reasons are fixed texts.
#pragma once

#include <openssl/ssl.h>

#include <string>

namespace sluice {

// Whether it is that the peer speaks HTTP in clear. Takes nothing.
bool NextIsHttp();
// Takes the errors: the thread's queue is empty afterwards.
std::string TakeTlsError();
// Of a handshake, with `remedy` behind it if it was the peer's certificate.
std::string TakeHandshakeError(const SSL* connection, const std::string& remedy);

}  // namespace sluice
