#include "sluice/record/schema.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice {
namespace {

// A JSON pointer into a record ("/12345/<name>") stays well below kErrorTextBytesMax.
static_assert(2 * kFieldNameBytesMax < kErrorTextBytesMax);

constexpr std::array<std::string_view, 6> kFieldTypeNames = {"string", "int32", "int64",
                                                             "double", "bool",  "timestamp"};

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The name as one line of an error may hold it: it comes from outside and may hold anything.
std::string Shown(std::string_view name) {
  std::string shown = "\"";
  for (const char c : name.substr(0, kFieldNameBytesMax)) shown += IsNameCharacter(c) ? c : '?';
  return shown + (name.size() > kFieldNameBytesMax ? "...\"" : "\"");
}

Error FieldError(const Field& field, std::string_view what) {
  return Error{"field " + Shown(field.name) + " " + std::string(what)};
}

// As protobuf's ToJsonName: an underscore goes and capitalises what follows it.
std::string CamelName(const std::string& name) {
  std::string camel;
  bool capitalise = false;
  for (const char c : name) {
    if (c == '_') {
      capitalise = true;
      continue;
    }
    const bool lower = c >= 'a' && c <= 'z';
    camel += capitalise && lower ? static_cast<char>(c - 'a' + 'A') : c;
    capitalise = false;
  }
  return camel.empty() ? name : camel;  // a name of underscores alone has no other form
}

bool ExcludesEverything(const Field& field) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  switch (field.type) {
    case FieldType::kString:
      return field.bytes_min > field.bytes_max;
    case FieldType::kInt32:
    case FieldType::kInt64:
      return field.int_min > field.int_max;
    case FieldType::kDouble:  // not-a-number compares false; JSON has no infinity to let in
      return !(field.double_min <= field.double_max) || field.double_min == kInfinity ||
             field.double_max == -kInfinity;
    case FieldType::kBool:
    case FieldType::kTimestamp:
      return false;
  }
  return false;
}

Status CheckField(const Field& field) {
  if (field.name.empty()) return Error{"a field's name is empty"};
  if (field.name.size() > kFieldNameBytesMax) {
    return FieldError(field,
                      "has a name longer than " + std::to_string(kFieldNameBytesMax) + " bytes");
  }
  if (!std::all_of(field.name.begin(), field.name.end(), IsNameCharacter)) {
    return FieldError(field, "has a name with a character outside A-Z, a-z, 0-9 and _");
  }
  if (ExcludesEverything(field)) return FieldError(field, "has bounds that exclude every value");
  if (field.key && !field.required) return FieldError(field, "is the key, so it must be required");
  return {};
}

// A record's name must lead to one field, whichever of the two forms it comes in. A name that looks
// like another's camel form is its own camel form, so comparing those is enough.
Status CheckNamesDiffer(const std::vector<Field>& fields) {
  for (size_t i = 0; i < fields.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const Field& a = fields[j];
      const Field& b = fields[i];
      if (a.name == b.name) return FieldError(b, "is there twice");
      if (a.camel_name == b.camel_name) {
        return FieldError(b, "and field " + Shown(a.name) + " are one name in lowerCamelCase");
      }
    }
  }
  return {};
}

}  // namespace

std::string_view FieldTypeName(FieldType type) {
  return kFieldTypeNames[static_cast<size_t>(type)];
}

Result<Schema> Schema::Make(std::vector<Field> fields, const std::vector<std::string>& at_least_one,
                            UnknownFields unknown_fields) {
  if (fields.empty()) return Error{"there is no field"};
  if (fields.size() > kFieldsMax) {
    return Error{"there are " + std::to_string(fields.size()) + " fields; at most " +
                 std::to_string(kFieldsMax) + " are allowed"};
  }
  Schema schema;
  schema.unknown_fields_ = unknown_fields;
  size_t key_count = 0;
  for (size_t i = 0; i < fields.size(); ++i) {
    Field& field = fields[i];
    if (field.type == FieldType::kInt32) {  // so that the bounds alone decide
      field.int_min = std::max<int64_t>(field.int_min, std::numeric_limits<int32_t>::min());
      field.int_max = std::min<int64_t>(field.int_max, std::numeric_limits<int32_t>::max());
    }
    if (Status status = CheckField(field); !status) return Error{status.error()};
    field.camel_name = CamelName(field.name);
    field.quoted_name = QuotedName(field.name);
    field.quoted_camel_name = QuotedName(field.camel_name);
    if (field.required) schema.required_mask_ |= uint64_t{1} << i;
    if (!field.key) continue;
    schema.key_field_ = i;
    ++key_count;
  }
  if (Status status = CheckNamesDiffer(fields); !status) return Error{status.error()};
  if (key_count != 1) {
    return Error{"exactly one field must be the key; there are " + std::to_string(key_count)};
  }
  for (const std::string& name : at_least_one) {
    const auto at = std::find_if(fields.begin(), fields.end(),
                                 [&name](const Field& field) { return field.name == name; });
    if (at == fields.end())
      return Error{"at_least_one names " + Shown(name) + ", which is no field"};
    schema.at_least_one_mask_ |= uint64_t{1} << (at - fields.begin());
  }
  schema.fields_ = std::move(fields);
  return schema;
}

size_t Schema::Find(std::string_view name) const {
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].name == name || fields_[i].camel_name == name) return i;
  }
  return kNotFound;
}

}  // namespace sluice
