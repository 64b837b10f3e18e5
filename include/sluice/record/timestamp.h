// Date and time as RFC 3339 section 5.6 writes it: 2026-01-31T23:59:60.123Z or with +hh:mm.
#pragma once

#include <string>
#include <string_view>

namespace sluice {

bool IsRfc3339(std::string_view text);

// The same moment as SQL reads it, in UTC: "2026-01-31 22:59:59.123000". Digits beyond the
// microsecond are cut off; a leap second is the first moment of the next minute, as POSIX has it.
// Empty when it is no RFC 3339, or its year in UTC is not 0001 to 9999.
std::string UtcText(std::string_view rfc3339);

}  // namespace sluice
