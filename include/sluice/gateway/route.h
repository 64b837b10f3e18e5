// Route: a POST path, bound to a schema and a stream. Made from the configuration; shared by all
// workers, read-only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/record/schema.h"

namespace sluice {

struct Route {
  std::string path;
  std::vector<std::string> aliases;
  uint32_t stream = 0;           // index into the sink's streams
  bool answers_at_once = false;  // ack = "memory": 202 before the store confirmed
  Schema schema;
};

}  // namespace sluice
