// A reply of Redis as a value, with all that it holds: for programs that read streams. On the path
// of a record replies are counted instead (reply_reader.h).
//
// ValueReader takes bytes as they come and gives whole replies, in order. Read by hiredis, into the
// value that the caller keeps: nested arrays up to hiredis's own depth of seven. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct redisReader;

namespace sluice {

struct ReplyValue {
  enum class Kind : uint8_t { kNil, kStatus, kError, kText, kInteger, kArray };

  Kind kind = Kind::kNil;
  std::string text;  // of a status, an error (without a command's arguments) or a text
  int64_t integer = 0;
  std::vector<ReplyValue> elements;

  bool is_error() const { return kind == Kind::kError; }
  bool is_array(size_t count_min = 0) const {
    return kind == Kind::kArray && elements.size() >= count_min;
  }
  // The value behind this name, where a reply is names and values in turn; null if there is none.
  const ReplyValue* Find(std::string_view name) const;
};

class ValueReader {
 public:
  ValueReader();
  ~ValueReader();
  ValueReader(const ValueReader&) = delete;
  ValueReader& operator=(const ValueReader&) = delete;

  void Feed(std::string_view bytes);
  // False when more bytes are needed, or when they are not RESP: failed(), and it stays so.
  bool Next(ReplyValue& value);
  bool failed() const { return failed_; }

 private:
  redisReader* reader_;
  std::unique_ptr<ReplyValue> root_;  // where it stays while hiredis fills it
  bool failed_ = false;
};

}  // namespace sluice
