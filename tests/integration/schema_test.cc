// A route of the configuration's own: its types, bounds, names and limits instead of the shipped
// ones.
#include "integration/gate_fixture.h"

namespace sluice {
namespace {

constexpr char kPumps[] = R"(
[[route]]
path = "/v1/pumps"
aliases = ["/pumps", "/old/pumps"]
stream = "pump:readings"
unknown_fields = "refuse"
field = [ { name = "pump", type = "string", key = true, required = true, bytes_max = 8 },
          { name = "total_litres", type = "int64", min = 0 },
          { name = "step", type = "int32", min = -10, max = 10 },
          { name = "flow", type = "double", min = -1.5, max = 1.5 },
          { name = "alarm", type = "bool" },
          { name = "at", type = "timestamp" } ]
)";

class SchemaTest : public GateTest {
 protected:
  void ExpectStored(std::string_view record, const Fields& entry) {
    EXPECT_TRUE(IsAccepted(Post("/v1/pumps", record), 1)) << record;
    const std::vector<Fields> stored = Stored("pump:readings");
    ASSERT_EQ(stored.size(), ++stored_) << record;
    EXPECT_EQ(stored.back(), entry) << record;
  }
  void ExpectRefused(std::string_view record, const std::string& code, const std::string& pointer) {
    const HttpResponse response = Post("/v1/pumps", record);
    ASSERT_TRUE(IsProblem(response, 400)) << record;
    const std::vector<AnsweredError> errors = AnsweredErrors(response);
    ASSERT_EQ(errors.size(), 1u) << record << "\n" << response.raw;
    EXPECT_EQ(errors[0].code, code) << record;
    EXPECT_EQ(errors[0].pointer, pointer) << record;
    EXPECT_EQ(Length("pump:readings"), static_cast<int64_t>(stored_)) << record;
  }

 private:
  size_t stored_ = 0;
};

TEST_F(SchemaTest, StoresEveryTypeInTheConfiguredOrder) {
  StartAll(kPumps);
  ExpectStored(R"({"at":"2026-02-28T23:59:59.5Z","alarm":false,"flow":-1.5,"step":10,)"
               R"("totalLitres":"12","pump":"P-1"})",
               {{"pump", "P-1"},
                {"total_litres", "12"},
                {"step", "10"},
                {"flow", "-1.5"},
                {"alarm", "false"},
                {"at", "2026-02-28T23:59:59.5Z"}});
  ExpectStored(R"({"pump":"12345678"})", {{"pump", "12345678"}});
  ExpectStored(R"({"pump":"P","alarm":true})", {{"pump", "P"}, {"alarm", "true"}});
}

TEST_F(SchemaTest, HoldsEveryBoundOnBothSides) {
  StartAll(kPumps);
  ExpectStored(R"({"pump":"P","step":-10})", {{"pump", "P"}, {"step", "-10"}});
  ExpectStored(R"({"pump":"P","total_litres":0})", {{"pump", "P"}, {"total_litres", "0"}});
  ExpectRefused(R"({"pump":"123456789"})", "length", "/pump");
  ExpectRefused(R"({"pump":"P","total_litres":-1})", "range", "/total_litres");
  ExpectRefused(R"({"pump":"P","step":11})", "range", "/step");
  ExpectRefused(R"({"pump":"P","step":-11})", "range", "/step");
  ExpectRefused(R"({"pump":"P","flow":1.5000001})", "range", "/flow");
  ExpectRefused(R"({"pump":"P","alarm":1})", "type", "/alarm");
  ExpectRefused(R"({"pump":"P","at":"yesterday"})", "timestamp", "/at");
}

TEST_F(SchemaTest, RefusesUnknownFieldsWhereTheRouteSaysSo) {
  StartAll(kPumps);
  ExpectRefused(R"({"pump":"P","colour":"red"})", "unknown_field", "/colour");
  ExpectRefused(R"({"pump":"P","a/b~c":1})", "unknown_field", "/a~1b~0c");
  ExpectStored(R"({"pump":"P"})", {{"pump", "P"}});
}

TEST_F(SchemaTest, ReplacesTheShippedRoutesAndTakesEveryAlias) {
  StartAll(kPumps);
  EXPECT_TRUE(IsProblem(Post(kVitals, Vital("d", 1)), 404));
  EXPECT_TRUE(IsAccepted(Post("/pumps", R"({"pump":"a"})"), 1));
  EXPECT_TRUE(IsAccepted(Post("/old/pumps", R"({"pump":"b"})"), 1));
  EXPECT_EQ(Stored("pump:readings"), (std::vector<Fields>{{{"pump", "a"}}, {{"pump", "b"}}}));
}

TEST_F(SchemaTest, TrimsTheStreamToAboutItsMaxlen) {
  StartAll(R"(
[[route]]
path = "/v1/ticks"
stream = "ticks"
maxlen = 200
field = [ { name = "n", type = "string", key = true, required = true } ]
)");
  HttpClient client = Connect();
  for (int i = 0; i < 20; ++i) {
    std::string body;
    for (int j = 0; j < 100; ++j) body += R"({"n":")" + std::to_string(i * 100 + j) + "\"}\n";
    ASSERT_TRUE(IsAccepted(client.Post("/v1/ticks", body, kNdjson), 100));
  }
  // "~": Redis removes whole nodes, 100 entries by default, and never goes below.
  const std::vector<Fields> stored = Stored("ticks");
  EXPECT_GE(stored.size(), 200u);
  EXPECT_LE(stored.size(), 300u);
  EXPECT_EQ(stored.back(), (Fields{{"n", "1999"}}));
}

TEST_F(SchemaTest, KeepsRoutesWithTheirOwnSchemasApart) {
  StartAll(std::string(kPumps) + R"(
[[route]]
path = "/v1/doors"
stream = "doors"
field = [ { name = "door", type = "string", key = true, required = true },
          { name = "open", type = "bool", required = true } ]
)");
  HttpClient client = Connect();
  client.Send(PostRequest("/v1/doors", R"({"door":"D","open":true})") +
              PostRequest("/v1/pumps", R"({"pump":"P"})") +
              PostRequest("/v1/doors", R"({"door":"E"})"));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_TRUE(IsProblem(client.ReadResponse(), 400));
  EXPECT_EQ(Stored("doors"), (std::vector<Fields>{{{"door", "D"}, {"open", "true"}}}));
  EXPECT_EQ(Stored("pump:readings"), (std::vector<Fields>{{{"pump", "P"}}}));
}

}  // namespace
}  // namespace sluice
