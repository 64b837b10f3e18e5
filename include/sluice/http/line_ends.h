// LineEnds: whether the lines of a head all end with CRLF and none is folded (RFC 9112 sections 2.2
// and 5.2 let a server refuse both). llhttp takes a bare LF behind the version and as the empty
// line, and a value that begins on the line behind its name; readers before this one may not, and
// would see another request. Takes the head's bytes cut anywhere, up to and with its empty line;
// what follows that is not looked at. Owns nothing; one thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice {

class LineEnds {
 public:
  void Clear() { *this = {}; }
  // The next bytes of the head, and perhaps more behind it.
  void Read(std::string_view bytes);
  bool sound() const { return sound_; }

 private:
  enum class At : uint8_t {
    kInLine,
    kCr,         // behind a CR in a line that has other bytes
    kLineStart,  // behind the end of one
    kEmptyCr,    // behind the CR of an empty line
    kEnd,        // behind the empty line
  };

  At at_ = At::kInLine;
  bool sound_ = true;
};

}  // namespace sluice
