#include "sluice/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace sluice {

void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "sluice: %s:%d: invariant broken: %s\n", file, line, condition);
  std::abort();
}

}  // namespace sluice
