#include "server/config_printer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/server/loaded.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kEveryKindOfField =
    "[[route]]\npath = '/a'\naliases = ['/b', '/c']\nstream = \"s \\\"1\\\"\"\nack = 'memory'\n"
    "unknown_fields = 'refuse'\nmaxlen = 9223372036854775807\nat_least_one = ['d', 'i']\n"
    "identity = ['id', 'l']\n"
    "field = [\n"
    "  { name = 'id', type = 'string', key = true, required = true, bytes_max = 0 },\n"
    "  { name = 'i', type = 'int32', min = -5, max = 5 },\n"
    "  { name = 'l', type = 'int64', min = -9223372036854775807, required = true },\n"
    "  { name = 'd', type = 'double', min = 0.1, max = 123456789012345683968.0 },\n"
    "  { name = 'e', type = 'double', min = -1e300 },\n"
    "  { name = 'b', type = 'bool' },\n"
    "  { name = 't', type = 'timestamp' },\n"
    "]\n";

class PrintConfigTest : public testing::Test {
 protected:
  static std::string LastValue(const Setting& setting) {
    if (setting.kind == SettingKind::kAddress) return "a\\\"b:1";
    if (setting.kind == SettingKind::kUrl) return "unix:///tmp/a\\\"b";
    if (setting.kind == SettingKind::kPath) return "/tmp/a\\\"b";
    if (setting.kind == SettingKind::kChoice) return std::string(setting.choices.back());
    if (setting.kind == SettingKind::kSwitch) return "true";
    return std::to_string(setting.max - 1);  // odd: a size without a unit
  }
  // Every setting at another value than its default, as far as they may stand together.
  static Config AllChanged() {
    Config config = Loaded(kEveryKindOfField);
    for (const Setting& setting : Settings()) {
      EXPECT_TRUE(SetFromText(setting, LastValue(setting), config).ok()) << SettingName(setting);
    }
    config.delivery.deadline_ms = config.delivery.drain_ms - 1;
    config.durability.wait_ms = config.redis.reply_ms - 1;
    config.journal.after_ms = config.delivery.deadline_ms - 1;
    return config;
  }
};

TEST_F(PrintConfigTest, ReadsBackAsTheSame) {
  for (const Config& config : {Loaded(""), Loaded(kEveryKindOfField), AllChanged()}) {
    EXPECT_EQ(Printed(Loaded(Printed(config))), Printed(config));
  }
}

TEST_F(PrintConfigTest, ReadsBackEveryFieldsTypeAndBounds) {
  const Config before = Loaded(kEveryKindOfField);
  const Config after = Loaded(Printed(before));
  const RouteConfig& route = after.routes.at(0);
  EXPECT_EQ(route.path, "/a");
  EXPECT_EQ(route.aliases, before.routes[0].aliases);
  EXPECT_EQ(route.stream, "s \"1\"");
  EXPECT_EQ(route.ack, Ack::kMemory);
  EXPECT_EQ(route.identity, (std::vector<std::string>{"id", "l"}));
  EXPECT_EQ(route.maxlen, 9'223'372'036'854'775'807u);
  EXPECT_EQ(route.schema.unknown_fields(), UnknownFields::kRefuse);
  EXPECT_EQ(route.schema.at_least_one_mask(), 0b1010u);
  EXPECT_EQ(route.schema.required_mask(), 0b101u);
  ASSERT_EQ(route.schema.fields().size(), before.routes[0].schema.fields().size());
  for (size_t i = 0; i < route.schema.fields().size(); ++i) {
    const Field& a = before.routes[0].schema.fields()[i];
    const Field& b = route.schema.fields()[i];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.type, b.type);
    EXPECT_EQ(a.required, b.required);
    EXPECT_EQ(a.key, b.key);
    EXPECT_EQ(a.int_min, b.int_min);
    EXPECT_EQ(a.int_max, b.int_max);
    EXPECT_EQ(a.double_min, b.double_min);
    EXPECT_EQ(a.double_max, b.double_max);
    EXPECT_EQ(a.bytes_min, b.bytes_min);
    EXPECT_EQ(a.bytes_max, b.bytes_max);
  }
}

TEST_F(PrintConfigTest, ShowsSizesInTheirUnitAndRoutesWhole) {
  const std::string text = Printed(Loaded(""));
  EXPECT_THAT(text, HasSubstr("[http]\nlisten = \"0.0.0.0:8080\"\n"));
  EXPECT_THAT(text, HasSubstr("\nbody_bytes_max = \"1MiB\"\n"));
  EXPECT_THAT(text, HasSubstr("\n[[route]]\npath = \"/v1/vitals\"\n"));
  EXPECT_THAT(text, HasSubstr("  { name = \"device_id\", type = \"string\", key = true, "
                              "required = true, bytes_min = 1, bytes_max = 128 },\n"
                              "  { name = \"timestamp\", type = \"int64\", required = true },\n"
                              "  { name = \"heart_rate\", type = \"double\", min = 0.0, "
                              "max = 350.0 },\n"));
}

TEST_F(PrintConfigTest, HidesThePasswordAndNothingElse) {
  const std::string text = Printed(Loaded("[redis]\nurl = 'redis://user:secret@host:6379/1'\n"));
  EXPECT_THAT(text, HasSubstr("\nurl = \"redis://user:***@host:6379/1\"\n"));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace sluice
