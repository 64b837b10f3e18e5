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

// Two routes, the first with partitions if any, behind these lines.
std::string TwoRoutes(const std::string& before, uint32_t partitions) {
  const std::string field =
      "field = [{ name = 'n', type = 'int32' },\n"
      "  { name = 'id', type = 'string', key = true, required = true }]\n";
  return before +
         "[[route]]\npath = '/a'\nstream = 'a'\npartitions = " + std::to_string(partitions) + "\n" +
         field + "[[route]]\npath = '/b'\nstream = 'b'\n" + field;
}

TEST(WorkerPlanTest, PartitionsAndSlotsMakeLanes) {
  const auto lanes = [](const std::string& before, uint32_t partitions) {
    const Result<WorkerPlan> planned = PlanWorkers(Loaded(TwoRoutes(before, partitions)));
    EXPECT_TRUE(planned.ok()) << planned.error();
    EXPECT_EQ(planned.value().streams.at(0).partitions, partitions);
    EXPECT_EQ(planned.value().streams.at(0).key, 1u);
    EXPECT_EQ(planned.value().urgent_layout.lanes.size(), 1u);
    return planned.value().bulk_layout.lanes.size();
  };
  EXPECT_EQ(lanes("", 0), 1u);
  EXPECT_EQ(lanes("", 4), 5u);
  EXPECT_EQ(lanes("[redis]\nurl = 'redis+cluster://h:1'\n", 0), 2u);
  EXPECT_EQ(lanes("[redis]\nurl = 'redis+cluster://h:1'\n", 4), 5u);
  EXPECT_EQ(lanes("[redis]\nurl = 'redis+sentinel://h:1/main'\n", 0), 1u);
}

TEST(WorkerPlanTest, AJournalHasOneLaneToFill) {
  const auto refused = [](const std::string& url, uint32_t partitions) {
    const Result<WorkerPlan> planned = PlanWorkers(
        Loaded(TwoRoutes("[journal]\ndir = '/tmp/j'\n[redis]\nurl = '" + url + "'\n", partitions)));
    return planned.ok() ? "no error" : planned.error();
  };
  const std::string error =
      "journal.dir is set, and a journal has one lane to fill: leave it out, or leave out the "
      "routes' partitions and give a redis.url that is no cluster's";
  EXPECT_EQ(refused("redis://h:1", 0), "no error");
  EXPECT_EQ(refused("redis://h:1", 2), error);
  EXPECT_EQ(refused("redis+cluster://h:1", 0), error);
  EXPECT_EQ(refused("redis+sentinel://h:1/main", 0), "no error");
}

}  // namespace
}  // namespace sluice
