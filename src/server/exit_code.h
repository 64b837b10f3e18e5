// The exit codes of both programs.
#pragma once

namespace sluice {

inline constexpr int kExitDrained = 0;     // with nothing unsettled
inline constexpr int kExitNotStarted = 1;  // or, of `sluice-archive --once`, failed
inline constexpr int kExitUsage = 2;       // or configuration
inline constexpr int kExitUnsettled = 3;   // with something in hand

}  // namespace sluice
