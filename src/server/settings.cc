#include "server/settings.h"

#include <algorithm>
#include <array>
#include <optional>

#include "server/setting_table.h"
#include "server/text.h"
#include "sluice/net/address.h"

namespace sluice {
namespace {

using enum SettingKind;

bool IsText(SettingKind kind) {
  return kind == kAddress || kind == kSocketAddress || kind == kUrl || kind == kPath ||
         kind == kText;
}
bool IsNumber(SettingKind kind) { return !IsText(kind) && kind != kChoice && kind != kSwitch; }

std::string NumberText(const Setting& setting, int64_t value) {
  return setting.kind == kSize && value >= 0 ? SizeText(static_cast<uint64_t>(value))
                                             : std::to_string(value);
}

// What may be given, for the end of an error line.
std::string Allowed(const Setting& setting) {
  const std::string range =
      NumberText(setting, setting.min) + " to " + NumberText(setting, setting.max);
  switch (setting.kind) {
    case kAddress:
      return "host:port or [v6 address]:port";
    case kSocketAddress:
      return "host:port, [v6 address]:port or unix:///path";
    case kUrl:
    case kPath:
    case kText:
      return range + " bytes without control characters";
    case kInteger:
    case kSize:
      return range;
    case kMs:
    case kUs:
    case kSeconds:
      return range + " " + std::string(SettingUnit(setting));
    case kChoice:
      return Alternatives(setting.choices);
    case kSwitch:
      return "true or false";
  }
  return range;
}

Error SettingError(const Setting& setting, std::string_view what) {
  return Error{SettingName(setting) + ": " + std::string(what) + "; give " + Allowed(setting)};
}

Status SetNumber(const Setting& setting, int64_t value, Config& config) {
  if (value < setting.min || value > setting.max) {
    return SettingError(setting, NumberText(setting, value) + " is out of range");
  }
  const SettingPlace place = setting.place(config);
  if (uint32_t* const* number = std::get_if<uint32_t*>(&place)) {
    **number = static_cast<uint32_t>(value);
  } else {
    *std::get<uint64_t*>(place) = static_cast<uint64_t>(value);
  }
  return {};
}

Status SetText(const Setting& setting, std::string_view text, Config& config) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  const auto bytes = static_cast<int64_t>(text.size());
  if (bytes < setting.min) return SettingError(setting, "it is empty");
  if (bytes > setting.max) return SettingError(setting, "it is too long");
  if (std::any_of(text.begin(), text.end(), is_control)) {
    return SettingError(setting, "it holds a control character");
  }
  if (setting.kind == kAddress || setting.kind == kSocketAddress) {
    const Result<Address> address = Address::Parse(text);
    if (!address) return SettingError(setting, Shown(text) + " is no address: " + address.error());
    if (address.value().is_unix() && setting.kind == kAddress) {
      return SettingError(setting, Shown(text) + " is a unix socket");
    }
  }
  *std::get<std::string*>(setting.place(config)) = text;
  return {};
}

Status SetChoice(const Setting& setting, std::string_view word, Config& config) {
  const auto at = std::find(setting.choices.begin(), setting.choices.end(), word);
  if (at == setting.choices.end()) {
    return SettingError(setting, Shown(word) + " is not among its values");
  }
  const SettingPlace place = setting.place(config);
  if (Ack* const* ack = std::get_if<Ack*>(&place)) {
    **ack = static_cast<Ack>(at - setting.choices.begin());
  } else {
    *std::get<std::string*>(place) = word;
  }
  return {};
}

Status SetSize(const Setting& setting, std::string_view text, Config& config) {
  const std::optional<int64_t> bytes = ParseSize(text);
  if (bytes) return SetNumber(setting, *bytes, config);
  return SettingError(setting, Shown(text) + " is not a size, such as 65536, 64KiB or 1MiB");
}

}  // namespace

std::span<const Setting> Settings() { return SettingTable(); }

const Setting* FindSetting(std::string_view section, std::string_view key) {
  for (const Setting& setting : Settings()) {
    if (setting.section == section && setting.key == key) return &setting;
  }
  return nullptr;
}

std::string SettingName(const Setting& setting) {
  return std::string(setting.section) + "." + std::string(setting.key);
}

std::string EnvironmentName(const Setting& setting) {
  std::string name = "SLUICE_" + SettingName(setting);
  for (char& c : name) {
    if (c == '.') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

std::string_view SettingUnit(const Setting& setting) {
  switch (setting.kind) {
    case kSize:
      return "bytes";
    case kMs:
      return "ms";
    case kUs:
      return "us";
    case kSeconds:
      return "s";
    case kAddress:
    case kSocketAddress:
    case kUrl:
    case kPath:
    case kText:
    case kInteger:
    case kChoice:
    case kSwitch:
      break;
  }
  return "";
}

Status SetFromText(const Setting& setting, std::string_view text, Config& config) {
  if (IsText(setting.kind)) return SetText(setting, text, config);
  if (setting.kind == kChoice) return SetChoice(setting, text, config);
  if (setting.kind == kSize) return SetSize(setting, text, config);
  if (setting.kind == kSwitch) {
    if (text == "true" || text == "false") return SetFromBoolean(setting, text == "true", config);
    return SettingError(setting, Shown(text) + " is neither");
  }
  const std::optional<int64_t> value = ParseInteger(text);
  if (value) return SetNumber(setting, *value, config);
  return SettingError(setting, Shown(text) + " is not an integer");
}

Status SetFromInteger(const Setting& setting, int64_t value, Config& config) {
  if (IsNumber(setting.kind)) return SetNumber(setting, value, config);
  return WrongType(setting, "an integer");
}

Status SetFromBoolean(const Setting& setting, bool value, Config& config) {
  if (setting.kind != kSwitch) return WrongType(setting, "a boolean");
  *std::get<bool*>(setting.place(config)) = value;
  return {};
}

Status SetFromString(const Setting& setting, std::string_view text, Config& config) {
  if (IsText(setting.kind) || setting.kind == kChoice || setting.kind == kSize) {
    return SetFromText(setting, text, config);
  }
  return WrongType(setting, "a string");
}

Error WrongType(const Setting& setting, std::string_view type) {
  std::string_view expected = "an integer";
  if (setting.kind == kSize) expected = "an integer, or a string such as \"64KiB\"";
  if (IsText(setting.kind) || setting.kind == kChoice) expected = "a string";
  if (setting.kind == kSwitch) expected = "a boolean";
  return Error{SettingName(setting) + ": expected " + std::string(expected) + ", not " +
               std::string(type)};
}

std::string PrintSetting(const Setting& setting, const Config& config) {
  const SettingPlace place = setting.place(const_cast<Config&>(config));  // only read below
  if (Ack* const* ack = std::get_if<Ack*>(&place)) {
    return Quoted(setting.choices[static_cast<size_t>(**ack)]);
  }
  if (std::string* const* text = std::get_if<std::string*>(&place)) {
    return Quoted(setting.kind == kUrl ? HidePassword(**text) : **text);
  }
  if (bool* const* on = std::get_if<bool*>(&place)) return **on ? "true" : "false";
  uint32_t* const* narrow = std::get_if<uint32_t*>(&place);
  const uint64_t number = narrow != nullptr ? **narrow : *std::get<uint64_t*>(place);
  if (setting.kind != kSize) return std::to_string(number);
  const std::string size = SizeText(number);
  return size.ends_with('B') ? Quoted(size) : size;
}

}  // namespace sluice
