// What a route's records look like: ordered, typed, bounded fields. Data, not code: made from the
// configuration, checked once by Schema::Make, immutable and shared by all workers afterwards.
//
// A field is known by its configured name and by that name's lowerCamelCase form (proto3's JSON
// mapping); it is stored under its configured name. At most kFieldsMax fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/limits.h"
#include "sluice/base/result.h"
#include "sluice/record/quoted_name.h"

namespace sluice {

enum class FieldType : uint8_t { kString, kInt32, kInt64, kDouble, kBool, kTimestamp };

std::string_view FieldTypeName(FieldType type);  // as the configuration spells it

struct Field {
  std::string name;
  FieldType type = FieldType::kString;
  bool required = false;
  bool key = false;
  // Inclusive bounds; which pair holds depends on the type.
  int64_t int_min = std::numeric_limits<int64_t>::min();
  int64_t int_max = std::numeric_limits<int64_t>::max();
  double double_min = -std::numeric_limits<double>::infinity();
  double double_max = std::numeric_limits<double>::infinity();
  size_t bytes_min = 0;  // of a string, after unescaping
  size_t bytes_max = kStringBytesMax;

  // Set by Schema::Make. The camel form equals `name` where they do not differ.
  std::string camel_name = {};
  QuotedName quoted_name = {};
  QuotedName quoted_camel_name = {};
};

enum class UnknownFields : uint8_t { kIgnore, kRefuse };

class Schema {
 public:
  // Refuses with one line: no field, too many, an empty, overlong or repeated name (also between a
  // name and another's camel form), a name outside [A-Za-z0-9_], bounds that exclude everything,
  // not exactly one key, a key that is not required, an at_least_one name that is no field.
  static Result<Schema> Make(std::vector<Field> fields,
                             const std::vector<std::string>& at_least_one,
                             UnknownFields unknown_fields);

  static constexpr size_t kNotFound = SIZE_MAX;

  const std::vector<Field>& fields() const { return fields_; }
  size_t Find(std::string_view name) const;  // by either form; kNotFound
  size_t key_field() const { return key_field_; }
  uint64_t required_mask() const { return required_mask_; }          // bit i: field i
  uint64_t at_least_one_mask() const { return at_least_one_mask_; }  // 0: no such rule
  UnknownFields unknown_fields() const { return unknown_fields_; }

 private:
  std::vector<Field> fields_;
  size_t key_field_ = 0;
  uint64_t required_mask_ = 0;
  uint64_t at_least_one_mask_ = 0;
  UnknownFields unknown_fields_ = UnknownFields::kIgnore;
};

}  // namespace sluice
