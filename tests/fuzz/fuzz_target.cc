#include "fuzz/fuzz_target.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace sluice {

std::vector<const FuzzTarget*>& FuzzTarget::All() {
  static std::vector<const FuzzTarget*> targets;
  return targets;
}

}  // namespace sluice

// What libFuzzer calls; a fuzzer has one target. Aborts where an EXPECT did not hold, which gtest
// has said by then.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const char* bytes = size > 0 ? reinterpret_cast<const char*>(data) : "";
  sluice::FuzzTarget::All().front()->Run({bytes, size});
  if (testing::UnitTest::GetInstance()->ad_hoc_test_result().Failed()) std::abort();
  return 0;
}
