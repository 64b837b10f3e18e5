#include "sluice/hash/checksum.h"

#define XXH_INLINE_ALL  // the streaming state is no part of the shared library's interface
#include <xxhash.h>

namespace sluice {

uint64_t Checksum(std::initializer_list<std::string_view> spans) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  for (const std::string_view span : spans) XXH3_64bits_update(&state, span.data(), span.size());
  return XXH3_64bits_digest(&state);
}

}  // namespace sluice
