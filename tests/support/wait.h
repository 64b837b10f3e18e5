// Waiting in tests: for a condition, polled every few milliseconds, and never longer than a
// generous bound that only a broken program reaches. No test sleeps for a time or asserts on one.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string_view>

namespace sluice {

inline constexpr std::chrono::seconds kWaitBound{20};
inline constexpr int kWaitBoundMs = 20'000;

// True as soon as `condition` holds; else a failure that says `what` did not happen.
testing::AssertionResult WaitFor(const std::function<bool()>& condition, std::string_view what);

}  // namespace sluice
