#include "server/route_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "unit/server/loaded.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kKeyField = "{ name = 'id', type = 'string', key = true, required = true }";

// A route on /a with these lines of its own (from line 4 on) and the usual key.
std::string Route(const std::string& lines) {
  return "[[route]]\npath = '/a'\nstream = 'a'\n" + lines + "\nfield = [" + kKeyField + "]\n";
}

// A route with a second field, which begins at line 5, column 1.
std::string WithField(const std::string& field) {
  return "[[route]]\npath = '/a'\nstream = 'a'\nfield = [" + std::string(kKeyField) + ",\n" +
         field + "]\n";
}

std::string WithPath(const std::string& path) {
  return "[[route]]\npath = \"" + path + "\"\nstream = 'a'\nfield = [" + kKeyField + "]\n";
}

std::string WithStream(const std::string& stream) {
  return "[[route]]\npath = '/a'\nstream = '" + stream + "'\nfield = [" + kKeyField + "]\n";
}

Field SecondField(const std::string& field) {
  const Config config = Loaded(WithField(field));
  return config.routes.at(0).schema.fields().at(1);
}

TEST(RouteFileTest, ReadsEveryKeyOfARoute) {
  const Config config = Loaded(
      "[[route]]\npath = '/a'\naliases = ['/b', '/c']\nstream = 's'\nack = 'memory'\n"
      "unknown_fields = 'refuse'\nmaxlen = 1000\nat_least_one = ['x']\nidentity = ['id']\n"
      "field = [" +
      std::string(kKeyField) + ", { name = 'x', type = 'bool' }]\n");
  ASSERT_EQ(config.routes.size(), 1u);
  const RouteConfig& route = config.routes[0];
  EXPECT_EQ(route.path, "/a");
  EXPECT_EQ(route.aliases, (std::vector<std::string>{"/b", "/c"}));
  EXPECT_EQ(route.stream, "s");
  EXPECT_EQ(route.ack, Ack::kMemory);
  EXPECT_EQ(route.maxlen, 1'000u);
  EXPECT_EQ(route.at_least_one, std::vector<std::string>{"x"});
  EXPECT_EQ(route.identity, std::vector<std::string>{"id"});
  EXPECT_EQ(route.schema.unknown_fields(), UnknownFields::kRefuse);
  EXPECT_EQ(route.schema.at_least_one_mask(), 0b10u);
  EXPECT_EQ(route.schema.fields()[1].type, FieldType::kBool);
}

TEST(RouteFileTest, WhatARouteLeavesOutHasItsDefault) {
  const RouteConfig route = Loaded(Route("")).routes.at(0);
  EXPECT_TRUE(route.aliases.empty());
  EXPECT_EQ(route.entry, EntryForm::kRecord);
  EXPECT_EQ(route.maxlen, 0u);
  EXPECT_TRUE(route.identity.empty());
  EXPECT_EQ(route.schema.unknown_fields(), UnknownFields::kIgnore);
  EXPECT_EQ(route.schema.at_least_one_mask(), 0u);
  EXPECT_EQ(route.schema.fields()[0].bytes_min, 0u);
  EXPECT_EQ(route.schema.fields()[0].bytes_max, kStringBytesMax);
}

TEST(RouteFileTest, ReadsTheBoundsOfEachType) {
  const Field text =
      SecondField("{ name = 'x', type = 'string', bytes_min = 2, bytes_max = '1KiB'}");
  EXPECT_EQ(text.bytes_min, 2u);
  EXPECT_EQ(text.bytes_max, 1'024u);
  const Field narrow = SecondField("{ name = 'x', type = 'int32', min = -2147483648, max = 7 }");
  EXPECT_EQ(narrow.int_min, std::numeric_limits<int32_t>::min());
  EXPECT_EQ(narrow.int_max, 7);
  const Field wide = SecondField("{ name = 'x', type = 'int64', min = 1_000_000_000_000 }");
  EXPECT_EQ(wide.int_min, 1'000'000'000'000);
  EXPECT_EQ(wide.int_max, std::numeric_limits<int64_t>::max());
  const Field real = SecondField("{ name = 'x', type = 'double', min = 0, max = 0.5 }");
  EXPECT_EQ(real.double_min, 0.0);
  EXPECT_EQ(real.double_max, 0.5);
}

TEST(RouteFileTest, FieldsMayAlsoBeTablesOfTheirOwn) {
  const Config config = Loaded(
      "[[route]]\npath = '/a'\nstream = 'a'\n[[route.field]]\nname = 'id'\ntype = 'int64'\n"
      "key = true\nrequired = true\n[[route.field]]\nname = 'x'\ntype = 'timestamp'\n");
  EXPECT_EQ(config.routes.at(0).schema.Find("x"), 1u);
}

TEST(RouteFileTest, AnUnknownKeyIsNamed) {
  EXPECT_EQ(LoadError(Route("alais = ['/b']")), "sluice.toml:4:1: unknown key \"route.alais\"");
  EXPECT_EQ(LoadError(Route("maxlem = 1")),
            "sluice.toml:4:1: unknown key \"route.maxlem\"; did you mean \"maxlen\"?");
  EXPECT_EQ(LoadError(WithField("{ name = 'x', tipe = 'bool' }")),
            "sluice.toml:5:15: unknown key \"route.field.tipe\"; did you mean \"type\"?");
}

TEST(RouteFileTest, WhatIsMissingIsNamed) {
  EXPECT_EQ(LoadError("[[route]]\nstream = 'a'\n"), "sluice.toml:1:1: route.path: is missing");
  EXPECT_EQ(LoadError("[[route]]\npath = '/a'\n"), "sluice.toml:1:1: route.stream: is missing");
  EXPECT_EQ(LoadError("[[route]]\npath = '/a'\nstream = 'a'\n"),
            "sluice.toml:1:1: route.field: is missing");
  EXPECT_EQ(LoadError(WithField("{ type = 'bool' }")),
            "sluice.toml:5:1: route.field.name: is missing");
  EXPECT_EQ(LoadError(WithField("{ name = 'x' }")),
            "sluice.toml:5:1: route.field.type: is missing");
}

TEST(RouteFileTest, ATypeThatDoesNotFitIsNamed) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"route = 1\n", "1:9: route: expected an array of tables, not an integer"},
      {"[route]\n", "1:1: route: expected an array of tables, not a table"},
      {"route = [1]\n", "1:10: route: expected a table, not an integer"},
      {"[[route]]\npath = 1\nstream = 'a'\nfield = []\n",
       "2:8: route.path: expected a string, not an integer"},
      {Route("aliases = '/b'"), "4:11: route.aliases: expected an array of strings, not a string"},
      {Route("aliases = ['/b', 1]"), "4:18: route.aliases: expected a string, not an integer"},
      {Route("ack = true"), "4:7: route.ack: expected a string, not a boolean"},
      {Route("entry = 1"), "4:9: route.entry: expected a string, not an integer"},
      {Route("maxlen = '9'"), "4:10: route.maxlen: expected an integer, not a string"},
      {WithField("1"), "5:1: route.field: expected a table, not an integer"},
      {WithField("{ name = 'x', type = 'bool', required = 1 }"),
       "5:41: route.field.required: expected true or false, not an integer"},
      {WithField("{ name = 'x', type = 'double', min = '1' }"),
       "5:38: route.field.min: expected a number, not a string"},
      {WithField("{ name = 'x', type = 'int64', max = 1.5 }"),
       "5:37: route.field.max: expected an integer, not a floating-point number"}};
  for (const auto& [toml, error] : cases) EXPECT_EQ(LoadError(toml), "sluice.toml:" + error);
}

TEST(RouteFileTest, AValueThatIsNotAllowedIsNamedWithWhatIs) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {Route("ack = 'disk'"),
       "4:7: route.ack: \"disk\" is not among its values; give \"redis\" or \"memory\""},
      {Route("unknown_fields = ''"),
       "4:18: route.unknown_fields: \"\" is not among its values; give \"ignore\" or \"refuse\""},
      {Route("entry = 'lines'"),
       "4:9: route.entry: \"lines\" is not among its values; give \"record\" or \"packed\""},
      {Route("maxlen = -1"),
       "4:10: route.maxlen: -1 is out of range; give 0 to 9223372036854775807"},
      {WithField("{ name = 'x', type = 'float' }"),
       "5:22: route.field.type: \"float\" is not among its values; give \"string\", \"int32\", "
       "\"int64\", \"double\", \"bool\" or \"timestamp\""},
      {WithField("{ name = 'x', type = 'int32', max = 2147483648 }"),
       "5:37: route.field.max: 2147483648 is out of range; give -2147483648 to 2147483647"},
      {WithField("{ name = 'x', type = 'string', bytes_max = -1 }"),
       "5:44: route.field.bytes_max: give a size, such as 128, \"64KiB\" or \"1MiB\""},
      {WithField("{ name = 'x', type = 'string', bytes_min = 'all' }"),
       "5:44: route.field.bytes_min: give a size, such as 128, \"64KiB\" or \"1MiB\""}};
  for (const auto& [toml, error] : cases) EXPECT_EQ(LoadError(toml), "sluice.toml:" + error);
}

TEST(RouteFileTest, ABoundFitsItsType) {
  for (const std::string type : {"string", "bool", "timestamp"}) {
    EXPECT_EQ(LoadError(WithField("{ name = 'x', min = 1, type = '" + type + "' }")),
              "sluice.toml:5:21: route.field.min: only int32, int64 and double fields have it");
  }
  for (const std::string type : {"int32", "int64", "double", "bool", "timestamp"}) {
    EXPECT_EQ(LoadError(WithField("{ name = 'x', bytes_max = 1, type = '" + type + "' }")),
              "sluice.toml:5:27: route.field.bytes_max: only string fields have it");
  }
}

TEST(RouteFileTest, WhatTheSchemaRefusesIsNamedWithTheRoutesPlace) {
  EXPECT_EQ(LoadError(WithField("{ name = 'x', type = 'double', min = 2, max = 1 }")),
            "sluice.toml:4:9: route.field: field \"x\" has bounds that exclude every value");
  EXPECT_THAT(LoadError(WithField("{ name = 'x', type = 'double', min = nan }")),
              HasSubstr("exclude every value"));
  EXPECT_THAT(LoadError(Route("at_least_one = ['y']")),
              HasSubstr("route.field: at_least_one names \"y\", which is no field"));
  EXPECT_THAT(LoadError("[[route]]\npath = '/a'\nstream = 'a'\nfield = []\n"),
              StartsWith("sluice.toml:4:9: route.field: "));
}

TEST(RouteFileTest, AnIdentityIsOfRequiredFields) {
  const auto with_identity = [](const std::string& more_fields) {
    return "[[route]]\npath = '/a'\nstream = 'a'\nidentity = ['id', 'x']\nfield = [" +
           std::string(kKeyField) + more_fields + "]\n";
  };
  EXPECT_EQ(LoadError(with_identity(", { name = 'x', type = 'int64', required = true }")),
            "no error");
  EXPECT_EQ(LoadError(with_identity("")),
            "sluice.toml:4:12: route.identity: \"x\" of \"/a\" is no field");
  EXPECT_EQ(LoadError(with_identity(", { name = 'x', type = 'int64' }")),
            "sluice.toml:4:12: route.identity: \"x\" of \"/a\" is not required; make it so, or "
            "leave it out");
}

TEST(RouteFileTest, EntriesAreOfARecordOrPacked) {
  EXPECT_EQ(Loaded(Route("entry = 'packed'")).routes.at(0).entry, EntryForm::kPacked);
  EXPECT_EQ(Loaded(Route("entry = 'record'")).routes.at(0).entry, EntryForm::kRecord);
}

TEST(RouteFileTest, APackedRouteHasNoIdentity) {
  EXPECT_EQ(
      LoadError(Route("entry = 'packed'\nidentity = ['id']")),
      "sluice.toml:5:12: route.identity: \"/a\" has entry = \"packed\", which stores requests "
      "whole; leave identity out, or give entry = \"record\"");
  EXPECT_EQ(LoadError(Route("entry = 'packed'\nidentity = []")), "no error");
  EXPECT_EQ(LoadError(Route("entry = 'record'\nidentity = ['id']")), "no error");
}

TEST(RouteFileTest, APathBeginsWithASlashAndIsVisibleAscii) {
  EXPECT_EQ(LoadError(WithPath("/v1/a-b_c.d~%20")), "no error");
  EXPECT_EQ(LoadError(WithPath("/")), "no error");
  for (const std::string path :
       {"", "a", "/a?b", "/a#b", "/a b", "/a\\nb", "/a\\u007F", "/\xC3\xA4"}) {
    EXPECT_THAT(LoadError(WithPath(path)),
                StartsWith("sluice.toml:2:8: route.path: \"" + path + "\" must start with '/'"));
  }
  EXPECT_THAT(LoadError(Route("aliases = ['/ok', 'b']")),
              StartsWith("sluice.toml:4:11: route.aliases: \"b\" must start with '/'"));
}

TEST(RouteFileTest, APathLeadsToOneRoute) {
  EXPECT_EQ(LoadError(WithPath("/a") + WithPath("/a")),
            "sluice.toml:6:8: route.path: \"/a\" is a path already; each leads to one route");
  EXPECT_EQ(LoadError(Route("aliases = ['/a']")),
            "sluice.toml:4:11: route.aliases: \"/a\" is a path already; each leads to one route");
  EXPECT_THAT(LoadError(Route("aliases = ['/b', '/b']")), HasSubstr("\"/b\" is a path already"));
  EXPECT_THAT(LoadError(Route("aliases = ['/b']") + WithPath("/b")),
              HasSubstr("route.path: \"/b\" is a path already"));
  EXPECT_EQ(LoadError(WithPath("/a") + WithPath("/A")), "no error");
}

TEST(RouteFileTest, AStreamsNameIsBounded) {
  EXPECT_EQ(LoadError(WithStream("")),
            "sluice.toml:3:10: route.stream: must have 1 to 512 bytes, not 0");
  EXPECT_EQ(LoadError(WithStream(std::string(513, 's'))),
            "sluice.toml:3:10: route.stream: must have 1 to 512 bytes, not 513");
  EXPECT_EQ(LoadError(WithStream(std::string(512, 's'))), "no error");
}

TEST(RouteFileTest, PartitionsAreBounded) {
  EXPECT_EQ(Loaded(Route("")).routes.at(0).partitions, 0u);
  for (const uint32_t partitions : {0u, 1u, kPartitionsMax}) {
    const Config config = Loaded(Route("partitions = " + std::to_string(partitions)));
    EXPECT_EQ(config.routes.at(0).partitions, partitions);
  }
  for (const char* partitions : {"-1", "257", "4294967296"}) {
    EXPECT_EQ(LoadError(Route("partitions = " + std::string(partitions))),
              "sluice.toml:4:14: route.partitions: " + std::string(partitions) +
                  " is out of range; give 0 to 256");
  }
}

TEST(RouteFileTest, AStreamWithPartitionsHasNoBracesOfItsOwn) {
  for (const std::string stream : {"{a}", "a{", "a}"}) {
    const std::string route = WithStream(stream);
    EXPECT_EQ(LoadError(route + "partitions = 1\n"),
              "sluice.toml:5:14: route.partitions: add a number in braces to the stream's name, "
              "and \"" +
                  stream + "\" has braces of its own");
    EXPECT_EQ(LoadError(route + "partitions = 0\n"), "no error");
  }
}

TEST(RouteFileTest, ThereAreAtMostRoutesMaxRoutes) {
  std::string toml;
  for (size_t i = 0; i < kRoutesMax; ++i) toml += WithPath("/" + std::to_string(i));
  EXPECT_EQ(Loaded(toml).routes.size(), kRoutesMax);
  EXPECT_EQ(LoadError(toml + WithPath("/more")),
            "sluice.toml:1:1: route: there are 65; at most 64 are allowed");
}

}  // namespace
}  // namespace sluice
