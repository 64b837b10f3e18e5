// ReplyReader: Redis's bytes as replies. Plain ones (src/redis/plain_reply.h) are read where they
// lie, the rest by hiredis's reader with object functions of our own: they count and note errors,
// and build nothing. What is kept of a reply is what a lane needs: its kind, a short text, and of
// an EXEC's array how many elements there were and which of them are errors or integers above 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct redisReader;
struct redisReadTask;

namespace sluice {

struct Reply {
  enum class Kind : uint8_t { kStatus, kError, kText, kInteger, kNil, kArray };
  struct ElementError {
    size_t index;
    std::string text;
  };

  struct ElementInteger {
    size_t index;
    int64_t value;
  };

  Kind kind = Kind::kNil;
  uint32_t times = 1;  // as many in a row; above 1 of +QUEUED alone
  std::string text;    // of a status, error or text; cut at kTextBytesMax
  int64_t integer = 0;
  size_t elements = 0;                        // of an array
  std::vector<ElementError> errors = {};      // among an array's own elements, as
  std::vector<ElementInteger> integers = {};  // those above 0

  static constexpr size_t kTextBytesMax = 4'096;  // INFO server fits
  bool is_status(std::string_view word) const { return kind == Kind::kStatus && text == word; }
};

class ReplyReader {
 public:
  ReplyReader();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  // The bytes stay where they are until Next has returned null.
  void Feed(std::string_view bytes);
  // The next whole reply, valid until the next call; null when more bytes are needed or the bytes
  // are not RESP (`failed()`, and nothing more can be read).
  const Reply* Next();
  bool failed() const { return failed_; }

 private:
  friend struct ReplyFunctions;  // hiredis's callbacks

  void NoteText(const redisReadTask& task, std::string_view text);
  const Reply* NextOfReader();

  redisReader* reader_;
  std::string_view fed_;  // what hiredis has not got; empty while it has any
  Reply reply_;
  bool failed_ = false;
};

}  // namespace sluice
