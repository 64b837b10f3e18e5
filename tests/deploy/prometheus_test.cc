// deploy/prometheus and deploy/runbook.md: promtool takes them, each alert is shown to fire and not
// to, and has a section in the runbook; and what either names exists.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "deploy/deployed_file.h"
#include "deploy/watched_fixture.h"
#include "support/process.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;
using testing::UnorderedElementsAreArray;

// Standard output, of a run that must succeed.
std::string Promtool(const std::vector<std::string>& args) {
  std::vector<std::string> command = {"promtool"};
  command.insert(command.end(), args.begin(), args.end());
  Process promtool({.args = command, .environment = {}});
  EXPECT_EQ(promtool.WaitExit(), 0) << promtool.out() << promtool.err();
  return promtool.out();
}

// A case of alerts_test.yml: its name, which alert it asks for, and whether it expects it.
struct AlertCase {
  std::string name;
  std::string alert;
  bool fires = false;
};

std::vector<AlertCase> AlertCases() {
  std::vector<AlertCase> cases;
  for (const std::string& line : Lines(Deployed("prometheus/alerts_test.yml"))) {
    std::string value;
    if (TakeValue(line, "name: ", &value)) cases.emplace_back().name = value;
    if (TakeValue(line, "alertname: ", &value)) cases.back().alert = value;
    if (TakeValue(line, "exp_labels: ", &value)) cases.back().fires = true;
  }
  return cases;
}

TEST(PrometheusFiles, PromtoolTakesTheConfigurationAndTheRules) {
  Promtool(
      {"check", "config", "--lint=all", "--lint-fatal", DeployedPath("prometheus/prometheus.yml")});
  const std::string said =
      Promtool({"check", "rules", "--lint-fatal", DeployedPath("prometheus/alerts.yml")});
  EXPECT_THAT(said, HasSubstr(std::to_string(DeployedRules().size()) + " rules found"));
}

TEST(PrometheusFiles, EachAlertFiresInOneCaseAndNotInAnother) {
  Promtool({"test", "rules", DeployedPath("prometheus/alerts_test.yml")});
  std::map<std::string, std::vector<bool>> cases;
  for (const AlertCase& one : AlertCases()) {
    EXPECT_THAT(one.name, HasSubstr(one.alert + (one.fires ? " fires" : " is quiet: ")));
    cases[one.alert].push_back(one.fires);
  }
  for (const AlertingRule& rule : DeployedRules()) {
    EXPECT_EQ(cases[rule.name], (std::vector<bool>{true, false})) << rule.name;
  }
  EXPECT_EQ(cases.size(), DeployedRules().size());
}

TEST(PrometheusFiles, EachAlertHasASeverityAndASectionInTheRunbook) {
  std::set<std::string> named;
  for (const AlertingRule& rule : DeployedRules()) {
    named.insert(rule.name);
    EXPECT_THAT(rule.severity, AnyOf("critical", "warning")) << rule.name;
    std::string anchor;  // as a heading's is made: in small letters
    for (const char c : rule.name) anchor += static_cast<char>(std::tolower(c));
    EXPECT_EQ(rule.runbook, "deploy/runbook.md#" + anchor);
  }
  std::set<std::string> sections;
  for (const std::string& line : Lines(Deployed("runbook.md"))) {
    if (line.starts_with("### ")) sections.insert(line.substr(4));
  }
  EXPECT_THAT(sections, UnorderedElementsAreArray(named));
  // And whatever it refers to by name is one of them.
  for (const std::string& name : FindAll(Deployed("runbook.md"), R"(\b(Sluice[A-Za-z]+))")) {
    EXPECT_TRUE(named.contains(name)) << name;
  }
}

TEST(PrometheusFiles, TheRunbookNamesSettingsThatThereAre) {
  std::set<std::string> settings;
  for (const std::string& line : Lines(ReadFile(SLUICE_SOURCE_DIR "/README.md"))) {
    for (const std::string& name : FindAll(line, R"(^\| `([a-z]+\.[a-z_0-9]+)` \|)")) {
      settings.insert(name);
    }
  }
  ASSERT_GT(settings.size(), 40u);
  std::set<std::string> sections;
  for (const std::string& name : settings) sections.insert(name.substr(0, name.find('.')));
  const auto named = FindAll(Deployed("runbook.md"), R"(`([a-z]+\.[a-z_0-9]+)`)");
  for (const std::string& name : named) {
    if (!sections.contains(name.substr(0, name.find('.')))) continue;  // a file, say
    EXPECT_TRUE(settings.contains(name)) << name;
  }
  EXPECT_TRUE(named.contains("delivery.inflight_bytes_max"));
}

TEST(PrometheusFiles, TheRunbookQuotesWhatIsLogged) {
  std::string sources;
  for (const auto& entry : fs::recursive_directory_iterator(SLUICE_SOURCE_DIR "/src")) {
    if (entry.is_regular_file()) sources += ReadFile(entry.path());
  }
  std::string text = Deployed("runbook.md");
  std::replace(text.begin(), text.end(), '\n', ' ');
  const std::set<std::string> quoted = FindAll(text, R"([lL]og says(?: why:)? `([^`]+)`)");
  EXPECT_GE(quoted.size(), 6u);
  for (const std::string& line : quoted) {
    EXPECT_NE(sources.find('"' + line), sources.npos) << line;
  }
}

class PrometheusNames : public WatchedTest {};

TEST_F(PrometheusNames, EveryMetricIsOnAPage) {
  StartWatched();
  SendEverything();
  std::string asked = Deployed("grafana/dashboard.json");
  for (const AlertingRule& rule : DeployedRules()) asked += rule.expression + '\n';
  for (const std::string& query : RunbookQueries()) asked += query + '\n';
  const MetricsText gate = GateMetrics();
  const MetricsText archive = archive_->Metrics();
  const std::set<std::string> names = MetricNames(asked);
  EXPECT_GT(names.size(), 30u);
  for (const std::string& name : names) {
    EXPECT_TRUE(gate.Has(name) || archive.Has(name)) << name;
  }
}

}  // namespace
}  // namespace sluice
