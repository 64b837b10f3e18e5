// An entry of a stream as the archive reads it, and as it goes to the dead letters.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace sluice {

using NamesAndValues = std::vector<std::pair<std::string, std::string>>;

struct Entry {
  std::string id;
  NamesAndValues fields;
};

// One entry of the dead-letter stream: its fields are `entry_id`, `reason` and then these.
struct DeadLetter {
  std::string entry_id;  // the row's
  std::string reason;
  NamesAndValues fields;
};

}  // namespace sluice
