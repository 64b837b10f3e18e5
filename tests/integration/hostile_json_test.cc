// Bodies made to be hard on a parser: deep, long, with every control character and every kind of
// bad text. Each is answered 400 with what is wrong, nothing of it is stored, and the connection
// goes on to the next good request; or it is sound JSON, and stored as it was meant.
#include "integration/gate_fixture.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

using namespace std::string_literals;

constexpr size_t kDeep = 10'000;
constexpr size_t kLong = 1 * kMiB - 1'024;  // as much as a body can hold beside a record

std::string Repeat(std::string_view text, size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}
// A vitals record with `members` instead of the heart rate.
std::string With(std::string_view members) {
  return R"({"device_id":"d","timestamp":1,)" + std::string(members) + "}";
}
std::string Device(std::string_view literal) {
  return R"({"device_id":)" + std::string(literal) + R"(,"timestamp":1,"heart_rate":1})";
}
std::string Rate(std::string_view literal) {
  return With(R"("heart_rate":)" + std::string(literal));
}
std::string Time(std::string_view literal) {
  return R"({"device_id":"d","heart_rate":1,"timestamp":)" + std::string(literal) + "}";
}
std::string Unknown(std::string_view literal) {
  return With(R"("heart_rate":1,"x":)" + std::string(literal));
}

class HostileJsonTest : public GateTest {
 protected:
  void SetUp() override {
    StartAll("", 1);
    client_.emplace(Connect());
  }

  // Each body is refused for that reason, and leaves the connection as it was.
  void ExpectRefused(std::string_view code, const std::vector<std::string>& bodies,
                     std::string_view content_type = "application/json") {
    Empty();
    for (const std::string& body : bodies) {
      SCOPED_TRACE(testing::PrintToString(body.substr(0, 120)));
      const HttpResponse response = client_->Post(kVitals, body, content_type);
      ASSERT_TRUE(IsProblem(response, 400));
      EXPECT_FALSE(ClosesConnection(response));
      const std::vector<AnsweredError> errors = AnsweredErrors(response);
      ASSERT_FALSE(errors.empty()) << response.body;
      EXPECT_EQ(errors.back().code, code) << response.body;
      EXPECT_LT(response.raw.size(), 4 * kKiB);
      EXPECT_TRUE(IsAccepted(client_->Post(kVitals, Vital("good", ++good_)), 1));
    }
    std::vector<Fields> goods;
    for (int64_t good = 1; good <= good_; ++good) goods.push_back(VitalEntry("good", good));
    EXPECT_EQ(Stored("vitals"), goods);
  }

  // All are stored, as these values of their `field`.
  void ExpectTaken(const std::string& field,
                   const std::vector<std::pair<std::string, std::string>>& bodies) {
    Empty();
    std::vector<std::string> values;
    for (const auto& [body, value] : bodies) {
      SCOPED_TRACE(testing::PrintToString(body.substr(0, 120)));
      EXPECT_TRUE(IsAccepted(client_->Post(kVitals, body), 1));
      values.push_back(value);
    }
    std::vector<std::string> stored;
    for (const Fields& entry : Stored("vitals")) {
      for (const auto& [name, value] : entry) {
        if (name == field) stored.push_back(value);
      }
    }
    EXPECT_EQ(stored, values);
  }

 private:
  void Empty() {
    redis_.client().Do({"DEL", "vitals"});
    good_ = 0;
  }

  std::optional<HttpClient> client_;
  int64_t good_ = 0;
};

TEST_F(HostileJsonTest, DepthIsBoundedWhereverItIs) {
  const std::string arrays = Repeat("[", kDeep) + Repeat("]", kDeep);
  const std::string objects = Repeat(R"({"a":)", kDeep) + "1" + Repeat("}", kDeep);
  const std::string mixed = Repeat(R"([{"a":)", kDeep / 2) + "1" + Repeat("}]", kDeep / 2);
  for (const std::string& deep : {arrays, objects, mixed}) {
    ExpectRefused("depth", {Unknown(deep), Rate(deep), Device(deep),
                            R"({"data":)" + Unknown(deep) + "}", "[" + Unknown(deep) + "]"});
    ExpectRefused("depth", {Unknown(deep)}, kNdjson);
  }
  ExpectRefused("depth", {Unknown(Repeat("[", kDeep)), Unknown(Repeat(R"({"a":)", kDeep))});
}

TEST_F(HostileJsonTest, ADeepRootIsNoRecord) {
  const std::string arrays = Repeat("[", kDeep) + Repeat("]", kDeep);
  ExpectRefused("depth", {arrays, R"({"data":)" + arrays + "}"});
  ExpectRefused("not_object", {arrays}, kNdjson);
}

TEST_F(HostileJsonTest, ANumberHasABound) {
  const std::string digits = "1" + std::string(kLong, '0');
  ExpectRefused("range", {Rate("1e400"), Rate("-1e400"), Rate("1e999999999999999999999"),
                          Time(digits), Time("\"" + digits + "\"")});
  ExpectRefused("length",
                {Rate("0." + std::string(kLong, '0') + "1"), Rate("72." + std::string(kLong, '0')),
                 Rate("1e-" + std::string(kLong, '9')), Rate("0e" + std::string(kLong, '0'))});
  ExpectRefused("type", {Rate("\"" + digits + "\""), Time("1." + digits), Time("1e3"), Time("1.0"),
                         Time("\"1e3\""), Time("\"" + std::string(kLong, '0') + "\""),
                         Time("\" 1\""), Time("\"+1\""), Time("\"\"")});
  ExpectRefused("json", {Rate("01"), Rate("+1"), Rate(".5"), Rate("1."), Rate("1e"), Rate("1e+"),
                         Rate("0x10"), Rate("-"), Rate("--1"), Rate("Infinity"), Rate("1_000"),
                         Rate(std::string(kLong, '0')), Unknown("1" + digits + ".")});
}

TEST_F(HostileJsonTest, A64BitNumberEndsWhere64BitsEnd) {
  ExpectRefused("range", {Time("9223372036854775808"), Time("-9223372036854775809"),
                          Time("18446744073709551615"), Time("18446744073709551616"),
                          Time("\"9223372036854775808\""), Time("\"-9223372036854775809\"")});
  ExpectTaken("timestamp", {{Time("9223372036854775807"), "9223372036854775807"},
                            {Time("-9223372036854775808"), "-9223372036854775808"},
                            {Time("\"9223372036854775807\""), "9223372036854775807"},
                            {Time("-0"), "-0"}});
}

TEST_F(HostileJsonTest, ATinyOrLongNumberThatIsSoundIsTaken) {
  ExpectTaken("heart_rate",
              {{Rate("-0"), "-0"},
               {Rate("-0.0"), "-0.0"},
               {Rate("1e-400"), "1e-400"},
               {Rate("0." + std::string(100, '0') + "1"), "0." + std::string(100, '0') + "1"},
               {Rate("0E+0"), "0E+0"},
               {Unknown("1" + std::string(kLong, '0')), "1"},
               {Unknown("1e999999"), "1"}});
}

TEST_F(HostileJsonTest, AControlCharacterIsNoPartOfAString) {
  std::vector<std::string> raw;
  std::vector<std::string> between;
  for (char c = 0; c < 0x20; ++c) {
    raw.push_back(Device("\"a"s + c + "b\""));
    raw.push_back(Unknown("\""s + c + "\""));
    raw.push_back(With("\"heart_rate\":1,\"x"s + c + "\":1"));
    if (c == '\t' || c == '\n' || c == '\r') continue;
    between.push_back(With("\"heart_rate\":"s + c + "1"));
    between.push_back(With("\"heart_rate\":1"s + c));
    between.push_back(With(""s + c + "\"heart_rate\":1"));
  }
  ExpectRefused("json", raw);
  ExpectRefused("json", between);
}

TEST_F(HostileJsonTest, AnEscapedControlCharacterIsStoredAsWhatItIs) {
  std::vector<std::pair<std::string, std::string>> bodies;
  for (char c = 0; c < 0x20; ++c) {
    const char* const hex = "0123456789abcdef";
    bodies.emplace_back(Device("\"a\\u00"s + hex[c / 16] + hex[c % 16] + "b\""), "a"s + c + "b");
  }
  bodies.emplace_back(Device("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "\"\\/\b\f\n\r\t");
  bodies.emplace_back(Device("\"a\x7F\""), "a\x7F");
  bodies.emplace_back(Device("\"\\ud83d\\ude00\""), "\xF0\x9F\x98\x80");
  ExpectTaken("device_id", bodies);
}

TEST_F(HostileJsonTest, ASurrogateStandsInAPair) {
  ExpectRefused("escape",
                {Device(R"("\ud800")"), Device(R"("\udfff")"), Device(R"("\ud83d\ud83d")"),
                 Device(R"("\ud83d\u0041")"), Device(R"("\ud83dx")"), Device(R"("\u12")"),
                 Device(R"("\u12g4")"), Device(R"("\x41")"), Unknown(R"("\ud800")"),
                 With(R"("heart_rate":1,"\ud800":1)")});
}

TEST_F(HostileJsonTest, TextIsUtf8) {
  for (const std::string& bytes :
       {"\xC0\xAF"s, "\xE0\x80\xAF"s, "\xF0\x80\x80\xAF"s, "\xC1\xBF"s, "\xED\xA0\x80"s,
        "\xED\xBF\xBF"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\x80"s, "\xFE"s, "\xFF"s,
        "\xE2\x82"s, "\xF0\x9F\x98"s, "\xC3("s}) {
    ExpectRefused("utf8", {Device("\"" + bytes + "\""), Unknown("\"" + bytes + "\""),
                           With("\"heart_rate\":1,\"" + bytes + "\":1"), Device("\"d\"") + bytes});
  }
}

// RFC 8259 section 8.1 lets a parser refuse it.
TEST_F(HostileJsonTest, AByteOrderMarkIsNoJson) {
  const std::string mark = "\xEF\xBB\xBF";
  ExpectRefused("json", {mark + Vital("d", 1), "[" + mark + "]"});
  ExpectRefused("json", {mark + Vital("d", 1)}, kNdjson);
}

TEST_F(HostileJsonTest, AStringHasItsFieldsBound) {
  ExpectRefused("length", {Device("\"" + std::string(kLong, 'd') + "\""),
                           Device("\"" + Repeat("\\u0064", kLong / 6) + "\""),
                           Device("\"" + Repeat("\xC3\xA4", 65) + "\"")});
  ExpectRefused("json", {Device("\"" + std::string(kLong, 'd')), Device("\"" + Repeat("\\", 9))});
  ExpectTaken("device_id",
              {{Device("\"" + Repeat("\xC3\xA4", 64) + "\""), Repeat("\xC3\xA4", 64)}});
}

TEST_F(HostileJsonTest, NamesMayBeManyLongOrEmpty) {
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += ",\"x" + std::to_string(i) + "\":[{}]";
  const std::string rate = "\"heart_rate\":";
  ExpectTaken("heart_rate", {{With(rate + "2" + many), "2"},
                             {With(rate + "3,\"" + std::string(kLong, 'k') + "\":1"), "3"},
                             {With(rate + "4,\"\":1,\"\":2"), "4"},
                             {With("\"\\u0068eart_rate\":5"), "5"},
                             {With(rate + "6,\"heart_rate\\u0000\":1"), "6"}});
  ExpectRefused("duplicate", {With(rate + "1,\"\\u0068eart_rate\":2"),
                              With(rate + "1," + Repeat(rate + "2,", 10'000) + "\"x\":1")});
}

}  // namespace
}  // namespace sluice
