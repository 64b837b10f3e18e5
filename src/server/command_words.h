// CommandWords: Redis commands (RESP arrays of bulk strings) as words again, for people to read.
// Pure; views into the bytes given.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace sluice {

// Takes the first command off `bytes`; nothing, and `bytes` as it was, where there is none.
std::optional<std::vector<std::string_view>> TakeCommand(std::string_view& bytes);

}  // namespace sluice
