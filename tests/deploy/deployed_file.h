// What the tests of this folder read in deploy/: files by their lines, the rules of alerts.yml, and
// the names of metrics in whatever they ask.
#pragma once

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

inline std::string DeployedPath(const std::string& name) {
  return SLUICE_SOURCE_DIR "/deploy/" + name;
}

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::string Deployed(const std::string& name) { return ReadFile(DeployedPath(name)); }

inline std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// What stands behind `key` if the line begins with it, blanks and a list's dash aside.
inline bool TakeValue(std::string_view line, std::string_view key, std::string* value) {
  line.remove_prefix(std::min(line.size(), line.find_first_not_of(" -")));
  if (!line.starts_with(key)) return false;
  *value = line.substr(key.size());
  return true;
}

struct AlertingRule {
  std::string name;
  std::string expression;
  std::string severity;
  std::string runbook;
};

// Of prometheus/alerts.yml, in which each key has a line. Whoever calls this holds their number
// against promtool's.
inline std::vector<AlertingRule> DeployedRules() {
  std::vector<AlertingRule> rules;
  for (const std::string& line : Lines(Deployed("prometheus/alerts.yml"))) {
    std::string value;
    if (TakeValue(line, "alert: ", &value)) rules.emplace_back().name = value;
    if (rules.empty()) continue;
    if (TakeValue(line, "expr: ", &value)) rules.back().expression = value;
    if (TakeValue(line, "labels: { severity: ", &value)) {
      rules.back().severity = value.substr(0, value.find(' '));
    }
    if (TakeValue(line, "runbook: ", &value)) rules.back().runbook = value;
  }
  return rules;
}

// The lines of the fenced blocks of runbook.md that are PromQL, a query each.
inline std::vector<std::string> RunbookQueries() {
  std::vector<std::string> queries;
  bool within = false;
  for (const std::string& line : Lines(Deployed("runbook.md"))) {
    if (line.starts_with("```")) {
      within = line == "```promql";
    } else if (within) {
      queries.push_back(line);
    }
  }
  return queries;
}

// All matches of an expression with one group: what the group took.
inline std::set<std::string> FindAll(const std::string& text, const std::string& pattern) {
  std::set<std::string> found;
  const std::regex expression(pattern);
  for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end;
       ++match) {
    found.insert((*match)[1]);
  }
  return found;
}

inline std::set<std::string> MetricNames(const std::string& query) {
  return FindAll(query, R"(\b((?:sluice|process)_[a-z_]+))");
}

}  // namespace sluice
