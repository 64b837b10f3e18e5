// The seeds of a simulation: 10,000 from 1 on, SLUICE_SIMULATION_SEEDS of them, or
// SLUICE_SIMULATION_SEED alone. The first that fails is the last that runs, and is named.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace sluice {

template <typename Simulation>
void RunSeeds() {
  const auto number = [](const char* name, uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
  };
  const uint64_t one = number("SLUICE_SIMULATION_SEED", 0);
  const uint64_t first = one != 0 ? one : 1;
  const uint64_t count = one != 0 ? 1 : number("SLUICE_SIMULATION_SEEDS", 10'000);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("SLUICE_SIMULATION_SEED=" + std::to_string(seed));
    Simulation(seed).Run();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace sluice
