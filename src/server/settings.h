// The one table of all scalar settings: how each is named, read, bounded, printed and explained.
// File, environment, flags, --help, --check and the README's table all go through it, so a setting
// is added here and in config.h, and nowhere else.
//
// Setting one gives an Error that names the setting, the value and what is allowed; the caller, who
// knows the place (a line of the file, a variable, a flag), puts it in front. A refused value
// leaves the Config as it was. No thread may read the Config meanwhile.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "server/config.h"
#include "sluice/base/result.h"

namespace sluice {

enum class SettingKind : uint8_t {
  kAddress,        // to listen on: TCP
  kSocketAddress,  // the same, or a unix socket
  kUrl,            // may hold a password, which is never printed
  kPath,           // of a directory or file; empty: none
  kText,
  kInteger,
  kSize,  // bytes: an integer, or text like "64KiB"
  kMs,
  kUs,
  kSeconds,
  kChoice,  // one of a few words
  kSwitch,  // true or false
};

// The words of choices that routes make, too; in the order of their enums.
inline constexpr std::array<std::string_view, 2> kAckNames = {"redis", "memory"};
inline constexpr std::array<std::string_view, 2> kUnknownFieldsNames = {"ignore", "refuse"};
inline constexpr std::array<std::string_view, 2> kEntryNames = {"record", "packed"};

// Where a setting lives in one Config. A choice lives in its word or, as Ack, in its index.
static_assert(std::is_same_v<size_t, uint64_t>, "sizes and times share one alternative");
using SettingPlace = std::variant<std::string*, uint32_t*, uint64_t*, Ack*, bool*>;

struct Setting {
  std::string_view section;
  std::string_view key;
  SettingKind kind;
  SettingPlace (*place)(Config& config);
  int64_t min;  // inclusive, as max: of the number, or of the text's bytes
  int64_t max;
  std::span<const std::string_view> choices;  // of a kChoice
  std::string_view help;
};

std::span<const Setting> Settings();  // in the order of config.h; a section's stand together
const Setting* FindSetting(std::string_view section, std::string_view key);  // null: none

std::string SettingName(const Setting& setting);       // "http.idle_ms"
std::string EnvironmentName(const Setting& setting);   // "SLUICE_HTTP_IDLE_MS"
std::string_view SettingUnit(const Setting& setting);  // "bytes", "ms", "us", "s"; empty: none

// From the environment or a flag, where everything is text.
Status SetFromText(const Setting& setting, std::string_view text, Config& config);
// From a TOML integer, string or boolean; the wrong one of them is refused.
Status SetFromInteger(const Setting& setting, int64_t value, Config& config);
Status SetFromString(const Setting& setting, std::string_view text, Config& config);
Status SetFromBoolean(const Setting& setting, bool value, Config& config);
// For TOML's other types: "http.workers: expected an integer, not a date".
Error WrongType(const Setting& setting, std::string_view type);

// The value as TOML: 5000, "info", "1MiB". Passwords are hidden.
std::string PrintSetting(const Setting& setting, const Config& config);

}  // namespace sluice
