// deploy/grafana, and what deploy/prometheus says of real programs: a Prometheus with the shipped
// configuration and rules (but for targets and intervals) scrapes a gate and an archive that have
// met everything, and each query of the dashboard and of the runbook has an answer.
#include <algorithm>
#include <cmath>
#include <map>

#include "deploy/deployed_file.h"
#include "deploy/watched_fixture.h"
#include "support/json.h"
#include "support/prometheus.h"

namespace sluice {
namespace {

struct Target {
  std::string panel;
  std::string expression;
};

Json Dashboard() { return Json::Parse(Deployed("grafana/dashboard.json")); }

std::vector<Target> DashboardTargets() {
  std::vector<Target> targets;
  const Json dashboard = Dashboard();
  for (const Json& panel : dashboard.Find("panels")->elements()) {
    if (panel.Find("targets") == nullptr) continue;
    for (const Json& target : panel.Find("targets")->elements()) {
      targets.push_back({panel.Text("title"), target.Text("expr")});
    }
  }
  return targets;
}

void Replace(std::string* text, const std::string& from, const std::string& to) {
  ASSERT_NE(text->find(from), text->npos) << from;
  for (size_t at = 0; (at = text->find(from, at)) != text->npos; at += to.size()) {
    text->replace(at, from.size(), to);
  }
}

// As Grafana does for "All".
std::string WithVariables(std::string expression) {
  const std::map<std::string, std::string> variables = {
      {"$__rate_interval", "1m"}, {"$instance", ".*"}, {"$archive", ".*"}};
  for (const auto& [name, value] : variables) {
    if (expression.find(name) != expression.npos) Replace(&expression, name, value);
  }
  return expression;
}

class WatchedByPrometheus : public WatchedTest {
 protected:
  // The shipped configuration, for this gate and this archive, and in a hurry.
  void StartPrometheus() {
    std::string config = Deployed("prometheus/prometheus.yml");
    Replace(&config, "127.0.0.1:9464", "127.0.0.1:" + std::to_string(gate_->admin_port()));
    Replace(&config, "127.0.0.1:9465", "127.0.0.1:" + std::to_string(archive_->admin_port()));
    Replace(&config, "interval: 15s", "interval: 250ms");
    Replace(&config, "alerts.yml", "rules.yml");
    prometheus_ = std::make_unique<Prometheus>(config, Deployed("prometheus/alerts.yml"));
  }

  // Until the query has a value, and its least one is that much.
  testing::AssertionResult WaitQuery(const std::string& expression, double value) {
    return WaitFor(
        [&] {
          const std::vector<double> values = prometheus_->Query(expression);
          return !values.empty() && *std::min_element(values.begin(), values.end()) >= value;
        },
        expression + " to be " + std::to_string(value));
  }

  // Before and after everything was sent, two scrapes each.
  void WatchEverything() {
    StartWatched();
    StartPrometheus();
    ASSERT_TRUE(WaitQuery("count(sum_over_time(up[1m]) >= 2)", 2));
    SendEverything();
    ASSERT_TRUE(WaitQuery(R"(sum(sluice_journal_records_total{event="sent"}))", 3));
    ASSERT_TRUE(WaitQuery("sum(sluice_archive_rows_total)", 5));
    ASSERT_TRUE(WaitQuery("sum(sluice_archive_dead_letters_total)", 1));
    // Series that began with the traffic have their rate from the second sample on.
    ASSERT_TRUE(WaitQuery(R"(count_over_time(sluice_http_requests_total{code!="200"}[1m]))", 2));
  }

  // "" if it has a sample that is a number; else what is wrong.
  std::string Fault(const std::string& expression) const {
    try {
      for (const double value : prometheus_->Query(expression)) {
        if (!std::isnan(value)) return "";
      }
      return "no data";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  // Every rule, evaluated at least once.
  std::vector<Json> EvaluatedRules() {
    std::vector<Json> rules;
    EXPECT_TRUE(WaitFor(
        [&] {
          rules.clear();
          const Json data = prometheus_->Rules();
          for (const Json& group : data.Find("groups")->elements()) {
            for (const Json& rule : group.Find("rules")->elements()) rules.push_back(rule);
          }
          return std::none_of(rules.begin(), rules.end(),
                              [](const Json& rule) { return rule.Text("health") == "unknown"; });
        },
        "all rules to be evaluated"));
    return rules;
  }

  std::set<std::string> Firing() {
    std::set<std::string> names;
    for (const Json& rule : EvaluatedRules()) {
      if (rule.Text("state") == "firing") names.insert(rule.Text("name"));
    }
    return names;
  }

  std::unique_ptr<Prometheus> prometheus_;
};

TEST_F(WatchedByPrometheus, EachQueryOfTheDashboardAndTheRunbookHasData) {
  ASSERT_NO_FATAL_FAILURE(WatchEverything());
  const std::vector<Target> targets = DashboardTargets();
  EXPECT_GT(targets.size(), 40u);
  for (const Target& target : targets) {
    EXPECT_EQ(Fault(WithVariables(target.expression)), "")
        << target.panel << ": " << target.expression;
  }
  const std::vector<std::string> queries = RunbookQueries();
  EXPECT_GT(queries.size(), 20u);
  for (const std::string& query : queries) EXPECT_EQ(Fault(query), "") << query;
}

TEST_F(WatchedByPrometheus, EachRuleCanBeEvaluated) {
  ASSERT_NO_FATAL_FAILURE(WatchEverything());
  const std::vector<Json> rules = EvaluatedRules();
  EXPECT_EQ(rules.size(), DeployedRules().size());
  for (const Json& rule : rules) {
    EXPECT_EQ(rule.Text("health"), "ok") << rule.Text("name") << ": " << rule.Text("lastError");
  }
  // Of all that was sent, the entry that is no row is what somebody should look at.
  const std::set<std::string> expected = {"SluiceArchiveDeadLetters"};
  EXPECT_TRUE(WaitFor([&] { return Firing() == expected; }, "that alert, and no other, to fire"));
}

TEST(GrafanaDashboard, PanelsAreWholeAndDoNotOverlap) {
  const std::set<std::string> units = {"none",  "short", "bytes", "s",
                                       "recps", "cps",   "reqps", "percentunit"};
  std::set<std::string> ids;
  std::set<std::pair<int, int>> taken;
  const Json dashboard = Dashboard();
  for (const Json& panel : dashboard.Find("panels")->elements()) {
    SCOPED_TRACE(panel.Text("title"));
    EXPECT_TRUE(ids.insert(panel.Text("id")).second);
    const Json& place = *panel.Find("gridPos");
    const int left = std::stoi(place.Text("x"));
    const int top = std::stoi(place.Text("y"));
    EXPECT_LE(left + std::stoi(place.Text("w")), 24);
    for (int x = left; x < left + std::stoi(place.Text("w")); ++x) {
      for (int y = top; y < top + std::stoi(place.Text("h")); ++y) {
        EXPECT_TRUE(taken.insert({x, y}).second) << x << ", " << y;
      }
    }
    EXPECT_NE(panel.Text("title"), "");
    if (panel.Text("type") == "row") continue;
    EXPECT_NE(panel.Text("description"), "");
    const Json& defaults = *panel.Find("fieldConfig")->Find("defaults");
    EXPECT_TRUE(units.contains(defaults.Text("unit"))) << defaults.Text("unit");
    EXPECT_FALSE(defaults.Find("thresholds")->Find("steps")->elements().empty());
    std::set<std::string> references;
    for (const Json& target : panel.Find("targets")->elements()) {
      EXPECT_TRUE(references.insert(target.Text("refId")).second);
      EXPECT_NE(target.Text("expr"), "");
      EXPECT_NE(target.Text("legendFormat"), "");
      EXPECT_EQ(target.Find("datasource")->Text("uid"), "${datasource}");
    }
    EXPECT_FALSE(references.empty());
  }
}

TEST(GrafanaDashboard, IsNobodysInParticularAndHasItsVariables) {
  const Json dashboard = Dashboard();
  EXPECT_EQ(dashboard.Text("uid"), "sluice");
  EXPECT_EQ(dashboard.Find("id")->kind(), Json::Kind::kNull);
  std::set<std::string> variables = {"__rate_interval", "__all"};  // Grafana's own
  for (const Json& variable : dashboard.Find("templating")->Find("list")->elements()) {
    variables.insert(variable.Text("name"));
  }
  for (const char* name : {"datasource", "instance", "archive"}) {
    EXPECT_TRUE(variables.contains(name)) << name;
  }
  for (const std::string& used :
       FindAll(Deployed("grafana/dashboard.json"), R"re(\$\{?([a-z_]+))re")) {
    EXPECT_TRUE(variables.contains(used)) << used;
  }
  // A rate's window is made of how often is scraped: both files must say the same.
  EXPECT_EQ(FindAll(Deployed("grafana/provisioning/datasources/prometheus.yaml"),
                    R"(timeInterval: (\w+))"),
            FindAll(Deployed("prometheus/prometheus.yml"), R"(scrape_interval: (\w+))"));
}

}  // namespace
}  // namespace sluice
