#include "sluice/http/line_ends.h"

#include <algorithm>
#include <cstddef>

namespace sluice {

void LineEnds::Read(std::string_view bytes) {
  size_t i = 0;
  while (i < bytes.size() && at_ != At::kEnd && sound_) {
    const char c = bytes[i];
    switch (at_) {
      case At::kInLine: {
        const size_t lf = std::min(bytes.find('\n', i), bytes.size());
        const bool behind_cr = lf > i && bytes[lf - 1] == '\r';
        if (lf == bytes.size()) {
          if (behind_cr) at_ = At::kCr;
        } else if (behind_cr) {
          at_ = At::kLineStart;
        } else {
          sound_ = false;
        }
        i = lf + 1;
        continue;
      }
      case At::kCr:  // llhttp refuses every other byte here
        at_ = c == '\n' ? At::kLineStart : At::kInLine;
        break;
      case At::kLineStart:
        if (c == ' ' || c == '\t' || c == '\n') sound_ = false;
        at_ = c == '\r' ? At::kEmptyCr : At::kInLine;
        break;
      case At::kEmptyCr:
        at_ = At::kEnd;  // llhttp sees to the LF
        break;
      case At::kEnd:
        break;
    }
    ++i;
  }
}

}  // namespace sluice
