#include "net/client_hello.h"

#include <cstddef>

#include "sluice/base/limits.h"

namespace sluice {
namespace {

// RFC 8446 section 5.1 and RFC 8446 section 4.
constexpr uint8_t kHandshakeRecord = 22;
constexpr size_t kRecordHeadBytes = 5;
constexpr size_t kMessageHeadBytes = 4;
constexpr size_t kHelloBytesMax = 16 * kKiB;

}  // namespace

Hello LookAtHello(std::string_view bytes) {
  const auto at = [&](size_t i) { return size_t{static_cast<uint8_t>(bytes[i])}; };
  if (bytes.empty()) return Hello::kComing;
  if (at(0) != kHandshakeRecord) return Hello::kWhole;
  if (bytes.size() < kRecordHeadBytes) return Hello::kComing;
  const size_t record_bytes = at(3) << 8 | at(4);
  if (record_bytes > kTlsRecordBytesMax || record_bytes < kMessageHeadBytes) return Hello::kWhole;
  if (bytes.size() < kRecordHeadBytes + record_bytes) return Hello::kComing;
  const size_t hello_bytes = at(6) << 16 | at(7) << 8 | at(8);
  return hello_bytes > kHelloBytesMax ? Hello::kTooLarge : Hello::kWhole;
}

}  // namespace sluice
