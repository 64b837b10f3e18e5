// StreamGroup: one stream as one consumer of its group sees it, in Redis's commands. Each call
// asks over the link and waits; an Error means that Redis is away or refuses, and nothing more is
// known of what the call did. The dead-letter stream of a stream `s` is `s:dead`, in
// a cluster `{s}:dead`, unless the name has a hash tag already: both must have one slot.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "archive/entry.h"
#include "sluice/base/result.h"
#include "sluice/redis/blocking_link.h"

namespace sluice {

// An entry's id: milliseconds, and a number within them.
struct EntryId {
  uint64_t ms = 0;
  uint64_t sequence = 0;

  auto operator<=>(const EntryId&) const = default;
  std::string ToString() const;
  static EntryId Parse(std::string_view text);  // as Redis writes it; 0-0 if it is none
};

struct EntriesRead {
  std::vector<Entry> entries;
  std::vector<std::string> gone;  // ids that were delivered, and are in the stream no more
  std::string next;               // where the next call goes on; "0-0" of Claim: at the end
};

struct GroupLag {
  // Not acknowledged, `pending` among them. At least: where Redis cannot tell, 100 are counted.
  uint64_t entries = 0;
  uint64_t pending = 0;    // delivered to some consumer
  uint64_t oldest_ms = 0;  // age of the oldest entry that is not acknowledged; 0: there is none
};

class StreamGroup {
 public:
  StreamGroup(BlockingLink& link, std::string stream, std::string group, std::string consumer);

  // Makes the group, from the stream's first entry on, and the stream, unless they are there.
  Status Ensure();
  // Entries never delivered to anybody; waits for the first of them, `block_ms` (0: not at all).
  Result<EntriesRead> ReadNew(size_t count, uint64_t block_ms);
  // Behind `after`, entries that this consumer was given and has not acknowledged.
  Result<EntriesRead> ReadPending(const std::string& after, size_t count);
  // From `from` on, entries that another had for `idle_ms`; they are this consumer's afterwards.
  Result<EntriesRead> Claim(const std::string& from, size_t count, uint64_t idle_ms);

  const std::string& dead_stream() const { return dead_stream_; }

  Status Acknowledge(std::span<const std::string> ids);
  // Adds the letters to the dead-letter stream and acknowledges the entry, unless that was done
  // before; how many were written. So a letter is written once however often this is asked. One
  // with thousands of fields says in `fields_cut` how many it lacks; the entry has them.
  Result<size_t> Bury(const std::string& id, std::span<const DeadLetter> letters);

  Result<uint64_t> NowMs();  // Redis's clock, as entries' ids have it
  Result<GroupLag> Lag();
  // Trims what every group of the stream has acknowledged and is older than that; how many entries
  // that were. Nothing that is pending anywhere, or that a group has not been given yet.
  Result<uint64_t> TrimArchived(uint64_t retention_s);

 private:
  Result<ReplyValue> Ask(std::span<const std::string_view> words, uint64_t blocks_ms = 0);
  Result<ReplyValue> Ask(std::initializer_list<std::string_view> words, uint64_t blocks_ms = 0) {
    return Ask(std::span(words.begin(), words.size()), blocks_ms);
  }
  Result<EntriesRead> ReadGroup(const std::string& id, size_t count, uint64_t block_ms);
  const ReplyValue* FindGroup(const ReplyValue& groups) const;  // ours; null: there is none
  // The lowest id that the group `name` has not acknowledged; 0-0: none is pending.
  Result<EntryId> LowestPending(const std::string& name);

  BlockingLink& link_;
  const std::string stream_;
  const std::string dead_stream_;
  const std::string group_;
  const std::string consumer_;
};

}  // namespace sluice
