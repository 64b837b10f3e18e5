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
    "]\n"
    "alert = [\n"
    "  { name = 'd-low', field = 'd', below = 0.2 },\n"
    "  { name = 'd-high', field = 'd', above = 1e20 },\n"
    "  { name = 'e.both', field = 'e', below = -0.0, above = 0.1 },\n"
    "  { name = 'i-both', field = 'i', below = -4, above = 4 },\n"
    "  { name = 'l-low', field = 'l', below = -9223372036854775806 },\n"
    "  { name = 'l-high', field = 'l', above = 9223372036854775806 },\n"
    "  { name = 'i-is', field = 'i', equals = 0 },\n"
    "  { name = 'id-is', field = 'id', equals = '' },\n"
    "  { name = 'b-is', field = 'b', equals = true },\n"
    "  { name = 'b-is-not', field = 'b', equals = false },\n"
    "]\n";

class PrintConfigTest : public testing::Test {
 protected:
  static std::string LastValue(const Setting& setting) {
    const bool socket = setting.kind == SettingKind::kSocketAddress;
    if (socket || setting.kind == SettingKind::kAddress) return "a\\\"b:1";
    if (setting.kind == SettingKind::kUrl) return "unix:///tmp/a\\\"b";
    if (setting.kind == SettingKind::kPath) return "/tmp/a\\\"b";
    if (setting.kind == SettingKind::kText) return "a\\\"b";
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

TEST_F(PrintConfigTest, ReadsBackEveryRule) {
  const Config before = Loaded(kEveryKindOfField);
  const Config after = Loaded(Printed(before));
  ASSERT_EQ(before.routes.at(0).alerts.size(), 10u);
  ASSERT_EQ(after.routes.at(0).alerts.size(), 10u);
  for (size_t i = 0; i < 10; ++i) {
    const AlertRule& a = before.routes[0].alerts[i];
    const AlertRule& b = after.routes[0].alerts[i];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.field, b.field) << a.name;
    EXPECT_EQ(a.type, b.type) << a.name;
    EXPECT_EQ(a.int_below, b.int_below) << a.name;
    EXPECT_EQ(a.int_above, b.int_above) << a.name;
    EXPECT_EQ(a.double_below, b.double_below) << a.name;
    EXPECT_EQ(a.double_above, b.double_above) << a.name;
    EXPECT_EQ(a.equals, b.equals) << a.name;
    EXPECT_EQ(a.int_equals, b.int_equals) << a.name;
    EXPECT_EQ(a.string_equals, b.string_equals) << a.name;
  }
}

TEST_F(PrintConfigTest, ReadsBackWhatAnEntryHolds) {
  const std::string text =
      Printed(Loaded("[[route]]\npath = '/a'\nstream = 'a'\nentry = 'packed'\n"
                     "field = [{ name = 'id', type = 'string', key = true, required = true }]\n"));
  EXPECT_THAT(text, HasSubstr("\nentry = \"packed\"\n"));
  EXPECT_EQ(Loaded(text).routes.at(0).entry, EntryForm::kPacked);
  EXPECT_THAT(Printed(Loaded("")), HasSubstr("\nentry = \"record\"\n"));
}

TEST_F(PrintConfigTest, ReadsBackPartitions) {
  const std::string text =
      Printed(Loaded("[[route]]\npath = '/a'\nstream = 'a'\npartitions = 16\n"
                     "field = [{ name = 'id', type = 'string', key = true, required = true }]\n"));
  EXPECT_THAT(text, HasSubstr("\npartitions = 16\n"));
  EXPECT_EQ(Loaded(text).routes.at(0).partitions, 16u);
  EXPECT_THAT(Printed(Loaded("")), HasSubstr("\npartitions = 0\n"));
}

TEST_F(PrintConfigTest, ShowsTheReserveThatIsInEffect) {
  const Config config = Loaded("[delivery]\ninflight_bytes_max = '16MiB'\n");
  const std::string text = Printed(config);
  EXPECT_THAT(text, HasSubstr("[urgent]\nstream = \"alerts\"\nmaxlen = 0\n"
                              "reserve_bytes = \"2MiB\"\nbody_bytes_max = \"4KiB\"\n"));
  EXPECT_EQ(Loaded(text).urgent.reserve_bytes, 2 * kMiB);
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
  EXPECT_THAT(text, HasSubstr("]\nalert = [\n  { name = \"heart-rate\", field = \"heart_rate\", "
                              "below = 40.0, above = 150.0 },\n  { name = \"blood-oxygen\", "
                              "field = \"blood_oxygen\", below = 90.0 },\n]\n"));
  EXPECT_THAT(text, HasSubstr("]\nalert = []\n"));
}

TEST_F(PrintConfigTest, HidesThePasswordAndNothingElse) {
  const std::string text = Printed(Loaded("[redis]\nurl = 'redis://user:secret@host:6379/1'\n"));
  EXPECT_THAT(text, HasSubstr("\nurl = \"redis://user:***@host:6379/1\"\n"));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace sluice
