// KeyRule: which values a client may write in the key field of its records: some, those that begin
// in some way, or any. Compared with the value as it is stored (unescaped), byte by byte.
// Immutable; shared by all workers. At most kTokenKeysMax values and prefixes, which is its maker's
// to check.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

class KeyRule {
 public:
  KeyRule() = default;  // any
  // Neither: any.
  KeyRule(std::vector<std::string> values, std::vector<std::string> prefixes)
      : values_(std::move(values)), prefixes_(std::move(prefixes)) {
    std::sort(values_.begin(), values_.end());
  }

  bool allows_any() const { return values_.empty() && prefixes_.empty(); }
  bool Allows(std::string_view value) const {
    return allows_any() ||
           std::binary_search(values_.begin(), values_.end(), value, std::less<>()) ||
           std::any_of(prefixes_.begin(), prefixes_.end(),
                       [value](const std::string& prefix) { return value.starts_with(prefix); });
  }

 private:
  std::vector<std::string> values_;  // sorted
  std::vector<std::string> prefixes_;
};

}  // namespace sluice
