// A packed route: a request's records are one entry, and what a consumer reads from its lines is
// what the same body stores as entries of their own.
#include <string>
#include <vector>

#include "integration/gate_fixture.h"
#include "support/packed_entry.h"

namespace sluice {
namespace {

// Routes of every type of field, which differ in what an entry holds.
std::string Routes(const std::string& more = "") {
  std::string toml;
  for (const std::string entry : {"record", "packed"}) {
    toml += "[[route]]\npath = '/" + entry + "'\nstream = '" + entry + "'\nentry = '" + entry +
            "'\n" + more + R"(field = [
  { name = "device_id", type = "string", key = true, required = true, bytes_max = 100000 },
  { name = "at_ms", type = "int64" }, { name = "rate", type = "double" },
  { name = "answer", type = "int32" }, { name = "ok", type = "bool" },
  { name = "sent_at", type = "timestamp" }, { name = "note", type = "string" } ]
alert = [ { name = "fast", field = "rate", above = 150 } ]
)";
  }
  return toml;
}

class PackedTest : public GateTest {
 protected:
  HttpResponse PostKeyed(const std::string& body) const {
    HttpClient client = Connect();
    client.Send(PostRequest("/packed", body, "application/json", "Idempotency-Key: \"k\"\r\n"));
    return client.ReadResponse();
  }
  std::vector<StreamEntry> Packed() { return redis_.client().ReadStream("packed"); }
  // As entries of their own.
  std::vector<Fields> PackedFields() {
    std::vector<Fields> all;
    for (StreamEntry& record : Unpacked(Packed())) all.push_back(std::move(record.fields));
    return all;
  }
  // Posts the body to both routes: `records` are stored, and the same, one entry here.
  void ExpectSame(std::string_view body, size_t records,
                  std::string_view content_type = "application/json") {
    SCOPED_TRACE(body.substr(0, 200));
    redis_.client().Do({"FLUSHALL"});
    EXPECT_TRUE(IsAccepted(Post("/record", body, content_type), records));
    EXPECT_TRUE(IsAccepted(Post("/packed", body, content_type), records));
    EXPECT_EQ(Length("packed"), 1);
    const std::vector<Fields> fields = PackedFields();
    EXPECT_EQ(fields.size(), records);
    EXPECT_EQ(fields, Stored("record"));
  }
};

TEST_F(PackedTest, EveryShapeIsOneEntryOfWhatItsRecordsWouldBe) {
  StartAll(Routes());
  const std::string a = R"({"device_id":"a","rate":72.5})";
  const std::string b = R"({"note":"x","deviceId":"b","atMs":"-5","answer":7,"ok":false})";
  const std::string c =
      R"({"ok":true,"sent_at":"2026-01-31T08:00:00.5+01:00","device_id":"","rate":null,"else":1})";
  ExpectSame(a, 1);
  ExpectSame("[" + b + "]", 1);
  ExpectSame("[" + a + "," + b + " , " + c + "]", 3);
  ExpectSame(R"({"data":)" + b + "}", 1);
  ExpectSame(R"({"data":[)" + c + "," + a + "]}", 2);
  ExpectSame(a, 1, kNdjson);
  ExpectSame(a + "\r\n\n" + b + "\n" + c + "\n", 3, kNdjson);
}

TEST_F(PackedTest, ALineIsTypedAndHoldsWhatTheRecordHas) {
  StartAll(Routes());
  EXPECT_TRUE(
      IsAccepted(Post("/packed", R"([{"sentAt":"2026-01-31T08:00:00Z","ok":true,"answer":-3,)"
                                 R"("rate":7.250E1,"atMs":"17","note":null,"device_id":"d"},)"
                                 R"({"device_id":"e"}])"),
                 2));
  const std::vector<StreamEntry> entries = Packed();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(
      entries[0].fields,
      (Fields{{"records", R"({"device_id":"d","at_ms":17,"rate":7.250E1,"answer":-3,"ok":true,)"
                          R"("sent_at":"2026-01-31T08:00:00Z"})"
                          "\n{\"device_id\":\"e\"}\n"}}));
}

TEST_F(PackedTest, NumbersKeepTheirTexts) {
  StartAll(Routes());
  std::string body;
  size_t records = 0;
  for (const char* number : {"0", "-0", "-0.0", "72.50", "1e2", "3.5E+2", "1e-300",
                             "9007199254740993", "0.1000000000000000000001"}) {
    body += R"({"device_id":"d","rate":)" + std::string(number) + "}\n";
    ++records;
  }
  for (const char* number : {"9223372036854775807", "\"-9223372036854775808\"", "\"0\""}) {
    body += R"({"device_id":"d","at_ms":)" + std::string(number) + "}\n";
    ++records;
  }
  ExpectSame(body, records, kNdjson);
}

TEST_F(PackedTest, StringsComeBackCharacterByCharacter) {
  StartAll(Routes());
  std::string body;
  size_t records = 0;
  const auto add = [&](const std::string& token) {
    body += R"({"device_id":")" + token + R"(","note":")" + token + token + "\"}\n";
    ++records;
  };
  for (const char* token : {"",
                            " ",
                            R"(\"quoted\")",
                            R"(back\\slash\/)",
                            R"(\b\f\n\r\t)",
                            R"(\u0000)",
                            R"(a\u0000)",
                            R"(\u0022\u005c\u002f)",
                            "\x7f",
                            "Fieber \xe2\x89\xa5 38,5 \xc2\xb0\x43",
                            "\xf0\x9f\x98\x80",
                            R"(\ud83d\ude00\u00e9\u4e2d)",
                            "\xe2\x80\xa8\xe2\x80\xa9",
                            R"(\u2028 and \u2029)",
                            "a\xc2\x85z",
                            R"(\u0085\u0084\u0086)",
                            "\xc3\xa9\xe2\x80\xa6",
                            R"({\"json\":[1,\"2\"]})",
                            R"(\\u0000)",
                            R"(\\)",
                            R"(\\\")",
                            "[{]},:"}) {
    add(token);
  }
  for (int c = 0; c < 0x20; ++c) {
    const char hex[] = {"0123456789abcdef"[c >> 4], "0123456789ABCDEF"[c & 15], '\0'};
    add("long enough to be walked by words \\u00" + std::string(hex) + " and on");
  }
  ExpectSame(body, records, kNdjson);
  const std::string lines = Packed().at(0).fields.at(0).second;
  EXPECT_EQ(lines.find("\xe2\x80\xa8"), lines.npos) << "ends a line for some languages";
  EXPECT_EQ(lines.find("\xc2\x85"), lines.npos);
}

TEST_F(PackedTest, AStringThatIsNoTextIsRefusedInBothForms) {
  StartAll(Routes());
  for (const std::string token :
       {"\\ud83d", "\\ude00", "\\ude00\\ud83d", "\\ud83dx", "\xff", "\xed\xa0\x80", "\n"}) {
    const std::string body = R"({"device_id":")" + token + "\"}";
    EXPECT_EQ(Post("/record", body).status, 400) << token;
    EXPECT_EQ(Post("/packed", body).status, 400) << token;
  }
  EXPECT_EQ(Length("packed"), 0);
}

TEST_F(PackedTest, AStringOfManyEscapesGrowsAsItMust) {
  StartAll(Routes());
  std::string token;
  for (int i = 0; i < 50'000; ++i) token += i % 3 == 0 ? "\\u0001" : "\\\"";
  ExpectSame(R"([{"device_id":")" + token + R"("},{"device_id":"b"}])", 2);
}

TEST_F(PackedTest, ABadRecordStoresNothingOfItsRequestAndSparesItsNeighbours) {
  StartAll(Routes(), 1);
  HttpClient client = Connect();
  std::string many = "[";
  for (int i = 0; i < 50; ++i) many += R"({"device_id":"gone"},)";
  client.Send(PostRequest("/packed", R"({"device_id":"a"})") +
              PostRequest("/packed", many + R"({"device_id":7}])") +
              PostRequest("/record", R"({"device_id":"r"})") +
              PostRequest("/packed", R"([{"device_id":"b"},{"device_id":"c"}])"));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  const HttpResponse bad = client.ReadResponse();
  EXPECT_TRUE(IsProblem(bad, 400));
  EXPECT_EQ(AnsweredErrors(bad).at(0).pointer, "/50/device_id");
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 2));
  EXPECT_EQ(PackedFields(), (std::vector<Fields>{
                                {{"device_id", "a"}}, {{"device_id", "b"}}, {{"device_id", "c"}}}));
  EXPECT_EQ(Stored("record"), (std::vector<Fields>{{{"device_id", "r"}}}));
}

TEST_F(PackedTest, ARequestLargerThanABatchStaysOneEntry) {
  StartAll("[delivery]\nbatch_records_max = 10\nbatch_bytes_max = 4096\n" + Routes());
  std::string body;
  for (int i = 0; i < 5'000; ++i) {
    body += R"({"device_id":")" + std::to_string(i) + R"(","at_ms":)" + std::to_string(i) + "}\n";
  }
  ExpectSame(body, 5'000, kNdjson);
}

TEST_F(PackedTest, RecordsAreCountedAndNotEntries) {
  StartAll(Routes("ack = 'memory'\n"), 1);
  const std::string three = R"([{"device_id":"a"},{"device_id":"b"},{"device_id":"c"}])";
  EXPECT_TRUE(IsAccepted(Post("/packed", three), 3, 202));
  EXPECT_TRUE(IsAccepted(Post("/packed", three), 3, 202));
  ASSERT_TRUE(WaitFor([this] { return Length("packed") == 2; }, "both entries"));
  ASSERT_TRUE(WaitFor([this] { return Metrics().Sum("sluice_inflight_bytes") == 0; }, "their end"));
  EXPECT_EQ(Metrics().Sum("sluice_records_total", {{"route", "/packed"}, {"outcome", "stored"}}),
            6);
  EXPECT_EQ(Metrics().Sum("sluice_batch_records_sum", {{"lane", "bulk"}}), 6);
  EXPECT_EQ(StopGate().stored, 6u);
}

TEST_F(PackedTest, ARequestWithAKeyIsStoredOnce) {
  StartAll(Routes());
  const std::string two = R"([{"device_id":"a","rate":200},{"device_id":"b"}])";
  EXPECT_TRUE(IsAccepted(PostKeyed(two), 2));
  EXPECT_EQ(PostKeyed(R"([ {"device_id":"a","rate":200} , {"device_id":"b"} ])").body,
            R"({"success":true,"accepted":2,"repeated":true})");
  EXPECT_TRUE(IsProblem(PostKeyed(R"([{"device_id":"a","rate":200},{"device_id":"c"}])"), 422));
  EXPECT_TRUE(IsProblem(PostKeyed(R"([{"device_id":"a","rate":200}])"), 422));
  EXPECT_EQ(Length("packed"), 1);
  EXPECT_EQ(PackedFields(),
            (std::vector<Fields>{{{"device_id", "a"}, {"rate", "200"}}, {{"device_id", "b"}}}));
  EXPECT_EQ(Length("alerts"), 1) << "that of the repetition is left out, too";
}

TEST_F(PackedTest, EachAlertIsAnEntryOfItsOwn) {
  StartAll(Routes());
  EXPECT_TRUE(IsAccepted(Post("/packed", R"([{"device_id":"a","rate":151},{"device_id":"b"},)"
                                         R"({"device_id":"c","rate":152}])"),
                         3));
  EXPECT_EQ(Length("packed"), 1);
  const std::vector<Fields> alerts = Stored("alerts");
  ASSERT_EQ(alerts.size(), 2u);
  EXPECT_EQ(alerts[0].back(), (std::pair<std::string, std::string>{"rate", "151"}));
  EXPECT_EQ(alerts[1].back(), (std::pair<std::string, std::string>{"rate", "152"}));
}

TEST_F(PackedTest, MaxlenCountsRequests) {
  StartAll(Routes("maxlen = 2\n"));
  redis_.client().Do({"CONFIG", "SET", "stream-node-max-entries", "1"});
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(IsAccepted(Post("/packed", R"([{"device_id":"a"},{"device_id":"b"}])"), 2));
  }
  EXPECT_LE(Length("packed"), 3);
  EXPECT_GE(Length("packed"), 2);
}

TEST_F(PackedTest, TheConfigurationForTheBenchIsTaken) {
  const ProgramRun run = RunSluice({"--config", SLUICE_SOURCE_DIR "/perf/packed.toml", "--check"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("entry = \"packed\""), run.out.npos);
}

}  // namespace
}  // namespace sluice
