// Finding: what `sluice doctor` says of one thing that it has looked at. Its texts are one line
// each and hold no secret: what others say (Redis, files) goes through OneLine first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

enum class Verdict : uint8_t {
  kOk,
  kWarning,  // works, and may not for long, or not as well as it could
  kProblem,  // loses records, refuses them, or does not start
  kSkipped,  // could not be looked at, or there is nothing to look at
};

inline constexpr std::string_view NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kProblem:
      return "problem";
    case Verdict::kSkipped:
      break;
  }
  return "skipped";
}

struct Finding {
  Verdict verdict;
  std::string check;        // what was looked at: "redis memory"
  std::string found;        // or, of one that was skipped, why
  std::string remedy = {};  // of a warning or a problem: names the setting, ours or Redis's
  std::string node = {};    // where, of what was found in a Redis
};

using Findings = std::vector<Finding>;

inline void Append(Findings more, Findings& to) {
  for (Finding& finding : more) to.push_back(std::move(finding));
}

}  // namespace sluice
