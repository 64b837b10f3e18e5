// Result<T>: a value, or an Error whose text an operator can read. For start-up and configuration;
// the path of a record uses enums. No exceptions cross it. An Error's text names what and where.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "sluice/base/check.h"

namespace sluice {

struct Error {
  std::string message;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT: implicit by intent, `return value;`
  Result(Error error) : state_(std::move(error)) {}  // NOLINT: implicit by intent

  bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }

  T& value() {
    SLUICE_CHECK(ok());
    return std::get<T>(state_);
  }
  const T& value() const {
    SLUICE_CHECK(ok());
    return std::get<T>(state_);
  }
  const std::string& error() const {
    SLUICE_CHECK(!ok());
    return std::get<Error>(state_).message;
  }

 private:
  std::variant<T, Error> state_;
};

// A Result without a value: success, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by intent

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const std::string& error() const {
    SLUICE_CHECK(error_.has_value());
    return error_->message;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace sluice
