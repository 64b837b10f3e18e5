// Route: a POST path, bound to a schema, a stream and alert rules. Made from the configuration;
// shared by all workers, read-only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/record/alert_rule.h"
#include "sluice/record/schema.h"

namespace sluice {

struct Route {
  std::string path;
  std::vector<std::string> aliases;
  uint32_t stream = 0;                 // index into the sink's streams
  bool answers_at_once = false;        // ack = "memory": 202 before the store confirmed
  std::vector<AlertRule> alerts = {};  // in the order of the sink's alert_rules
  Schema schema;
};

}  // namespace sluice
