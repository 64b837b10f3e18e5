// ClientHello: what a client's first bytes are, seen before OpenSSL is given them: it makes room
// for as much as a client announces, so what is announced is looked at, and a first record that
// comes in parts is waited for. Pure; views are not kept.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice {

enum class Hello : uint8_t {
  kComing,    // no whole record yet
  kWhole,     // OpenSSL may have it; also what is no ClientHello, which it refuses
  kTooLarge,  // nobody's: certificates come later
};

Hello LookAtHello(std::string_view bytes);

// To a client that speaks HTTP in clear, as nginx says it.
inline constexpr std::string_view kAnswerToHttp =
    "HTTP/1.1 400 Bad Request\r\n"
    "Content-Type: application/problem+json\r\n"
    "Content-Length: 127\r\n"
    "Connection: close\r\n\r\n"
    R"({"type":"about:blank","title":"Bad Request","status":400,)"
    R"("detail":"this port speaks HTTPS, and was sent HTTP","success":false})"
    "\n";

}  // namespace sluice
