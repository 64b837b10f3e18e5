// That what is built as these tests and the program are says so where it leaks: GateTest takes the
// program's exit code and its silence for proof that it does not.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>

namespace sluice {
namespace {

TEST(LeakDeathTest, ALeakIsNotForgiven) {
#ifndef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "built without AddressSanitizer";
#endif
  const auto failed = [](int status) { return WIFEXITED(status) && WEXITSTATUS(status) != 0; };
  EXPECT_EXIT(
      {
        for (int i = 0; i < 100; ++i) {
          void* volatile lost = std::malloc(1'000);
          (void)lost;
        }
        std::exit(0);
      },
      failed, "LeakSanitizer");
}

}  // namespace
}  // namespace sluice
