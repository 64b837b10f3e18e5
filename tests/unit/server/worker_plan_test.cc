#include "server/worker_plan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/server/loaded.h"

namespace sluice {
namespace {

TEST(WorkerPlanTest, ARoutesRulesComeWithTheirNamesToItsStream) {
  Result<WorkerPlan> planned = PlanWorkers(Loaded(""));
  ASSERT_TRUE(planned.ok()) << planned.error();
  const WorkerPlan& plan = planned.value();
  ASSERT_EQ(plan.routes.size(), 2u);
  ASSERT_EQ(plan.streams.size(), 2u);
  for (const Route& route : plan.routes) {
    const StreamSpec& stream = plan.streams.at(route.stream);
    EXPECT_EQ(stream.route, route.path);
    ASSERT_EQ(stream.alert_rules.size(), route.alerts.size());
    for (size_t i = 0; i < route.alerts.size(); ++i) {
      EXPECT_EQ(stream.alert_rules[i], route.alerts[i].name);
    }
  }
  EXPECT_EQ(plan.streams[0].alert_rules, (std::vector<std::string>{"heart-rate", "blood-oxygen"}));
  EXPECT_TRUE(plan.streams[1].alert_rules.empty());
}

TEST(WorkerPlanTest, APackedRoutesStreamKnowsWhichValuesAreInQuotes) {
  const Result<WorkerPlan> planned =
      PlanWorkers(Loaded("[[route]]\npath = '/a'\nstream = 'a'\nentry = 'packed'\nfield = [\n"
                         "  { name = 'id', type = 'string', key = true, required = true },\n"
                         "  { name = 'i', type = 'int32' }, { name = 'l', type = 'int64' },\n"
                         "  { name = 'd', type = 'double' }, { name = 'b', type = 'bool' },\n"
                         "  { name = 't', type = 'timestamp' }]\n"));
  ASSERT_TRUE(planned.ok()) << planned.error();
  constexpr JsonForm kBare = JsonForm::kBare;
  constexpr JsonForm kQuoted = JsonForm::kQuoted;
  EXPECT_EQ(planned.value().streams.at(0).packed,
            (std::vector<JsonForm>{kQuoted, kBare, kBare, kBare, kBare, kQuoted}));
  const Result<WorkerPlan> shipped = PlanWorkers(Loaded(""));
  for (const StreamSpec& stream : shipped.value().streams) EXPECT_TRUE(stream.packed.empty());
}

}  // namespace
}  // namespace sluice
