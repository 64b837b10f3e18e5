// Redis commands as bytes (RESP2 arrays of bulk strings), appended to a buffer. Counts come before
// what they count: RESP headers take no leading zeros, so there is nothing to patch afterwards.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/buffer.h"
#include "sluice/record/record_sink.h"

namespace sluice {

void AppendBulk(std::string_view bytes, Buffer& out);
void AppendCommand(std::initializer_list<std::string_view> words, Buffer& out);

// Takes one command off the front of bytes that this file's functions wrote; all of them if there
// is no whole one.
std::string_view SplitCommand(std::string_view& bytes);

// XADD commands of one stream, with everything but the values encoded beforehand.
class EntryEncoder {
 public:
  explicit EntryEncoder(const StreamSpec& spec);
  // Values in field order; a null one is left out, name and all.
  void Append(std::span<const std::string_view> values, Buffer& out) const;

 private:
  std::string command_;  // XADD, stream, trimming, *
  size_t command_words_;
  std::vector<std::string> names_;  // "$9\r\ndevice_id\r\n$": the value's length follows
  size_t names_bytes_ = 0;
};

}  // namespace sluice
