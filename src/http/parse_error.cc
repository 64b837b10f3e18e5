#include "http/parse_error.h"

#include "http/token.h"

namespace sluice {

Problem ProblemOf(const llhttp_t& parser, llhttp_errno_t error, const char* at, bool line_is_long) {
  switch (error) {
    case HPE_INVALID_METHOD:
      return IsTokenChar(*at) ? Problem::kUnknownMethod : Problem::kMalformedRequest;
    case HPE_INVALID_URL:
      return line_is_long ? Problem::kUriTooLong : Problem::kMalformedRequest;
    case HPE_INVALID_VERSION:
    case HPE_PAUSED_H2_UPGRADE:  // HTTP/2 with prior knowledge
      return Problem::kUnknownVersion;
    case HPE_INVALID_TRANSFER_ENCODING:
      return (parser.flags & F_CONTENT_LENGTH) != 0 ? Problem::kAmbiguousLength
                                                    : Problem::kUnknownTransferCoding;
    case HPE_UNEXPECTED_CONTENT_LENGTH:
    case HPE_INVALID_CONTENT_LENGTH:
      return Problem::kAmbiguousLength;
    default:
      return Problem::kMalformedRequest;
  }
}

}  // namespace sluice
