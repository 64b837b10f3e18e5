// Date and time as RFC 3339 section 5.6 writes it: 2026-01-31T23:59:60.123Z or with +hh:mm.
#pragma once

#include <string_view>

namespace sluice {

bool IsRfc3339(std::string_view text);

}  // namespace sluice
