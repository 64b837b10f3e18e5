#include "server/server.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/server/loaded.h"

namespace sluice {
namespace {

TEST(ServerPlanTest, ARoutesRulesComeWithTheirNamesToItsStream) {
  Result<WorkerPlan> planned = Server::Plan(Loaded(""));
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

}  // namespace
}  // namespace sluice
