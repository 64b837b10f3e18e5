// A real Prometheus of a test's own, on a free loopback port, with its data in a directory that
// goes with this object, as it does. Running and ready from the constructor on, which throws with
// its own words if it does not come up.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/json.h"
#include "support/process.h"
#include "support/temp_dir.h"

namespace sluice {

class Prometheus {
 public:
  // The text of its configuration, which names the rules, if there are any, as rules.yml.
  explicit Prometheus(const std::string& config, const std::string& rules = "");

  // What an expression says now. Throws with Prometheus's words if it cannot be evaluated.
  std::vector<double> Query(const std::string& expression) const;
  // `data` of /api/v1/rules.
  Json Rules() const { return Ask("/api/v1/rules"); }

  std::string err() const { return process_->err(); }

 private:
  bool TryStart();
  bool IsReady() const;
  Json Ask(const std::string& target) const;

  TempDir dir_;
  std::string config_file_;
  uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace sluice
