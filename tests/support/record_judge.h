// RecordJudge: which records a body holds, by the rules of the README put down plainly over a tree
// of the whole body. What the decoder says is held against it.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/limits.h"
#include "sluice/record/alert_rule.h"
#include "sluice/record/record_decoder.h"
#include "sluice/record/schema.h"
#include "sluice/record/timestamp.h"
#include "support/json_text.h"

namespace sluice {

// Values in schema order; nothing for an absent one.
using JudgedRecord = std::vector<std::optional<std::string>>;

struct JudgedBody {
  bool is_json = true;                // each of its texts is
  std::vector<JudgedRecord> records;  // none: to be refused
};

class RecordJudge {
 public:
  explicit RecordJudge(const Schema& schema) : schema_(schema) {}

  JudgedBody Judge(BodyShape shape, std::string_view body) {
    JudgedBody judged;
    bool sound = true;
    if (shape == BodyShape::kJson) {
      sound = Text(shape, body, judged);
    } else {
      while (!body.empty()) {
        const size_t end = std::min(body.find('\n'), body.size());
        const std::string_view line = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        sound = Text(shape, line, judged) && sound;
      }
    }
    if (!sound) judged.records.clear();
    return judged;
  }

  // Of a record that was judged sound.
  static bool Meets(const AlertRule& rule, const JudgedRecord& record) {
    const std::optional<std::string>& value = record.at(rule.field);
    if (!value) return false;
    switch (rule.type) {
      case FieldType::kString:
        return *value == rule.string_equals;
      case FieldType::kBool:
        return (*value == "true") == (rule.int_equals == 1);
      case FieldType::kDouble: {
        const double real = std::strtod(value->c_str(), nullptr);
        return real < rule.double_below || real > rule.double_above;
      }
      case FieldType::kInt32:
      case FieldType::kInt64: {
        const int64_t integer = *Integer(*value);
        if (rule.equals) return integer == rule.int_equals;
        return integer < rule.int_below || integer > rule.int_above;
      }
      case FieldType::kTimestamp:
        break;
    }
    return false;
  }

 private:
  using Kind = JsonNode::Kind;

  bool Text(BodyShape shape, std::string_view text, JudgedBody& judged) {
    const std::optional<JsonNode> root = json_.Read(text);
    if (!root) judged.is_json = false;
    if (!root) return false;
    if (shape == BodyShape::kLines) return Record(*root, judged);
    if (root->kind == Kind::kArray) return Records(*root, judged);
    if (root->kind != Kind::kObject) return false;
    const JsonNode* const data = Wrapped(*root);
    if (data == nullptr) return Record(*root, judged);
    return Beside(*root, *data) && Records(*data, judged);
  }

  // What "data" holds, where that is records: an object or array, and no field stands before it.
  const JsonNode* Wrapped(const JsonNode& root) const {
    if (schema_.Find("data") != Schema::kNotFound) return nullptr;
    for (size_t i = 0; i < root.names.size(); ++i) {
      if (schema_.Find(root.names[i]) != Schema::kNotFound) return nullptr;
      const Kind kind = root.children[i].kind;
      if (root.spelt[i] == "data" && (kind == Kind::kObject || kind == Kind::kArray)) {
        return &root.children[i];
      }
    }
    return nullptr;
  }
  bool Beside(const JsonNode& root, const JsonNode& data) const {
    bool behind = false;
    for (size_t i = 0; i < root.names.size(); ++i) {
      const bool is_data = &root.children[i] == &data;
      if (!is_data && !MayBeUnknown(root.children[i])) return false;
      if (behind && root.spelt[i] == "data") return false;
      behind = behind || is_data;
    }
    return true;
  }
  bool MayBeUnknown(const JsonNode& value) const {
    return schema_.unknown_fields() == UnknownFields::kIgnore && value.height <= kJsonDepthMax;
  }

  bool Records(const JsonNode& node, JudgedBody& judged) const {
    if (node.kind != Kind::kArray) return Record(node, judged);
    for (const JsonNode& element : node.children) {
      if (!Record(element, judged)) return false;
    }
    return true;
  }
  bool Record(const JsonNode& node, JudgedBody& judged) const {
    if (node.kind != Kind::kObject) return false;
    const std::vector<Field>& fields = schema_.fields();
    JudgedRecord record(fields.size());
    std::vector<bool> met(fields.size());
    for (size_t i = 0; i < node.names.size(); ++i) {
      const size_t field = schema_.Find(node.names[i]);
      if (field == Schema::kNotFound) {
        if (!MayBeUnknown(node.children[i])) return false;
        continue;
      }
      if (met[field]) return false;
      met[field] = true;
      if (node.children[i].kind == Kind::kNull) continue;
      record[field] = Value(node.children[i], fields[field]);
      if (!record[field]) return false;
    }
    bool any = schema_.at_least_one_mask() == 0;
    for (size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].required && !record[i]) return false;
      if ((schema_.at_least_one_mask() >> i & 1) != 0 && record[i]) any = true;
    }
    if (any) judged.records.push_back(std::move(record));
    return any;
  }

  // As it is stored; nothing: not the field's.
  static std::optional<std::string> Value(const JsonNode& node, const Field& field) {
    const auto as_sent = [&node](bool fits) {
      return fits ? std::optional(node.text) : std::nullopt;
    };
    switch (field.type) {
      case FieldType::kString:
        return as_sent(node.kind == Kind::kString && node.text.size() >= field.bytes_min &&
                       node.text.size() <= field.bytes_max);
      case FieldType::kTimestamp:
        return as_sent(node.kind == Kind::kString && IsRfc3339(node.text));
      case FieldType::kInt32:
      case FieldType::kInt64: {
        const bool is_text = node.kind == Kind::kString && field.type == FieldType::kInt64;
        if (node.kind != Kind::kNumber && !is_text) return std::nullopt;
        const std::optional<int64_t> integer = Integer(node.text);
        return as_sent(integer && *integer >= field.int_min && *integer <= field.int_max);
      }
      case FieldType::kDouble: {
        const double real = std::strtod(node.text.c_str(), nullptr);
        return as_sent(node.kind == Kind::kNumber && real >= field.double_min &&
                       real <= field.double_max && real - real == 0);
      }
      case FieldType::kBool:
        if (node.kind != Kind::kBool) return std::nullopt;
        return node.yes ? "true" : "false";
    }
    return std::nullopt;
  }
  // A JSON number without fraction and exponent that an int64_t holds.
  static std::optional<int64_t> Integer(std::string_view text) {
    if (text.find_first_not_of("-0123456789") != std::string_view::npos) return std::nullopt;
    if (!JsonReference::IsJson(text)) return std::nullopt;
    int64_t integer = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
    return error == std::errc() ? std::optional(integer) : std::nullopt;
  }

  const Schema& schema_;
  JsonText json_;
};

}  // namespace sluice
