#include "sluice/gateway/router.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice {
namespace {

std::vector<Route> ShippedPaths() {
  std::vector<Route> routes(2);
  routes[0].path = "/v1/vitals";
  routes[1].path = "/v1/questionnaires";
  routes[1].aliases = {"/submit_qol", "/qol"};
  return routes;
}

TEST(Router, FindsARouteByItsPathOrAnAlias) {
  const Router router(ShippedPaths());
  EXPECT_EQ(router.Find("/v1/vitals"), 0u);
  EXPECT_EQ(router.Find("/v1/questionnaires"), 1u);
  EXPECT_EQ(router.Find("/submit_qol"), 1u);
  EXPECT_EQ(router.Find("/qol"), 1u);
}

TEST(Router, MatchesWholePathsOnly) {
  const Router router(ShippedPaths());
  for (const char* path : {"", "/", "/v1", "/v1/vital", "/v1/vitals/", "/v1/vitalsx", "/V1/vitals",
                           "v1/vitals", "/v1//vitals", "/v1/vitals?x"}) {
    EXPECT_EQ(router.Find(path), Router::kNotFound) << path;
  }
}

TEST(Router, WithoutRoutesFindsNothing) {
  EXPECT_EQ(Router(std::vector<Route>()).Find("/v1/vitals"), Router::kNotFound);
}

}  // namespace
}  // namespace sluice
