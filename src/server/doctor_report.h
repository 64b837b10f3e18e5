// The report of `sluice doctor`: a line a finding, its remedy on the next, and their sum; or the
// same as one JSON object, {"findings":[{check,status,found,remedy,node}],"sum":{...}}. Pure.
#pragma once

#include <ostream>

#include "server/doctor_finding.h"

namespace sluice {

void PrintReport(const Findings& findings, std::ostream& out);
// `remedy` and `node` only where there is one.
void PrintJsonReport(const Findings& findings, std::ostream& out);

bool HasProblem(const Findings& findings);

}  // namespace sluice
