#include "net/tls_error.h"

#include <openssl/err.h>

#include <cstring>

namespace sluice {

bool NextIsHttp() {
  const unsigned long error = ERR_peek_error();
  return ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST;
}

std::string TakeTlsError() {
  const unsigned long error = ERR_peek_error();
  ERR_clear_error();
  if (error == 0) return "no reason given";
  if (ERR_SYSTEM_ERROR(error)) return std::strerror(ERR_GET_REASON(error));
  const char* reason = ERR_reason_error_string(error);
  return reason != nullptr ? reason : "error " + std::to_string(ERR_GET_REASON(error));
}

std::string TakeHandshakeError(const SSL* connection, const std::string& remedy) {
  const std::string reason = TakeTlsError();
  const long verdict = SSL_get_verify_result(connection);
  if (verdict == X509_V_OK) return reason;
  return reason + ": " + X509_verify_cert_error_string(verdict) + remedy;
}

}  // namespace sluice
