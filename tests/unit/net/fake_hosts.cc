#include "unit/net/fake_hosts.h"

#include <dlfcn.h>
#include <netdb.h>

#include <atomic>
#include <semaphore>
#include <string_view>

namespace sluice {
namespace {

std::atomic<bool> slow_lookup_begun = false;
std::binary_semaphore slow_lookup_end{0};

}  // namespace

bool SlowLookupHasBegun() { return slow_lookup_begun; }

void EndSlowLookup() { slow_lookup_end.release(); }

}  // namespace sluice

namespace {

using GetAddrInfo = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

}  // namespace

extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  static const auto kNext = reinterpret_cast<GetAddrInfo>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string_view name = host == nullptr ? "" : host;
  if (name == sluice::kSlowHost) {
    sluice::slow_lookup_begun = true;
    sluice::slow_lookup_end.acquire();
    sluice::slow_lookup_begun = false;
    return EAI_NONAME;
  }
  if (name == sluice::kNoSuchHost) return EAI_NONAME;
  if (name != sluice::kTwoAddressesHost) return kNext(host, service, hints, found);
  const int failure = kNext("127.0.0.1", service, hints, found);
  if (failure != 0) return failure;
  return kNext("127.0.0.2", service, hints, &(*found)->ai_next);  // freeaddrinfo walks the list
}
