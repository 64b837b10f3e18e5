// What one worker counts. Written by that worker alone, read by any scrape (see counter.h), so it
// lives in base: gateway and redis write it, metrics reads it, and none of them knows the others.
// One WorkerStats per worker, made before its thread starts and destroyed after it ended.
//
// The ledger at exit is made of these: accepted = stored + refused + unknown.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "sluice/base/counter.h"
#include "sluice/base/histogram.h"
#include "sluice/base/lane_kind.h"
#include "sluice/base/limits.h"

namespace sluice {

inline constexpr std::array<uint64_t, 18> kSecondsBoundsNs = {
    50'000,      100'000,       200'000,       500'000,       1'000'000,      2'000'000,
    5'000'000,   10'000'000,    20'000'000,    50'000'000,    100'000'000,    200'000'000,
    500'000'000, 1'000'000'000, 2'000'000'000, 5'000'000'000, 10'000'000'000, 30'000'000'000};
inline constexpr std::array<uint64_t, 14> kBatchRecordsBounds = {
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1'000, 2'000, 5'000, 10'000, 20'000};

enum class ShedReason : uint8_t { kMemory, kConnections, kAddressConnections };
inline constexpr size_t kShedReasons = 3;

// Why a request was not its sender's to make: no credentials, or some that are not known; a route
// or a record's key that its token does not allow.
enum class AuthFailure : uint8_t { kMissing, kUnknown, kRoute, kKey };
inline constexpr size_t kAuthFailures = 4;

enum class RateKind : uint8_t { kTokenRecords, kTokenBytes, kAddressRecords, kAddressBytes };
inline constexpr size_t kRateKinds = 4;

inline constexpr size_t kRedirectKinds = 3;  // moved, ask, wait

struct RouteStats {
  static constexpr size_t kCodes = 600;
  std::array<Counter, kCodes> requests;  // by status code of the answer
  Counter records_accepted;
  Counter records_stored;
  Counter records_refused;
  Counter records_unknown;
  Counter records_repeated;  // of the stored: those that were stored before, and not again
  std::array<Counter, kAlertRulesMax> alerts;  // raised, by the route's rules in order
  Histogram request_ns{kSecondsBoundsNs};      // head read to answer handed to the socket
};

struct JournalStats {
  Gauge bytes;  // of batches on disk that Redis does not have yet
  Counter batches_written;
  Counter records_written;  // durable
  Counter records_sent;     // released: Redis has them
  Counter records_set_aside;
  Counter failures;       // batches and syncs that the disk or the quota refused, and the like
  Counter damaged_bytes;  // found so, and kept aside
  Histogram sync_ns{kSecondsBoundsNs};
};

// Of a worker's lanes of one kind, their links, and their journal if they have one.
struct LaneStats {
  explicit LaneStats(LaneKind lane_kind) : kind(lane_kind) {}

  bool all_redis_up() const { return redis_up.value() == lanes.value(); }
  // One that cannot store, whose slot is on the way or whose node is failing over, is no reason to
  // send all of a gate's devices elsewhere: there it is the same.
  bool any_store_up() const { return store_up.value() > 0; }

  const LaneKind kind;
  Gauge lanes;     // how many there are, of which
  Gauge redis_up;  // have a link that can carry batches, and
  Gauge store_up;  // can store them: in Redis, or in the journal
  Counter redis_reconnects;
  std::array<Counter, kRedirectKinds> redirects;  // of lanes, by redis/redirect.h's kinds
  Counter node_maps;                              // how often the nodes were learned
  Histogram batch_records{kBatchRecordsBounds};
  Histogram commit_ns{kSecondsBoundsNs};  // batch sent to EXEC's reply
  JournalStats journal;
};

// Alerts as their own lane settled them, whatever became of their requests.
struct AlertStats {
  Counter stored;
  Counter refused;
  Counter unknown;
  Histogram confirm_ns{kSecondsBoundsNs};  // request read to Redis's confirmation
};

// Handshakes of devices, by how they ended.
struct TlsStats {
  Counter ok;       // in full
  Counter resumed;  // of an earlier session
  Counter failed;
};

struct alignas(64) WorkerStats {
  explicit WorkerStats(size_t route_count, bool has_urgent_lane = false) {
    for (size_t i = 0; i <= route_count; ++i) routes.emplace_back();
    if (has_urgent_lane) lanes.emplace_back(LaneKind::kUrgent);
    lanes.emplace_back(LaneKind::kBulk);
  }
  WorkerStats(const WorkerStats&) = delete;
  WorkerStats& operator=(const WorkerStats&) = delete;

  // Requests that met no route count in the last element.
  RouteStats& unmatched() { return routes.back(); }
  LaneStats& urgent() { return lanes.front(); }  // where there is one
  LaneStats& bulk() { return lanes.back(); }

  // Deques, since counters do not move.
  std::deque<RouteStats> routes;  // by route index
  std::deque<LaneStats> lanes;    // the urgent one where there is one, and the bulk one
  std::array<Counter, kShedReasons> shed;
  std::array<Counter, kAuthFailures> auth_failures;
  std::array<Counter, kRateKinds> rate_limited;  // requests answered 429
  AlertStats alerts;
  TlsStats tls;
  Gauge inflight_bytes;  // taken and not yet settled
  Gauge connections;
};

}  // namespace sluice
