// For the tests of pages in Prometheus' text format: one value of a page, and what promtool says.
#pragma once

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "support/temp_dir.h"

namespace sluice {

// The value after `series` (name and labels, exactly), or "absent".
inline std::string ValueOn(const std::string& page, const std::string& series) {
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(series + " ")) return line.substr(series.size() + 1);
  }
  return "absent";
}

// Empty if it finds nothing to say and leaves with 0.
inline std::string PromtoolsComplaint(const std::string& page) {
  const TempDir dir;
  FILE* promtool =
      popen(("promtool check metrics <" + dir.Write("page", page) + " 2>&1").c_str(), "r");
  if (promtool == nullptr) return "promtool could not be run";
  std::string complaint(4096, '\0');
  complaint.resize(fread(complaint.data(), 1, complaint.size(), promtool));
  const int status = pclose(promtool);
  return status == 0 ? complaint : complaint + " (status " + std::to_string(status) + ")";
}

}  // namespace sluice
