// TlsContext: what the TLS connections of one side have in common, made from files: who we are,
// whom we trust, and how we talk. TLS 1.2 with forward secrecy and authenticated ciphers (RFC 9325)
// and TLS 1.3; no compression, no renegotiation, no early data; keys of less than 112 bits' worth
// are refused (OpenSSL's security level 2). Only http/1.1 is spoken: a client that offers other
// protocols alone is refused (RFC 7301).
//
// A server keeps no sessions: they travel in tickets (ticket_keys.h), which any worker opens. A
// session belongs to the client_ca it was made under, and resumes under no other; it brings the
// client's certificate with it, which must not have expired meanwhile.
//
// Every worker has a context of its own, read from the files by itself, so that loops share neither
// a key's locks nor a reference count. It does not change; a reload makes another. Connections keep
// what they need of theirs: it may go before them. Made on any thread, used on one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sluice/base/result.h"
#include "sluice/net/ticket_keys.h"

struct ssl_ctx_st;
struct ssl_st;

namespace sluice {

enum class TlsSide : uint8_t { kServer, kClient };

// Paths of PEM files.
struct TlsFiles {
  std::string certificate;  // ours, and behind it those that lead to its root
  std::string key;          // without a password
  std::string client_ca;    // whose certificates clients must have; empty: clients need none
};

class TlsContext {
 public:
  // The error begins with the member of TlsFiles that is to blame, and never holds a key. `keys`
  // outlive all connections.
  static Result<std::shared_ptr<const TlsContext>> ForServer(const TlsFiles& files,
                                                             TicketKeys& keys);
  // The server must prove to be `host`, a name or an address, to one of `ca_file`; empty: to one of
  // the system's. `remedy` is said behind the reason when it does not.
  static Result<std::shared_ptr<const TlsContext>> ForClient(const std::string& ca_file,
                                                             const std::string& host,
                                                             const std::string& remedy);
  // The same for another server.
  std::shared_ptr<const TlsContext> ForHost(const std::string& host) const;
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  TlsSide side() const { return side_; }
  const std::string& remedy() const { return remedy_; }
  // When our certificate ends, in seconds since the Unix epoch.
  int64_t expires_at() const;

  // For this folder: a connection's state. The caller frees it.
  ssl_st* MakeConnection() const;

 private:
  explicit TlsContext(TlsSide side);
  TlsContext(ssl_ctx_st* shared, std::string host, std::string remedy);

  const TlsSide side_;
  ssl_ctx_st* context_;
  std::string host_;  // of the server, which must prove to be it
  std::string remedy_;
};

}  // namespace sluice
