// TlsBio: what OpenSSL sees instead of a socket. It reads ciphertext where the loop has read it,
// and asks for more when that is used up; what it writes is appended to a buffer of the loop's. One
// copy each way, OpenSSL's own. Belongs to a TlsStream.
#pragma once

#include <openssl/bio.h>

#include <string_view>

#include "sluice/base/buffer.h"

namespace sluice {

struct TlsBio {
  std::string_view in;  // not yet read
  Buffer* out;
};

// For one SSL, which frees it; `ends` outlive it.
BIO* MakeTlsBio(TlsBio& ends);

}  // namespace sluice
