// Peer: who is at the other end of a session, as far as the connection itself tells. Belongs to the
// session.
#pragma once

#include <string_view>

namespace sluice {

struct ClientAddress;

struct Peer {
  ClientAddress* address = nullptr;  // of the address table; null: nobody asks for it, or a unix
                                     // socket
  std::string_view name = {};        // proved by its certificate (byte_stream.h); empty: nobody
};

}  // namespace sluice
