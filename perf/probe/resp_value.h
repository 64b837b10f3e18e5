// One reply of Redis (RESP2) as a tree of views into the bytes it was read from. For a few replies
// a second: it allocates.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace perf {

struct RespValue {
  char type = 0;          // '*' array, '$' string, '+' status, '-' error, ':' integer
  std::string_view text;  // of all but arrays; empty for nil
  std::vector<RespValue> items;

  // Takes one value off the front of `bytes`; nothing, and `bytes` as it was, if it is not all
  // there.
  static std::optional<RespValue> Take(std::string_view& bytes) {
    std::string_view rest = bytes;
    auto value = TakeFrom(rest);
    if (value) bytes = rest;
    return value;
  }

 private:
  static std::optional<RespValue> TakeFrom(std::string_view& rest) {
    const size_t end = rest.find("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    RespValue value{rest.front(), rest.substr(1, end - 1), {}};
    rest.remove_prefix(end + 2);
    if (value.type != '*' && value.type != '$') return value;
    const long size = std::strtol(value.text.data(), nullptr, 10);
    value.text = {};
    if (value.type == '$' && size >= 0) {
      const auto length = static_cast<size_t>(size);
      if (rest.size() < length + 2) return std::nullopt;
      value.text = rest.substr(0, length);
      rest.remove_prefix(length + 2);
    }
    for (long i = 0; value.type == '*' && i < size; ++i) {
      auto item = TakeFrom(rest);
      if (!item) return std::nullopt;
      value.items.push_back(std::move(*item));
    }
    return value;
  }
};

}  // namespace perf
