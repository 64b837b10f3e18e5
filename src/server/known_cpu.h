// The programs are compiled for the machines of the last decade, and say so where they meet another
// (SLUICE_MARCH in CMakeLists.txt). Asked before anything else.
#pragma once

namespace sluice {

inline bool CpuIsKnown() {
#if defined(__x86_64__) && defined(__SSE4_2__)
  return __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("pclmul") != 0;
#else
  return true;
#endif
}

inline constexpr const char* kUnknownCpu =
    "this CPU lacks SSE4.2 or PCLMUL; build with -DSLUICE_MARCH= for it";

}  // namespace sluice
