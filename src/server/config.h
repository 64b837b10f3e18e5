// Every setting of both programs, with its default. Filled by config_file (TOML), environment and
// command line, in that order, each over the last; checked whole by config_file's Load; read-only
// afterwards. Sizes are bytes, times end in their unit. The table that names, parses and prints
// them is in settings.h; the README's table is checked against it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sluice/base/limits.h"
#include "sluice/record/alert_rule.h"
#include "sluice/record/schema.h"

namespace sluice {

enum class Ack : uint8_t {
  kRedis,   // answer after Redis confirmed
  kMemory,  // answer 202 at once
};

// What a stream's entry holds.
enum class EntryForm : uint8_t {
  kRecord,  // one record
  kPacked,  // all records of a request
};

struct HttpConfig {
  std::string listen = "0.0.0.0:8080";
  bool takeover = false;  // bind beside a running sluice
  uint32_t workers = 0;   // 0: the cores this process may use
  size_t body_bytes_max = kBodyBytesMax;
  size_t header_bytes_max = kHeaderBytesMax;
  uint32_t header_count_max = kHeaderCountMax;
  uint32_t connections_max = kConnectionsMax;  // of all workers together
  uint32_t address_connections_max = 0;        // of one client's address; 0: any number
  uint64_t address_records_per_second = 0;     // without a token; 0: any
  uint64_t address_bytes_per_second = 0;
  uint64_t idle_ms = kIdleMs;
  uint64_t header_ms = kHeaderMs;
  uint64_t body_ms = kBodyMs;
  uint64_t body_bytes_per_second_min = kBodyBytesPerSecondMin;
  uint64_t age_ms = kAgeMs;  // of a connection
  uint32_t pipeline_max = kPipelineMax;
  uint64_t drain_grace_ms = 0;  // told to stop: not ready, and nothing else yet
};

struct AdminConfig {
  std::string listen = "127.0.0.1:9464";
};

struct RedisConfig {
  std::string url = "redis://127.0.0.1:6379";
  std::string ca = "";  // a file, for rediss://; empty: the system's
  uint64_t connect_ms = kConnectMs;
  uint64_t reply_ms = kReplyMs;
};

struct DeliveryConfig {
  Ack ack = Ack::kRedis;
  uint64_t deadline_ms = kDeadlineMs;
  size_t inflight_bytes_max = kInflightBytesMax;  // per worker
  uint32_t window = kWindow;
  uint32_t batch_records_max = kBatchRecordsMax;
  size_t batch_bytes_max = kBatchBytesMax;
  uint64_t linger_us = 0;
  uint64_t drain_ms = kDrainMs;
  uint64_t dedupe_window_s = kDedupeWindowSeconds;
};

struct UrgentConfig {
  std::string stream = "alerts";
  uint64_t maxlen = 0;  // of that stream; 0: never trimmed
  // Of delivery.inflight_bytes_max; an eighth of it unless given.
  size_t reserve_bytes = kUrgentReserveBytes;
  size_t body_bytes_max = kUrgentBodyBytesMax;
};

struct DurabilityConfig {
  uint32_t replicas = 0;  // 0: the primary's word is enough
  uint64_t wait_ms = kReplicaWaitMs;
};

struct JournalConfig {
  std::string dir = "";                 // empty: no journal
  size_t bytes_max = kJournalBytesMax;  // of all workers together
  size_t segment_bytes = kSegmentBytes;
  uint64_t after_ms = kJournalAfterMs;
};

// Files; empty: none.
struct TlsConfig {
  std::string certificate = "";
  std::string key = "";
  std::string client_ca = "";
};

struct AuthConfig {
  std::string tokens = "";  // a file; empty: requests are anybody's
};

// Of sluice-archive alone.
struct ArchiveConfig {
  std::string database = "sqlite:archive.db";  // a URL
  std::string listen = "127.0.0.1:9465";       // its admin port
  std::string group = "sluice-archive";
  std::string consumer = "";  // empty: this host's name
  size_t rows_max = kArchiveRowsMax;
  size_t bytes_max = kArchiveBytesMax;
  uint64_t age_ms_max = kArchiveAgeMsMax;
  uint64_t claim_ms = kArchiveClaimMs;
  uint64_t retention_s = 0;  // 0: nothing is trimmed
  uint64_t drain_ms = kDrainMs;
};

struct LogConfig {
  std::string level = "info";   // debug, info, warning, error
  std::string format = "text";  // text, json
};

struct RouteConfig {
  std::string path;
  std::vector<std::string> aliases;
  std::string stream;
  Ack ack = Ack::kRedis;  // delivery.ack unless the route says otherwise
  EntryForm entry = EntryForm::kRecord;
  uint64_t maxlen = 0;                    // of each stream; 0: never trimmed
  uint32_t partitions = 0;                // 0: one stream, of the plain name
  std::vector<std::string> at_least_one;  // kept to be printed
  std::vector<std::string> identity;      // fields that tell a record from its repetition
  std::vector<AlertRule> alerts = {};
  Schema schema;
};

struct Config {
  HttpConfig http;
  AdminConfig admin;
  RedisConfig redis;
  DeliveryConfig delivery;
  UrgentConfig urgent;
  DurabilityConfig durability;
  JournalConfig journal;
  TlsConfig tls;
  AuthConfig auth;
  ArchiveConfig archive;
  LogConfig log;
  std::vector<RouteConfig> routes;  // the two shipped ones unless the file has any
};

}  // namespace sluice
