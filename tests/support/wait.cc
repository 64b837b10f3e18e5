#include "support/wait.h"

#include <thread>

namespace sluice {

testing::AssertionResult WaitFor(const std::function<bool()>& condition, std::string_view what) {
  const auto end = std::chrono::steady_clock::now() + kWaitBound;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      return testing::AssertionFailure() << "waited " << kWaitBound.count() << " s for: " << what;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return testing::AssertionSuccess();
}

}  // namespace sluice
