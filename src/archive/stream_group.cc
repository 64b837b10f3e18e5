#include "archive/stream_group.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "sluice/base/clock.h"
#include "sluice/redis/hash_slot.h"

namespace sluice {
namespace {

constexpr size_t kIdsPerCommand = 1'000;
// Where Redis cannot tell how many entries a group is behind (some between were deleted), so many
// are counted at most: they come with all their fields.
constexpr size_t kLagCountedMax = 100;
// A letter's fields go through Lua's stack, which has 8,000 places.
constexpr size_t kLetterFieldsMax = 3'900;
// XTRIM takes 100 nodes off at most each time, so as not to hold up Redis.
constexpr int kTrimsMax = 100;

// KEYS: stream, dead letters. ARGV: group, id, then for each letter how many words it has, and
// these. Acknowledged last: Redis undoes nothing when a command fails, and then the entry is still
// pending and all of it may be done again.
constexpr std::string_view kBuryScript = R"(
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then return 0 end
local at = 3
local letters = 0
while ARGV[at] do
  local count = tonumber(ARGV[at])
  redis.call('XADD', KEYS[2], '*', unpack(ARGV, at + 1, at + count))
  at = at + 1 + count
  letters = letters + 1
end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return letters
)";

Error Unexpected(std::string_view command) {
  return Error{"Redis answered " + std::string(command) + " with what it does not say"};
}

// [id, [name, value, ...]], or [id, nil] of an entry that is there no more; false: neither.
bool TakeEntry(ReplyValue& value, EntriesRead& read) {
  if (!value.is_array(2)) return false;
  std::string id = std::move(value.elements[0].text);
  read.next = id;
  ReplyValue& fields = value.elements[1];
  if (fields.kind == ReplyValue::Kind::kNil) {
    read.gone.push_back(std::move(id));
    return true;
  }
  if (!fields.is_array() || fields.elements.size() % 2 != 0) return false;
  Entry& entry = read.entries.emplace_back(Entry{std::move(id), {}});
  entry.fields.reserve(fields.elements.size() / 2);
  for (size_t i = 0; i < fields.elements.size(); i += 2) {
    entry.fields.emplace_back(std::move(fields.elements[i].text),
                              std::move(fields.elements[i + 1].text));
  }
  return true;
}

bool TakeEntries(ReplyValue& list, EntriesRead& read) {
  return list.is_array() &&
         std::all_of(list.elements.begin(), list.elements.end(),
                     [&read](ReplyValue& entry) { return TakeEntry(entry, read); });
}

uint64_t IntegerOf(const ReplyValue* value) {
  return value != nullptr && value->integer > 0 ? static_cast<uint64_t>(value->integer) : 0;
}

std::string DeadStream(const std::string& stream, bool in_cluster) {
  const bool has_tag = HashTag(stream) != stream;
  return (in_cluster && !has_tag ? "{" + stream + "}" : stream) + ":dead";
}

}  // namespace

std::string EntryId::ToString() const {
  return std::to_string(ms) + "-" + std::to_string(sequence);
}

EntryId EntryId::Parse(std::string_view text) {
  EntryId id;
  const char* end = text.data() + text.size();
  const auto [dash, error] = std::from_chars(text.data(), end, id.ms);
  if (error != std::errc() || dash == end || *dash != '-') return {};
  const auto [rest, second] = std::from_chars(dash + 1, end, id.sequence);
  return second == std::errc() && rest == end ? id : EntryId();
}

StreamGroup::StreamGroup(BlockingLink& link, std::string stream, std::string group,
                         std::string consumer)
    : link_(link),
      stream_(std::move(stream)),
      dead_stream_(DeadStream(stream_, link.in_cluster())),
      group_(std::move(group)),
      consumer_(std::move(consumer)) {}

Result<ReplyValue> StreamGroup::Ask(std::span<const std::string_view> words, uint64_t blocks_ms) {
  Result<ReplyValue> reply = link_.Do(words, blocks_ms);
  if (!reply || !reply.value().is_error()) return reply;
  return Error{"Redis refused " + std::string(words.front()) + ": " + reply.value().text};
}

Status StreamGroup::Ensure() {
  // Asked first: a Redis that is full refuses to create even what is there, and reading and
  // trimming are what makes room.
  const auto groups = link_.Do({"XINFO", "GROUPS", stream_});
  if (!groups) return Error{groups.error()};
  if (FindGroup(groups.value()) != nullptr) return {};
  const auto reply = link_.Do({"XGROUP", "CREATE", stream_, group_, "0", "MKSTREAM"});
  if (!reply) return Error{reply.error()};
  if (!reply.value().is_error() || reply.value().text.starts_with("BUSYGROUP")) return {};
  return Error{"Redis refused XGROUP CREATE: " + reply.value().text};
}

Result<EntriesRead> StreamGroup::ReadNew(size_t count, uint64_t block_ms) {
  return ReadGroup(">", count, block_ms);
}

Result<EntriesRead> StreamGroup::ReadPending(const std::string& after, size_t count) {
  return ReadGroup(after, count, 0);
}

Result<EntriesRead> StreamGroup::ReadGroup(const std::string& id, size_t count, uint64_t block_ms) {
  const std::string count_text = std::to_string(count);
  const std::string block_text = std::to_string(block_ms);
  std::vector<std::string_view> words = {"XREADGROUP", "GROUP", group_,
                                         consumer_,    "COUNT", count_text};
  if (block_ms > 0) words.insert(words.end(), {"BLOCK", block_text});
  words.insert(words.end(), {"STREAMS", stream_, id});
  Result<ReplyValue> reply = Ask(words, block_ms);
  if (!reply) return Error{reply.error()};
  EntriesRead read;
  if (reply.value().kind == ReplyValue::Kind::kNil) return read;  // nothing came
  // [[stream, [entry, ...]]]
  if (!reply.value().is_array(1) || !reply.value().elements[0].is_array(2) ||
      !TakeEntries(reply.value().elements[0].elements[1], read)) {
    return Unexpected("XREADGROUP");
  }
  return read;
}

Result<EntriesRead> StreamGroup::Claim(const std::string& from, size_t count, uint64_t idle_ms) {
  Result<ReplyValue> reply = Ask({"XAUTOCLAIM", stream_, group_, consumer_, std::to_string(idle_ms),
                                  from, "COUNT", std::to_string(count)});
  if (!reply) return Error{reply.error()};
  EntriesRead read;
  std::vector<ReplyValue>& parts = reply.value().elements;  // next, entries, and ids that are gone
  if (!reply.value().is_array(2) || !TakeEntries(parts[1], read)) return Unexpected("XAUTOCLAIM");
  if (parts.size() > 2) {
    for (ReplyValue& id : parts[2].elements) read.gone.push_back(std::move(id.text));
  }
  read.next = std::move(parts[0].text);
  return read;
}

Status StreamGroup::Acknowledge(std::span<const std::string> ids) {
  while (!ids.empty()) {
    const auto some = ids.first(std::min(ids.size(), kIdsPerCommand));
    std::vector<std::string_view> words = {"XACK", stream_, group_};
    words.insert(words.end(), some.begin(), some.end());
    const auto reply = Ask(words);
    if (!reply) return Error{reply.error()};
    ids = ids.subspan(some.size());
  }
  return {};
}

Result<size_t> StreamGroup::Bury(const std::string& id, std::span<const DeadLetter> letters) {
  std::vector<std::string> counts;  // these stay where they are
  counts.reserve(2 * letters.size());
  std::vector<std::string_view> words = {"EVAL",       kBuryScript, "2", stream_,
                                         dead_stream_, group_,      id};
  for (const DeadLetter& letter : letters) {
    const size_t fields = std::min(letter.fields.size(), kLetterFieldsMax);
    const size_t cut = letter.fields.size() - fields;
    words.push_back(counts.emplace_back(std::to_string((cut > 0 ? 6 : 4) + 2 * fields)));
    words.insert(words.end(), {"entry_id", letter.entry_id, "reason", letter.reason});
    if (cut > 0)
      words.insert(words.end(), {"fields_cut", counts.emplace_back(std::to_string(cut))});
    for (const auto& [name, value] : std::span(letter.fields).first(fields)) {
      words.insert(words.end(), {name, value});
    }
  }
  const auto reply = Ask(words);
  if (!reply) return Error{reply.error()};
  return static_cast<size_t>(reply.value().integer);
}

const ReplyValue* StreamGroup::FindGroup(const ReplyValue& groups) const {
  const auto& list = groups.elements;
  const auto ours = std::find_if(list.begin(), list.end(), [this](const ReplyValue& group) {
    const ReplyValue* name = group.Find("name");
    return name != nullptr && name->text == group_;
  });
  return ours == list.end() ? nullptr : &*ours;
}

Result<uint64_t> StreamGroup::NowMs() {
  const auto reply = Ask({"TIME"});
  if (!reply) return Error{reply.error()};
  if (!reply.value().is_array(2)) return Unexpected("TIME");
  const auto number = [&reply](size_t i) {
    const std::string& text = reply.value().elements[i].text;
    uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  return number(0) * kMsPerSecond + number(1) / 1'000;
}

Result<EntryId> StreamGroup::LowestPending(const std::string& name) {
  const auto reply = Ask({"XPENDING", stream_, name});
  if (!reply) return Error{reply.error()};
  if (!reply.value().is_array(2)) return Unexpected("XPENDING");
  return EntryId::Parse(reply.value().elements[1].text);  // nil when none is pending
}

Result<GroupLag> StreamGroup::Lag() {
  const auto groups = Ask({"XINFO", "GROUPS", stream_});
  if (!groups) return Error{groups.error()};
  const ReplyValue* ours = FindGroup(groups.value());
  if (ours == nullptr) return Error{"the group " + group_ + " is gone"};
  const ReplyValue* delivered = ours->Find("last-delivered-id");
  const ReplyValue* lag = ours->Find("lag");
  if (delivered == nullptr) return Unexpected("XINFO GROUPS");

  GroupLag found{.pending = IntegerOf(ours->Find("pending"))};
  const bool is_counted = lag != nullptr && lag->kind == ReplyValue::Kind::kInteger;
  uint64_t undelivered = IntegerOf(lag);
  EntryId oldest;
  if (found.pending > 0) {
    const auto lowest = LowestPending(group_);
    if (!lowest) return Error{lowest.error()};
    oldest = lowest.value();
  }
  if (!is_counted || (found.pending == 0 && undelivered > 0)) {
    const std::string count = std::to_string(is_counted ? 1 : kLagCountedMax);
    const auto behind = Ask({"XRANGE", stream_, "(" + delivered->text, "+", "COUNT", count});
    if (!behind) return Error{behind.error()};
    const auto& entries = behind.value().elements;
    if (!is_counted) undelivered = entries.size();
    if (found.pending == 0 && !entries.empty() && entries.front().is_array(1)) {
      oldest = EntryId::Parse(entries.front().elements[0].text);
    }
  }
  found.entries = found.pending + undelivered;
  if (oldest == EntryId()) return found;
  const auto now_ms = NowMs();
  if (!now_ms) return Error{now_ms.error()};
  found.oldest_ms = now_ms.value() - std::min(oldest.ms, now_ms.value());
  return found;
}

Result<uint64_t> StreamGroup::TrimArchived(uint64_t retention_s) {
  const auto now_ms = NowMs();
  if (!now_ms) return Error{now_ms.error()};
  EntryId keep{.ms = now_ms.value() - std::min(retention_s * kMsPerSecond, now_ms.value())};
  const auto groups = Ask({"XINFO", "GROUPS", stream_});
  if (!groups) return Error{groups.error()};
  // What a group has not acknowledged only grows at its end, so what is found here stays true.
  for (const ReplyValue& group : groups.value().elements) {
    const ReplyValue* name = group.Find("name");
    const ReplyValue* delivered = group.Find("last-delivered-id");
    if (name == nullptr || delivered == nullptr) return Unexpected("XINFO GROUPS");
    const auto lowest = LowestPending(name->text);
    if (!lowest) return Error{lowest.error()};
    const EntryId unread = EntryId::Parse(delivered->text);
    keep = std::min(keep, lowest.value() == EntryId() ? unread : lowest.value());
  }
  uint64_t count = 0;
  for (int i = 0; i < kTrimsMax; ++i) {
    const auto trimmed = Ask({"XTRIM", stream_, "MINID", "~", keep.ToString()});
    if (!trimmed) return Error{trimmed.error()};
    if (IntegerOf(&trimmed.value()) == 0) break;
    count += IntegerOf(&trimmed.value());
  }
  return count;
}

}  // namespace sluice
