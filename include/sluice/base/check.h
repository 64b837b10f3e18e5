// CHECK: a bug stops the program where it is, with the place and the broken condition on standard
// error. For our own invariants only; input from a network or a file gets a Result or an answer.
#pragma once

namespace sluice {

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace sluice

#define SLUICE_CHECK(condition)                        \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::sluice::CheckFailed(__FILE__, __LINE__, #condition))
