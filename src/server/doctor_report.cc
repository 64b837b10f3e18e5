#include "server/doctor_report.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "sluice/base/utf8.h"

namespace sluice {
namespace {

constexpr std::array<Verdict, 4> kVerdicts = {Verdict::kProblem, Verdict::kWarning, Verdict::kOk,
                                              Verdict::kSkipped};
constexpr size_t kVerdictColumns = 9;  // the longest is "warning"

size_t CountOf(Verdict verdict, const Findings& findings) {
  return static_cast<size_t>(std::count_if(
      findings.begin(), findings.end(), [&](const auto& one) { return one.verdict == verdict; }));
}

std::string Member(std::string_view name, std::string_view text) {
  std::string json;
  AppendJsonString(name, SIZE_MAX, json);
  json += ':';
  AppendJsonString(text, SIZE_MAX, json);
  return json;
}

std::string PluralOf(Verdict verdict, size_t count) {
  const bool counts = verdict == Verdict::kProblem || verdict == Verdict::kWarning;
  return std::string(NameOf(verdict)) + (counts && count != 1 ? "s" : "");
}

}  // namespace

void PrintReport(const Findings& findings, std::ostream& out) {
  size_t check_columns = 0;
  for (const Finding& finding : findings) {
    check_columns = std::max(check_columns, finding.check.size() + 2);
  }
  const auto padded = [](std::string_view text, size_t columns) {
    return std::string(text) + std::string(columns - text.size(), ' ');
  };
  for (const Finding& finding : findings) {
    out << padded(NameOf(finding.verdict), kVerdictColumns) << padded(finding.check, check_columns)
        << finding.found << "\n";
    if (finding.remedy.empty()) continue;
    out << padded("", kVerdictColumns + check_columns) << "-> " << finding.remedy << "\n";
  }
  out << "sluice doctor:";
  for (const Verdict verdict : kVerdicts) {
    const size_t count = CountOf(verdict, findings);
    out << (verdict == kVerdicts.front() ? " " : ", ") << count << " " << PluralOf(verdict, count);
  }
  out << "\n";
}

void PrintJsonReport(const Findings& findings, std::ostream& out) {
  out << "{\"findings\":[";
  for (const Finding& finding : findings) {
    out << (&finding == &findings.front() ? "\n{" : ",\n{") << Member("check", finding.check) << ","
        << Member("status", NameOf(finding.verdict)) << "," << Member("found", finding.found);
    if (!finding.remedy.empty()) out << "," << Member("remedy", finding.remedy);
    if (!finding.node.empty()) out << "," << Member("node", finding.node);
    out << "}";
  }
  out << "],\n\"sum\":{";
  for (const Verdict verdict : kVerdicts) {
    out << (verdict == kVerdicts.front() ? "" : ",") << "\"" << NameOf(verdict)
        << "\":" << CountOf(verdict, findings);
  }
  out << "}}\n";
}

bool HasProblem(const Findings& findings) { return CountOf(Verdict::kProblem, findings) > 0; }

}  // namespace sluice
