#include "server/settings.h"

#include <algorithm>
#include <array>
#include <optional>

#include "server/text.h"
#include "sluice/net/address.h"

namespace sluice {
namespace {

using enum SettingKind;
using Place = SettingPlace;

constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2> kFormats = {"text", "json"};

constexpr int64_t kTextBytesMax = 1'024;  // of an address or URL
constexpr int64_t kMinuteMs = 60'000;
constexpr int64_t kHourMs = 60 * kMinuteMs;
constexpr int64_t kDayMs = 24 * kHourMs;

// One setting, three lines: what and where, bounds, meaning.
// clang-format off
constexpr Setting kSettings[] = {
    {"http", "listen", kAddress, [](Config& c) -> Place { return &c.http.listen; },
     1, kTextBytesMax, {},
     "address and port for devices"},
    {"http", "workers", kInteger, [](Config& c) -> Place { return &c.http.workers; },
     0, 1'024, {},
     "threads, each with its own loop; 0: one for each core this process may use"},
    {"http", "body_bytes_max", kSize, [](Config& c) -> Place { return &c.http.body_bytes_max; },
     1, 256 * kMiB, {},
     "largest body of a request; a larger one is answered 413"},
    {"http", "header_bytes_max", kSize, [](Config& c) -> Place { return &c.http.header_bytes_max; },
     256, 1 * kMiB, {},
     "largest head of a request, request line and fields; more is answered 431"},
    {"http", "header_count_max", kInteger,
     [](Config& c) -> Place { return &c.http.header_count_max; },
     1, 1'024, {},
     "most header fields of a request; more is answered 431"},
    {"http", "connections_max", kInteger,
     [](Config& c) -> Place { return &c.http.connections_max; },
     1, 1'000'000, {},
     "most open connections, of all workers together; further ones are shed"},
    {"http", "idle_ms", kMs, [](Config& c) -> Place { return &c.http.idle_ms; },
     1, kDayMs, {},
     "a connection without a request is closed after this time"},
    {"http", "header_ms", kMs, [](Config& c) -> Place { return &c.http.header_ms; },
     1, kHourMs, {},
     "time for a request's head, from its first byte; late ones are answered 408"},
    {"http", "body_ms", kMs, [](Config& c) -> Place { return &c.http.body_ms; },
     1, kHourMs, {},
     "time for a request's body, from the end of its head; late ones are answered 408"},
    {"http", "pipeline_max", kInteger, [](Config& c) -> Place { return &c.http.pipeline_max; },
     1, 1'024, {},
     "answers that a connection may be owed before no more of it is read"},

    {"admin", "listen", kAddress, [](Config& c) -> Place { return &c.admin.listen; },
     1, kTextBytesMax, {},
     "address and port for /metrics, /healthz and /readyz"},

    {"redis", "url", kUrl, [](Config& c) -> Place { return &c.redis.url; },
     1, kTextBytesMax, {},
     "redis://[user:pass@]host:port[/db] or unix:///path"},
    {"redis", "connect_ms", kMs, [](Config& c) -> Place { return &c.redis.connect_ms; },
     1, 10 * kMinuteMs, {},
     "an attempt to connect that takes longer is given up"},
    {"redis", "reply_ms", kMs, [](Config& c) -> Place { return &c.redis.reply_ms; },
     1, 10 * kMinuteMs, {},
     "a connection on which a reply takes longer is given up; best above delivery.deadline_ms"},

    {"delivery", "ack", kChoice, [](Config& c) -> Place { return &c.delivery.ack; },
     0, 0, kAckNames,
     "answer after Redis confirmed (redis), or at once with 202 (memory); a route may differ"},
    {"delivery", "deadline_ms", kMs, [](Config& c) -> Place { return &c.delivery.deadline_ms; },
     1, kHourMs, {},
     "records that Redis has not confirmed by then are answered 503"},
    {"delivery", "inflight_bytes_max", kSize,
     [](Config& c) -> Place { return &c.delivery.inflight_bytes_max; },
     4 * kKiB, 65'536 * kMiB, {},
     "bytes of each worker taken and not yet settled; beyond it requests are shed"},
    {"delivery", "window", kInteger, [](Config& c) -> Place { return &c.delivery.window; },
     1, 1'024, {},
     "batches that each lane may have sent and Redis not yet confirmed"},
    {"delivery", "batch_records_max", kInteger,
     [](Config& c) -> Place { return &c.delivery.batch_records_max; },
     1, 100'000, {},
     "most records of one Redis transaction"},
    {"delivery", "batch_bytes_max", kSize,
     [](Config& c) -> Place { return &c.delivery.batch_bytes_max; },
     1 * kKiB, 256 * kMiB, {},
     "most bytes of one Redis transaction"},
    {"delivery", "linger_us", kUs, [](Config& c) -> Place { return &c.delivery.linger_us; },
     0, 1'000'000, {},
     "how long a batch may wait for more records; 0: batches grow by load alone"},
    {"delivery", "drain_ms", kMs, [](Config& c) -> Place { return &c.delivery.drain_ms; },
     1, kHourMs, {},
     "time for records in hand when leaving on SIGTERM"},

    {"journal", "dir", kPath, [](Config& c) -> Place { return &c.journal.dir; },
     0, kTextBytesMax, {},
     "directory where batches wait while Redis does not take them; empty: none"},
    {"journal", "bytes_max", kSize, [](Config& c) -> Place { return &c.journal.bytes_max; },
     1 * kMiB, 16'777'216 * kMiB, {},
     "most bytes of the journal's files, of all workers together; beyond it requests are shed"},
    {"journal", "segment_bytes", kSize, [](Config& c) -> Place { return &c.journal.segment_bytes; },
     4 * kKiB, 65'536 * kMiB, {},
     "a journal's file that has so many bytes is followed by another"},
    {"journal", "after_ms", kMs, [](Config& c) -> Place { return &c.journal.after_ms; },
     0, kHourMs, {},
     "records that Redis has not taken by then go to the journal"},

    {"log", "level", kChoice, [](Config& c) -> Place { return &c.log.level; },
     0, 0, kLevels,
     "what is logged: debug, info, warning or error, and all above it"},
    {"log", "format", kChoice, [](Config& c) -> Place { return &c.log.format; },
     0, 0, kFormats,
     "text for people, json for machines"},
};
// clang-format on

bool IsText(SettingKind kind) { return kind == kAddress || kind == kUrl || kind == kPath; }

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
    case kUrl:
    case kPath:
      return range + " bytes without control characters";
    case kInteger:
    case kSize:
      return range;
    case kMs:
    case kUs:
      return range + " " + std::string(SettingUnit(setting));
    case kChoice:
      return Alternatives(setting.choices);
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
  if (setting.kind == kAddress) {
    const Result<Address> address = Address::Parse(text);
    if (!address) return SettingError(setting, Shown(text) + " is no address: " + address.error());
    if (address.value().is_unix()) return SettingError(setting, Shown(text) + " is a unix socket");
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

std::span<const Setting> Settings() { return kSettings; }

const Setting* FindSetting(std::string_view section, std::string_view key) {
  for (const Setting& setting : kSettings) {
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
    case kAddress:
    case kUrl:
    case kPath:
    case kInteger:
    case kChoice:
      break;
  }
  return "";
}

Status SetFromText(const Setting& setting, std::string_view text, Config& config) {
  if (IsText(setting.kind)) return SetText(setting, text, config);
  if (setting.kind == kChoice) return SetChoice(setting, text, config);
  if (setting.kind == kSize) return SetSize(setting, text, config);
  const std::optional<int64_t> value = ParseInteger(text);
  if (value) return SetNumber(setting, *value, config);
  return SettingError(setting, Shown(text) + " is not an integer");
}

Status SetFromInteger(const Setting& setting, int64_t value, Config& config) {
  if (!IsText(setting.kind) && setting.kind != kChoice) return SetNumber(setting, value, config);
  return WrongType(setting, "an integer");
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
  uint32_t* const* narrow = std::get_if<uint32_t*>(&place);
  const uint64_t number = narrow != nullptr ? **narrow : *std::get<uint64_t*>(place);
  if (setting.kind != kSize) return std::to_string(number);
  const std::string size = SizeText(number);
  return size.ends_with('B') ? Quoted(size) : size;
}

}  // namespace sluice
