// KnownHeads: heads of requests that the parser has been through before. A device sends the same
// head again and again; all that changes is the value of Content-Length. So a head is kept as the
// bytes before that value, those behind it, and what the parser made of it. Bytes that begin like
// that need no second parse: the parser would make the same of them.
//
// A fixed table, a place a head, the last one wins; one a worker. Where a connection's last head
// stands is the connection's hint (Learn gives it): it is only ever believed after a comparison of
// every byte. Allocates once, in the constructor. A head may hold a secret (Authorization), which
// lies here as it lies in the read buffer, until another head takes the place.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sluice/base/limits.h"
#include "sluice/http/request.h"

namespace sluice {

class KnownHeads {
 public:
  using Hint = uint16_t;

  KnownHeads() : entries_(kKnownHeadsMax) {}
  KnownHeads(const KnownHeads&) = delete;
  KnownHeads& operator=(const KnownHeads&) = delete;

  struct Found {
    const RequestHead* head = nullptr;  // null: not known; dies with the next call
    size_t bytes = 0;                   // of the head, its empty line too
  };
  // `bytes` start where a request does, and may hold less or more than a head.
  Found Find(Hint hint, std::string_view bytes);

  // `head` is what `text`, a whole head, was parsed to; `length` is the value of its Content-Length
  // within it. Heads over kKnownHeadBytesMax are not kept.
  Hint Learn(std::string_view text, std::string_view length, const RequestHead& head);

 private:
  struct Entry {
    std::string_view before() const { return {text.data(), before_bytes}; }
    std::string_view behind() const { return {text.data() + before_bytes, behind_bytes}; }

    RequestHead head;  // its path and bearer are views of `text`
    uint16_t before_bytes = 0;
    uint16_t behind_bytes = 0;  // 0: nothing is known here
    std::array<char, kKnownHeadBytesMax> text;
  };

  std::vector<Entry> entries_;
};

}  // namespace sluice
