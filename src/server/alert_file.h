// Reads the alert rules of one [[route]] of a configuration file. What is wrong goes to `errors`,
// with the rule's name where it has one; the rules are complete only if they stay without one. At
// most kAlertRulesMax rules; a rule is one that some sound record meets and, if it is a pair of
// bounds, that some does not.
#pragma once

#include <vector>

#include "server/toml_table.h"
#include "sluice/record/alert_rule.h"
#include "sluice/record/schema.h"

namespace sluice {

// `route` is the route's table, `schema` what its fields made.
std::vector<AlertRule> ReadAlerts(const TomlTable& route, const Schema& schema, TomlErrors& errors);

}  // namespace sluice
