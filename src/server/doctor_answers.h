// NodeAnswers: what one Redis says when `sluice doctor` asks it. Asking reads no record and changes
// no key: rights are asked for in a transaction that is spoilt at its beginning, so that EXEC
// cannot carry it out. (Redis counts what it refuses, and notes it in its ACL LOG.) What Redis
// refuses to say stays unsaid, and is no error.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/doctor_rights.h"
#include "sluice/base/clock.h"
#include "sluice/base/result.h"
#include "sluice/redis/blocking_link.h"

namespace sluice {

// Names and their values.
class NamedTexts {
 public:
  // INFO's lines of `name:value`.
  static NamedTexts OfInfo(std::string_view info);

  void Set(std::string_view name, std::string_view value);
  bool empty() const { return texts_.empty(); }
  bool Has(std::string_view name) const { return texts_.contains(name); }
  // Empty, or nothing, where it is not there or is none.
  std::string_view Text(std::string_view name) const;
  std::optional<int64_t> Number(std::string_view name) const;
  std::optional<double> Decimal(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> texts_;
};

struct NodeAnswers {
  uint64_t round_trip_us = 0;  // the median of some
  NamedTexts info;             // empty where it may not be asked
  int64_t asked_at_ms = 0;     // our clock, in the middle of INFO's round trip
  uint64_t info_took_us = 0;
  NamedTexts settings;           // CONFIG GET; empty where it may not be asked
  std::string settings_refusal;  // then
  std::vector<Refusal> refusals;
  std::optional<int64_t> certificate_end;  // seconds since the Unix epoch
};

// `link` is connected, and closed afterwards. An Error is the connection's end, or a Redis that
// does not keep the rules of transactions.
Result<NodeAnswers> AskNode(BlockingLink& link, const std::vector<Probe>& probes,
                            const Clock& clock);

}  // namespace sluice
