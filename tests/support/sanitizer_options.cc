#include "support/sanitizer_options.h"

#include <cstdlib>

namespace sluice {
namespace {

std::string Given(const char* name) {
  const char* given = std::getenv(name);
  return std::string(name) + "=" + (given != nullptr ? given : "");
}

// libuv closes descriptors by a system call of its own, which ThreadSanitizer does not see, so a
// directory or a journal's file that gets a closed socket's number looks shared with that socket's
// thread.
std::string ThreadSanitizerOptions(const TempDir& dir) {
  return Given("TSAN_OPTIONS") + " suppressions=" +
         dir.Write("tsan.supp", "race:closedir\nrace:pread64\nrace:sluice::File::\n");
}

// AddressSanitizer keeps what was freed, up to 256 MiB unless told otherwise; the tests look at how
// much memory a program takes.
std::string AddressSanitizerOptions() { return Given("ASAN_OPTIONS") + ":quarantine_size_mb=8"; }

}  // namespace

std::vector<std::string> SanitizerOptions(const TempDir& dir) {
  return {ThreadSanitizerOptions(dir), AddressSanitizerOptions()};
}

}  // namespace sluice
