#include "sluice/redis/node_map.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "sluice/redis/hash_slot.h"

namespace sluice {
namespace {

// Of `[host, port, ...]`; an unknown host is none.
std::optional<Address> NodeOf(const ReplyValue& node, const Address& asked) {
  if (!node.is_array(2)) return std::nullopt;
  const ReplyValue& host = node.elements[0];
  const ReplyValue& port = node.elements[1];
  if (port.kind != ReplyValue::Kind::kInteger || port.integer < 1 || port.integer > UINT16_MAX) {
    return std::nullopt;
  }
  Address address{.host = host.text, .port = static_cast<uint16_t>(port.integer), .path = ""};
  if (host.kind == ReplyValue::Kind::kNil || host.text.empty()) address.host = asked.host;
  if (address.host == "?") return std::nullopt;
  return address;
}

template <typename Number>
bool IsNumber(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool IsSlot(const ReplyValue& value) {
  return value.kind == ReplyValue::Kind::kInteger && value.integer >= 0 &&
         value.integer < kHashSlots;
}

}  // namespace

std::optional<NodeMap> NodeMap::OfCluster(const ReplyValue& slots, const Address& asked) {
  if (!slots.is_array()) return std::nullopt;
  NodeMap map;
  for (const ReplyValue& range : slots.elements) {
    if (!range.is_array(3) || !IsSlot(range.elements[0]) || !IsSlot(range.elements[1])) {
      return std::nullopt;
    }
    for (size_t i = 2; i < range.elements.size(); ++i) {
      const auto node = NodeOf(range.elements[i], asked);
      if (!node) continue;
      if (std::find(map.nodes_.begin(), map.nodes_.end(), *node) == map.nodes_.end()) {
        map.nodes_.push_back(*node);
      }
      if (i > 2) continue;  // a replica
      map.ranges_.push_back({.first = static_cast<uint16_t>(range.elements[0].integer),
                             .last = static_cast<uint16_t>(range.elements[1].integer),
                             .node = *node});
    }
  }
  if (map.ranges_.empty()) return std::nullopt;
  return map;
}

std::optional<NodeMap> NodeMap::OfPrimary(const ReplyValue& primary) {
  if (!primary.is_array()) return std::nullopt;
  NodeMap map;
  Address address;
  for (size_t i = 0; i + 1 < primary.elements.size(); i += 2) {
    const std::string& name = primary.elements[i].text;
    const std::string& value = primary.elements[i + 1].text;
    if (name == "ip") address.host = value;
    if (name == "port" && !IsNumber(value, address.port)) return std::nullopt;
    if (name == "config-epoch" && !IsNumber(value, map.epoch_)) return std::nullopt;
  }
  if (address.port == 0 || address.host.empty()) return std::nullopt;
  map.ranges_.push_back({.first = 0, .last = kHashSlots - 1, .node = std::move(address)});
  return map;
}

const Address* NodeMap::At(uint16_t slot) const {
  const auto range = std::find_if(ranges_.begin(), ranges_.end(), [slot](const Range& each) {
    return each.first <= slot && slot <= each.last;
  });
  return range == ranges_.end() ? nullptr : &range->node;
}

std::vector<Address> NodeMap::primaries() const {
  std::vector<Address> primaries;
  for (const Range& range : ranges_) {
    if (std::find(primaries.begin(), primaries.end(), range.node) == primaries.end()) {
      primaries.push_back(range.node);
    }
  }
  return primaries;
}

void NodeMap::Move(uint16_t slot, const Address& to) {
  ranges_.insert(ranges_.begin(), {.first = slot, .last = slot, .node = to});
}

}  // namespace sluice
