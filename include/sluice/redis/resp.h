// Redis commands as bytes (RESP2 arrays of bulk strings), appended to a buffer. Counts come before
// what they count, and take no leading zeros; where one is not known before, see GrowingBulk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/buffer.h"
#include "sluice/record/record_sink.h"
#include "sluice/redis/lead.h"

namespace sluice {

void AppendBulk(std::string_view bytes, Buffer& out);
void AppendBulk(uint64_t number, Buffer& out);      // in decimal digits
void AppendArrayHeader(size_t words, Buffer& out);  // of a command; its words follow as bulks
void AppendCommand(std::initializer_list<std::string_view> words, Buffer& out);

// A bulk string whose bytes are appended to a buffer one after the other, and whose length is
// written behind them. Its header is as wide as the last one was; should this one need another
// width, its bytes are moved once.
class GrowingBulk {
 public:
  void Begin(Buffer& out);
  void End(Buffer& out);  // the buffer of Begin, with nothing before the bulk touched since

 private:
  size_t begin_ = 0;  // of the header, in the buffer
  size_t digits_ = 1;
};

// Takes one command off the front of bytes that this file's functions wrote; all of them if there
// is no whole one.
std::string_view SplitCommand(std::string_view& bytes);

// An entry's fields, as XADD takes them: names and values in turn, each a bulk string. The names
// are encoded beforehand.
class EntryFields {
 public:
  explicit EntryFields(const std::vector<std::string>& names);

  // Values in field order; a null one is left out, name and all.
  struct Extent {
    size_t words;
    size_t bytes_max;  // that Put may write
  };
  Extent Measure(std::span<const std::string_view> values) const;
  char* Put(std::span<const std::string_view> values, char* at) const;

 private:
  std::vector<Lead> names_;  // "$9\r\ndevice_id\r\n$": the value's length follows
  size_t names_bytes_ = 0;
};

// How an XADD begins: its name, the stream, its trimming and *, each as a bulk string.
struct EntryCommand {
  explicit EntryCommand(const StreamSpec& spec);

  std::string bytes;
  size_t words;
};

// XADD commands of one stream, with everything but the values encoded beforehand.
class EntryEncoder {
 public:
  explicit EntryEncoder(const StreamSpec& spec);
  void Append(std::span<const std::string_view> values, Buffer& out) const;

 private:
  EntryCommand command_;
  EntryFields fields_;
};

}  // namespace sluice
