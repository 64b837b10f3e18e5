#include "sluice/http/problem.h"

#include <array>
#include <string>

#include "sluice/base/check.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

constexpr size_t kProblems = static_cast<size_t>(Problem::kCount);
constexpr std::string_view kNotStored = "not_stored";
constexpr std::string_view kUnknown = "unknown";
static_assert(kGzipRatioMax == 100, "its problem says so");

// In the order of the enum.
constexpr std::array<ProblemInfo, kProblems> kTable = {{
    {400, "The request is not well-formed HTTP/1.1.", "", false, true},
    {400, "An HTTP/1.1 request carries exactly one Host field.", "", false, true},
    {400,
     "The request's length is ambiguous: conflicting or repeated Content-Length or "
     "Transfer-Encoding fields.",
     "", false, true},
    {400, "Some records are not acceptable; nothing of this request was stored.", kNotStored, false,
     false},
    {400,
     "Idempotency-Key is one string of 1 to 128 printable ASCII characters in double quotes; "
     "nothing of this request was stored.",
     kNotStored, false, false},
    {400, "The body is no gzip stream, or not a whole one; nothing of this request was stored.",
     kNotStored, false, false},
    {401, "This route takes records with a token only: Authorization: Bearer, and the token.", "",
     false, false, R"(Bearer realm="sluice")"},
    {401, "The token, or the certificate beside it, is not one that is known here.", "", false,
     false, R"(Bearer realm="sluice", error="invalid_token")"},
    {403, "The token is not for this route.", "", false, false,
     R"(Bearer realm="sluice", error="insufficient_scope")"},
    {403, "Some records have keys that are not this token's; nothing of this request was stored.",
     kNotStored, false, false},
    {404, "No route has this path.", "", false, false},
    {405, "This path takes another method; see Allow.", "", false, false},
    {408, "The request did not arrive in time.", "", false, true},
    {411, "The request needs a Content-Length, or Transfer-Encoding: chunked.", "", false, true},
    {413, "The body is larger than http.body_bytes_max allows.", "", false, true},
    {413, "The records and their alerts take more memory than delivery.inflight_bytes_max allows.",
     kNotStored, false, false},
    {413,
     "The chunks' sizes, extensions and trailers are larger than http.header_bytes_max allows.", "",
     false, true},
    {413, "The body inflates to more than 100 times its gzip bytes.", "", false, true},
    {414, "The request line is too long.", "", false, true},
    {415, "Content-Type is application/json, application/*+json or application/x-ndjson.", "",
     false, false},
    {415, "Content-Encoding is gzip, or there is none.", "", false, false},
    {417, "The only expectation met is 100-continue.", "", false, true},
    {422, "The Idempotency-Key was used with other records within dedupe_window_s.", kNotStored,
     false, false},
    {422,
     "The Idempotency-Key was used with other records within dedupe_window_s; of these records and "
     "their alerts only a part was stored.",
     kUnknown, false, false},
    {431,
     "The header fields are more or larger than http.header_count_max and "
     "http.header_bytes_max allow.",
     "", false, true},
    {429, "This client is over its rate.", kNotStored, true, false},
    {429, "This client has too many connections.", kNotStored, true, true},
    {501, "The method is not known.", "", false, true},
    {501, "The only transfer coding known is chunked.", "", false, true},
    {505, "The server speaks HTTP/1.1 and HTTP/1.0.", "", false, true},
    {503, "Too many bytes are waiting to be stored; nothing was taken.", kNotStored, true, false},
    {503, "Too many connections.", kNotStored, true, true},
    {503, "The store did not take the records in time; they were taken back.", kNotStored, true,
     false},
    {503, "The store did not confirm the records in time; they may or may not be stored.", kUnknown,
     true, false},
    {503, "The store refused the records.", kNotStored, true, false},
    {503,
     "Fewer replicas of the store confirmed the records than durability.replicas asks for; they "
     "may or may not survive.",
     kUnknown, true, false},
    {503,
     "Of the records and their alerts only a part was stored; sent again, that part may be stored "
     "twice.",
     kUnknown, true, false},
    {503, "The server is shutting down; the records were not stored.", kNotStored, true, true},
    {503, "The server is shutting down; the records may or may not be stored.", kUnknown, true,
     true},
    {503, "Not ready: draining, or without its store.", "", true, false},
}};

std::string MakeBody(const ProblemInfo& info) {
  std::string body = R"({"type":"about:blank","title":")";
  body += ReasonPhrase(info.code);
  body += R"(","status":)" + std::to_string(info.code) + R"(,"detail":")";
  body += info.detail;
  body += R"(","success":false)";
  if (!info.outcome.empty()) {
    body += R"(,"outcome":")";
    body += info.outcome;
    body += '"';
  }
  body += '}';
  return body;
}

std::array<std::string, kProblems> MakeBodies() {
  std::array<std::string, kProblems> bodies;
  for (size_t i = 0; i < kProblems; ++i) bodies[i] = MakeBody(kTable[i]);
  return bodies;
}

}  // namespace

const ProblemInfo& InfoOf(Problem problem) {
  SLUICE_CHECK(problem < Problem::kCount);
  return kTable[static_cast<size_t>(problem)];
}

std::string_view ReadyBody(Problem problem) {
  static const std::array<std::string, kProblems> kBodies = MakeBodies();
  SLUICE_CHECK(problem < Problem::kCount);
  return kBodies[static_cast<size_t>(problem)];
}

std::string_view ReasonPhrase(uint16_t code) {
  switch (code) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      break;
  }
  CheckFailed(__FILE__, __LINE__, "every status code has a reason phrase");
}

}  // namespace sluice
