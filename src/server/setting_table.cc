#include "server/setting_table.h"

#include <array>
#include <string_view>

#include "sluice/base/limits.h"

namespace sluice {
namespace {

using enum SettingKind;
using Place = SettingPlace;

constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2> kFormats = {"text", "json"};

constexpr int64_t kTextBytesMax = 1'024;  // of an address or URL
constexpr int64_t kInflightBytesMost = 65'536 * kMiB;
constexpr int64_t kMaxlenMax = 1'000'000'000'000'000;
constexpr int64_t kMinuteMs = 60'000;
constexpr int64_t kHourMs = 60 * kMinuteMs;
constexpr int64_t kDayMs = 24 * kHourMs;
constexpr int64_t kDaySeconds = 86'400;

// One setting, three lines: what and where, bounds, meaning.
// clang-format off
constexpr Setting kSettings[] = {
    {"http", "listen", kAddress, [](Config& c) -> Place { return &c.http.listen; },
     1, kTextBytesMax, {},
     "address and port for devices"},
    {"http", "takeover", kSwitch, [](Config& c) -> Place { return &c.http.takeover; },
     0, 0, {},
     "take the ports over from a running sluice: listen beside it until it has drained"},
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
    {"http", "address_connections_max", kInteger,
     [](Config& c) -> Place { return &c.http.address_connections_max; },
     0, 1'000'000, {},
     "most open connections of one IPv4 address or IPv6 /64; further ones are answered 429; 0: any"},
    {"http", "address_records_per_second", kInteger,
     [](Config& c) -> Place { return &c.http.address_records_per_second; },
     0, 1'000'000'000, {},
     "records of one IPv4 address or IPv6 /64 without a token; more are answered 429; 0: any"},
    {"http", "address_bytes_per_second", kInteger,
     [](Config& c) -> Place { return &c.http.address_bytes_per_second; },
     0, 1'000'000'000, {},
     "bytes of bodies of one IPv4 address or IPv6 /64 without a token; more: 429; 0: any"},
    {"http", "idle_ms", kMs, [](Config& c) -> Place { return &c.http.idle_ms; },
     1, kDayMs, {},
     "a connection without a request is closed after this time"},
    {"http", "header_ms", kMs, [](Config& c) -> Place { return &c.http.header_ms; },
     1, kHourMs, {},
     "time for a request's head, from its first byte; late ones are answered 408"},
    {"http", "body_ms", kMs, [](Config& c) -> Place { return &c.http.body_ms; },
     1, kHourMs, {},
     "time for a request's body, from the end of its head; late ones are answered 408"},
    {"http", "body_bytes_per_second_min", kInteger,
     [](Config& c) -> Place { return &c.http.body_bytes_per_second_min; },
     0, 1'000'000, {},
     "a body that comes slower, after 5 seconds, is answered 408; 0: any rate will do"},
    {"http", "age_ms", kMs, [](Config& c) -> Place { return &c.http.age_ms; },
     0, 30 * kDayMs, {},
     "a connection as old, or up to a fifth younger, ends with its next answer; 0: at no age"},
    {"http", "pipeline_max", kInteger, [](Config& c) -> Place { return &c.http.pipeline_max; },
     1, 1'024, {},
     "answers that a connection may be owed before no more of it is read"},
    {"http", "drain_grace_ms", kMs, [](Config& c) -> Place { return &c.http.drain_grace_ms; },
     0, 10 * kMinuteMs, {},
     "told to stop: /readyz is 503 for so long, and all else goes on, before the drain begins"},

    {"admin", "listen", kSocketAddress, [](Config& c) -> Place { return &c.admin.listen; },
     1, kTextBytesMax, {},
     "address and port, or unix:///path, for /metrics, /healthz and /readyz"},

    {"redis", "url", kUrl, [](Config& c) -> Place { return &c.redis.url; },
     0, kTextBytesMax, {},
     "redis[s]://[user:pass@]host:port[/db], redis+cluster://, redis+sentinel:// or unix:///path; "
     "empty: none, the journal alone stores"},
    {"redis", "ca", kPath, [](Config& c) -> Place { return &c.redis.ca; },
     0, kTextBytesMax, {},
     "file of certificates that a rediss:// server must have its own from; empty: the system's"},
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
     4 * kKiB, kInflightBytesMost, {},
     "bytes of each worker taken and not yet settled; beyond it requests are shed"},
    {"delivery", "window", kInteger, [](Config& c) -> Place { return &c.delivery.window; },
     1, kLedgerSlots, {},
     "batches that each lane may have sent and Redis not yet confirmed; at most 16"},
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
    {"delivery", "dedupe_window_s", kSeconds,
     [](Config& c) -> Place { return &c.delivery.dedupe_window_s; },
     1, kDaySeconds, {},
     "how long a request's Idempotency-Key and a record's identity are remembered"},

    {"urgent", "stream", kText, [](Config& c) -> Place { return &c.urgent.stream; },
     1, kStreamNameBytesMax, {},
     "the stream of all routes' alerts"},
    {"urgent", "maxlen", kInteger, [](Config& c) -> Place { return &c.urgent.maxlen; },
     0, kMaxlenMax, {},
     "trim that stream to about this many alerts; 0: never"},
    {"urgent", "reserve_bytes", kSize,
     [](Config& c) -> Place { return &c.urgent.reserve_bytes; },
     0, kInflightBytesMost / 2, {},
     "of delivery.inflight_bytes_max, an eighth unless given: only requests with alerts may use it"},
    {"urgent", "body_bytes_max", kSize,
     [](Config& c) -> Place { return &c.urgent.body_bytes_max; },
     1, 256 * kMiB, {},
     "beyond the other requests' part, bodies up to this are read to see whether they raise alerts"},

    {"durability", "replicas", kInteger,
     [](Config& c) -> Place { return &c.durability.replicas; },
     0, 64, {},
     "replicas of Redis that must have a record before it is answered 200 (WAIT); 0: none is asked"},
    {"durability", "wait_ms", kMs, [](Config& c) -> Place { return &c.durability.wait_ms; },
     1, 10 * kMinuteMs, {},
     "how long replicas are waited for; fewer by then is answered 503, outcome unknown"},

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

    {"tls", "certificate", kPath, [](Config& c) -> Place { return &c.tls.certificate; },
     0, kTextBytesMax, {},
     "file of the certificate for http.listen and its chain (PEM); empty: plain HTTP"},
    {"tls", "key", kPath, [](Config& c) -> Place { return &c.tls.key; },
     0, kTextBytesMax, {},
     "file of its private key (PEM)"},
    {"tls", "client_ca", kPath, [](Config& c) -> Place { return &c.tls.client_ca; },
     0, kTextBytesMax, {},
     "file of certificates that clients must have theirs from (PEM); empty: clients need none"},
    {"auth", "tokens", kPath, [](Config& c) -> Place { return &c.auth.tokens; },
     0, kTextBytesMax, {},
     "file of tokens, one of which each request must carry; read again on SIGHUP; empty: none must"},

    {"archive", "database", kUrl, [](Config& c) -> Place { return &c.archive.database; },
     1, kTextBytesMax, {},
     "where rows go: sqlite:path, or postgresql:// or mariadb:// with [user:pass@]host[:port]/name"},
    {"archive", "listen", kSocketAddress, [](Config& c) -> Place { return &c.archive.listen; },
     1, kTextBytesMax, {},
     "address and port, or unix:///path, of sluice-archive's own admin port"},
    {"archive", "group", kText, [](Config& c) -> Place { return &c.archive.group; },
     1, kStreamNameBytesMax, {},
     "the consumer group of each stream; archives of one group share its entries"},
    {"archive", "consumer", kText, [](Config& c) -> Place { return &c.archive.consumer; },
     0, kStreamNameBytesMax, {},
     "what this archive is called in its group, unlike any other; empty: this host's name"},
    {"archive", "rows_max", kInteger, [](Config& c) -> Place { return &c.archive.rows_max; },
     1, 100'000, {},
     "a batch with so many rows is inserted"},
    {"archive", "bytes_max", kSize, [](Config& c) -> Place { return &c.archive.bytes_max; },
     1 * kKiB, 1'024 * kMiB, {},
     "a batch with so many bytes is inserted"},
    {"archive", "age_ms_max", kMs, [](Config& c) -> Place { return &c.archive.age_ms_max; },
     0, kHourMs, {},
     "a batch whose first row has waited for so long is inserted; 0: none waits"},
    {"archive", "claim_ms", kMs, [](Config& c) -> Place { return &c.archive.claim_ms; },
     1, kDayMs, {},
     "entries that another archive has had for so long are taken over"},
    {"archive", "retention_s", kSeconds, [](Config& c) -> Place { return &c.archive.retention_s; },
     0, 3'650 * kDaySeconds, {},
     "archived entries older than this are trimmed from their stream; 0: none is"},
    {"archive", "drain_ms", kMs, [](Config& c) -> Place { return &c.archive.drain_ms; },
     1, kHourMs, {},
     "time for the batches in hand when leaving on SIGTERM"},

    {"log", "level", kChoice, [](Config& c) -> Place { return &c.log.level; },
     0, 0, kLevels,
     "what is logged: debug, info, warning or error, and all above it"},
    {"log", "format", kChoice, [](Config& c) -> Place { return &c.log.format; },
     0, 0, kFormats,
     "text for people, json for machines"},
};
// clang-format on

}  // namespace

std::span<const Setting> SettingTable() { return kSettings; }

}  // namespace sluice
