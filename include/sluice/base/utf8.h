// UTF-8 (RFC 3629), byte by byte: for error paths, where the place matters and speed does not.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

// Where the first byte of an invalid sequence stands; npos when there is none.
size_t FindInvalidUtf8(std::string_view text);

// Appends `text` as a JSON string with its quotes (RFC 8259 section 7). What is not UTF-8 becomes
// '?', so the result always is; at most `bytes_max` of `text` are shown.
void AppendJsonString(std::string_view text, size_t bytes_max, std::string& out);

}  // namespace sluice
