// deploy/sysctl.conf: every line sets something that this kernel has, and says why. Nothing is set.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>

#include "deploy/deployed_file.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

// Settings by name. A comment must stand before each, and nothing but comments between them.
std::map<std::string, int64_t> Settings() {
  std::map<std::string, int64_t> settings;
  std::string before;
  for (const std::string& line : Lines(Deployed("sysctl.conf"))) {
    if (!line.empty() && !line.starts_with('#')) {
      const size_t equals = line.find(" = ");
      if (equals == line.npos) throw std::runtime_error("no setting: " + line);
      EXPECT_TRUE(before.starts_with('#')) << line << " has no reason";
      settings[line.substr(0, equals)] = std::stoll(line.substr(equals + 3));
    }
    before = line;
  }
  return settings;
}

std::string ProcPath(std::string name) {
  std::replace(name.begin(), name.end(), '.', '/');
  return "/proc/sys/" + name;
}

TEST(SysctlFile, SetsWhatThisKernelHas) {
  const std::map<std::string, int64_t> settings = Settings();
  ASSERT_FALSE(settings.empty());
  for (const auto& [name, value] : settings) {
    EXPECT_TRUE(std::filesystem::exists(ProcPath(name))) << name << ": Linux 5.14 has it";
  }
}

TEST(SysctlFile, LeavesRoomForTheConnectionsThatSluiceLetsWait) {
  const std::map<std::string, int64_t> settings = Settings();
  EXPECT_GE(settings.at("net.core.somaxconn"), kListenBacklog);
  EXPECT_GE(settings.at("net.ipv4.tcp_max_syn_backlog"), kListenBacklog);
  const auto redis = FindAll(Deployed("redis.conf"), R"(\ntcp-backlog (\d+))");
  ASSERT_EQ(redis.size(), 1u);
  EXPECT_GE(settings.at("net.core.somaxconn"), std::stoll(*redis.begin()));
}

}  // namespace
}  // namespace sluice
