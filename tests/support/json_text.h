// JsonText: a JSON text as simdjson's DOM parser sees it, with what the DOM forgets: each number
// and each name as it was sent. For that the numbers are checked here and replaced by their place
// in the text before the DOM sees it; so it takes numbers of any size, too. Slow, and another
// hand's work than the decoder's.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/json_reference.h"

namespace sluice {

struct JsonNode {
  enum class Kind : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  std::string text;                // a string's characters; a number as it was sent
  bool yes = false;                // of a bool
  uint32_t height = 1;             // in levels; a scalar is one
  std::vector<std::string> names;  // of an object's members, unescaped
  std::vector<std::string> spelt;  // the same as they were sent
  std::vector<JsonNode> children;  // an array's elements, an object's values
};

class JsonText {
 public:
  // Nothing: it is not JSON, or is nested deeper than the DOM's 1,024 levels.
  std::optional<JsonNode> Read(std::string_view text) {
    if (!SetAside(text)) return {};
    simdjson::dom::element root;
    if (parser_.parse(masked_).get(root) != simdjson::SUCCESS) return {};
    next_name_ = 0;
    return NodeOf(root);
  }

 private:
  // Makes `masked_`, `numbers_` and `names_` of the text; false: something is like a number and is
  // none.
  bool SetAside(std::string_view text) {
    masked_.clear();
    numbers_.clear();
    names_.clear();
    for (size_t at = 0; at < text.size();) {
      size_t end = at + 1;
      if (text[at] == '"') {
        while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
        end = std::min(end + 1, text.size());
        const size_t next = text.find_first_not_of(" \t\r\n", end);
        if (next != std::string_view::npos && text[next] == ':') {
          names_.emplace_back(text.substr(at + 1, end - at - 2));
        }
        masked_ += text.substr(at, end - at);
      } else if (text[at] == '-' || (text[at] >= '0' && text[at] <= '9')) {
        end = std::min(text.find_first_not_of("+-.0123456789eE", at), text.size());
        masked_ += std::to_string(numbers_.size());
        numbers_.emplace_back(text.substr(at, end - at));
        if (!JsonReference::IsJson(numbers_.back())) return false;
      } else {
        masked_ += text[at];
      }
      at = end;
    }
    return true;
  }

  JsonNode NodeOf(simdjson::dom::element element) {
    JsonNode node;
    switch (element.type()) {
      case simdjson::dom::element_type::OBJECT:
        node.kind = JsonNode::Kind::kObject;
        for (const auto& [name, value] : simdjson::dom::object(element)) {
          node.names.emplace_back(name);
          node.spelt.push_back(names_.at(next_name_++));
          AddChild(value, node);
        }
        break;
      case simdjson::dom::element_type::ARRAY:
        node.kind = JsonNode::Kind::kArray;
        for (const simdjson::dom::element value : simdjson::dom::array(element)) {
          AddChild(value, node);
        }
        break;
      case simdjson::dom::element_type::STRING:
        node.kind = JsonNode::Kind::kString;
        node.text = std::string_view(element);
        break;
      case simdjson::dom::element_type::BOOL:
        node.kind = JsonNode::Kind::kBool;
        node.yes = element;
        break;
      case simdjson::dom::element_type::NULL_VALUE:
        break;
      default:
        node.kind = JsonNode::Kind::kNumber;
        node.text = numbers_.at(static_cast<size_t>(uint64_t(element)));
        break;
    }
    return node;
  }
  void AddChild(simdjson::dom::element value, JsonNode& node) {
    node.children.push_back(NodeOf(value));
    node.height = std::max(node.height, node.children.back().height + 1);
  }

  simdjson::dom::parser parser_;
  std::string masked_;
  std::vector<std::string> numbers_;
  std::vector<std::string> names_;
  size_t next_name_ = 0;
};

}  // namespace sluice
