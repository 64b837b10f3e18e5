// Sealing and opening a server's session tickets with TicketKeys, as OpenSSL asks for it. One
// ticket a handshake: a device has one connection.
#pragma once

#include <openssl/ssl.h>

#include "sluice/net/ticket_keys.h"

namespace sluice {

// `keys` outlive the context and all its connections.
void UseSessionTickets(SSL_CTX* context, TicketKeys& keys);

}  // namespace sluice
