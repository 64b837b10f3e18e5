#include "support/packed_entry.h"

#include <stdexcept>
#include <string_view>
#include <utility>

namespace sluice {

std::vector<Json> PackedRecords(const StreamEntry& entry) {
  if (entry.fields.size() != 1 || entry.fields[0].first != "records") {
    throw std::runtime_error("not a packed entry: " + entry.id);
  }
  std::string_view rest = entry.fields[0].second;
  std::vector<Json> records;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    if (end == rest.npos) throw std::runtime_error("a line without an end: " + std::string(rest));
    records.push_back(Json::Parse(rest.substr(0, end)));
    rest.remove_prefix(end + 1);
  }
  return records;
}

std::vector<StreamEntry> Unpacked(const std::vector<StreamEntry>& entries) {
  std::vector<StreamEntry> records;
  for (const StreamEntry& entry : entries) {
    for (const Json& record : PackedRecords(entry)) {
      StreamEntry& own = records.emplace_back(StreamEntry{.id = entry.id, .fields = {}});
      for (const auto& [name, value] : record.members())
        own.fields.emplace_back(name, value.text());
    }
  }
  return records;
}

}  // namespace sluice
