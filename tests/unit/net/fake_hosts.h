// Host names for tests, whatever this machine's resolver knows: fake_hosts.cc puts itself before
// the C library's getaddrinfo, in this program only, and hands every other name on to it.
#pragma once

namespace sluice {

inline constexpr const char* kTwoAddressesHost = "two-addresses.test";  // 127.0.0.1, 127.0.0.2
inline constexpr const char* kNoSuchHost = "nowhere.test";
// Looked up for as long as the test likes, then not found. One look-up at a time.
inline constexpr const char* kSlowHost = "slow.test";

bool SlowLookupHasBegun();
void EndSlowLookup();

}  // namespace sluice
