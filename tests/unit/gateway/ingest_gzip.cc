// IngestHandler and gzip bodies: what they are taken for, what is refused, and what they are
// charged while they come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/gzip.h"
#include "support/json.h"
#include "unit/gateway/ingest_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kGzip = "Content-Encoding: gzip\r\n";
constexpr const char* kOne = R"({"device_id":"d-1","heart_rate":61})";
constexpr const char* kTwo = R"([{"device_id":"a"},{"device_id":"b"}])";
constexpr const char* kHigh = R"({"device_id":"h","heart_rate":210})";

// A budget for two gzip bodies and no third.
class GzipRequestTest : public IngestHandlerTest {
 protected:
  static constexpr size_t kBudget = 2 * (kGzipReaderBytes + kBodyBytesMax);
  explicit GzipRequestTest(size_t reserve = 0) : IngestHandlerTest(kBudget, reserve) {}

  static std::string ChunkedGzip() {
    std::string head = Chunked("/v1/vitals");
    return head.insert(head.find("\r\n") + 2, kGzip);
  }
  // A connection with a body that has inflated to `bytes` and is not at its end.
  Client& ConnectHalf(size_t bytes) {
    Client& client = Connect();
    const std::string gzip = Gzip(std::string(bytes, ' '));
    client.Say(ChunkedGzip() + Chunk(std::string_view(gzip).substr(0, gzip.size() - 8)));
    return client;
  }
  std::vector<size_t> RecordCounts() const {
    std::vector<size_t> counts;
    for (const FakeSink::Request& request : sink.committed)
      counts.push_back(request.records.size());
    return counts;
  }
  // Refused, nothing held, and the connection takes the next request.
  void ExpectRefusedAndGoesOn(const std::string& bytes, int status) {
    Client& client = Connect();
    client.Say(bytes + Post("/v1/vitals", kOne));
    TurnEnd();
    EXPECT_THAT(client.Statuses(), ElementsAre(status));
    ASSERT_THAT(sink.committed, SizeIs(1)) << "the request behind it";
    EXPECT_EQ(inflight_bytes(), sink.unsettled_bytes() + kRequestOverheadBytes);
    sink.Settle(0, Outcome::kStored);
    TurnEnd();
    EXPECT_THAT(client.Statuses(), ElementsAre(200));
  }
  void TearDown() override {
    while (!sink.committed.empty()) sink.Settle(0, Outcome::kStored);
    IngestHandlerTest::TearDown();
  }
};

class UrgentGzipTest : public GzipRequestTest {
 protected:
  UrgentGzipTest() : GzipRequestTest(kBudget / 2) {}
};

// ---- Taken -------------------------------------------------------------------------------------

TEST_F(GzipRequestTest, ABodyIsTakenForWhatItInflatesTo) {
  Client& client = Connect();
  client.Say(Post("/v1/vitals", Gzip(kOne), kGzip));
  client.Say(Post("/v1/vitals", Gzip(kTwo), "Content-Encoding: x-gzip\r\n"));
  client.Say(Post("/v1/vitals", kTwo, "Content-Encoding: identity\r\n"));
  client.Say(Post("/v1/vitals", Gzip(std::string(kOne) + "\n" + kOne),
                  std::string(kGzip) + "Content-Type: application/x-ndjson\r\n"));
  EXPECT_THAT(RecordCounts(), ElementsAre(1, 2, 2, 2));
  EXPECT_THAT(sink.committed[0].records, ElementsAre("d-1|61"));
}

TEST_F(GzipRequestTest, TheSameHeadIsGzipAgainAndAnotherIsNot) {
  Client& client = Connect();
  client.Say(Post("/v1/vitals", Gzip(kOne), kGzip));
  client.Say(Post("/v1/vitals", Gzip(kTwo), kGzip));
  client.Say(Post("/v1/vitals", kTwo));
  client.Say(Post("/v1/vitals", kTwo));
  EXPECT_THAT(RecordCounts(), ElementsAre(1, 2, 2, 2));
}

TEST_F(GzipRequestTest, AnyCutAndAnyChunksAreTheSame) {
  const std::string gzip = Gzip(kTwo);
  for (const std::string& bytes :
       {Post("/v1/vitals", gzip, kGzip),
        ChunkedGzip() + Chunk(gzip.substr(0, 7)) + Chunk(gzip.substr(7)) + "0\r\n\r\n"}) {
    for (size_t cut = 1; cut < bytes.size(); ++cut) {
      Client& client = Connect();
      client.Say(bytes.substr(0, cut));
      client.Say(bytes.substr(cut));
      ASSERT_THAT(RecordCounts(), ElementsAre(2)) << "cut at " << cut;
      sink.Settle(0, Outcome::kStored);
      TurnEnd();
      ASSERT_THAT(client.Statuses(), ElementsAre(200)) << "cut at " << cut;
    }
  }
}

TEST_F(GzipRequestTest, WhatItInflatesToIsLookedAtAsAnyBody) {
  const HttpResponse empty = Ask(Post("/v1/vitals", Gzip(""), kGzip));
  EXPECT_EQ(empty.status, 400);
  EXPECT_THAT(empty.body, HasSubstr(R"("code":"empty")"));
  EXPECT_THAT(Ask(Post("/v1/vitals", Gzip("{"), kGzip)).body, HasSubstr(R"("code":"json")"));
}

TEST_F(GzipRequestTest, AClientThatAsksIsToldToGoOn) {
  Client& client = Connect();
  const std::string gzip = Gzip(kOne);
  const std::string bytes =
      Post("/v1/vitals", gzip, std::string(kGzip) + "Expect: 100-continue\r\n");
  client.Say(bytes.substr(0, bytes.size() - gzip.size()));
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(100));
  client.Say(gzip);
  EXPECT_THAT(RecordCounts(), ElementsAre(1));
}

// ---- Refused -----------------------------------------------------------------------------------

TEST_F(GzipRequestTest, WhatIsNoWholeGzipStreamIs400AndTheConnectionGoesOn) {
  const std::string gzip = Gzip(kOne);
  for (const std::string& body : {std::string(), std::string(kOne), gzip.substr(0, gzip.size() - 1),
                                  gzip + "x", gzip.substr(0, 12)}) {
    SCOPED_TRACE(testing::PrintToString(body));
    ExpectRefusedAndGoesOn(Post("/v1/vitals", body, kGzip), 400);
    ExpectRefusedAndGoesOn(ChunkedGzip() + (body.empty() ? "" : Chunk(body)) + "0\r\n\r\n", 400);
  }
  const HttpResponse answer = Ask(Post("/v1/vitals", kOne, kGzip));
  EXPECT_EQ(Json::Parse(answer.body).Text("outcome"), "not_stored");
  EXPECT_THAT(answer.body, HasSubstr("gzip"));
}

TEST_F(GzipRequestTest, TheRestOfAMalformedBodyIsReadPast) {
  Client& client = Connect();
  const std::string bytes = Post("/v1/vitals", "no gzip, and more of it", kGzip);
  client.Say(bytes.substr(0, bytes.size() - 9));
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(400)) << "the answer does not wait for the body";
  EXPECT_EQ(inflight_bytes(), 0u);
  client.Say(bytes.substr(bytes.size() - 9) + Post("/v1/vitals", Gzip(kOne), kGzip));
  EXPECT_THAT(RecordCounts(), ElementsAre(1));
}

TEST_F(GzipRequestTest, AnotherCodingIs415WithTheOneThatIsTaken) {
  for (const char* fields : {"Content-Encoding: br\r\n", "Content-Encoding: gzip, gzip\r\n"}) {
    ExpectRefusedAndGoesOn(Post("/v1/vitals", kOne, fields), 415);
    EXPECT_TRUE(Ask(Post("/v1/vitals", kOne, fields)).Says("Accept-Encoding", "gzip")) << fields;
  }
  const HttpResponse other_type = Ask(Post("/v1/vitals", kOne, "Content-Type: text/plain\r\n"));
  EXPECT_EQ(other_type.status, 415);
  EXPECT_EQ(other_type.Header("Accept-Encoding"), nullptr);
}

TEST_F(GzipRequestTest, TheMostIsCountedInflatedToTheByte) {
  std::string most = kOne;
  most.resize(kBodyBytesMax, ' ');
  Client& taken = Connect();
  taken.Say(Post("/v1/vitals", Gzip(most), kGzip));
  EXPECT_THAT(RecordCounts(), ElementsAre(1));
  Client& refused = Connect();
  refused.Say(Post("/v1/vitals", Gzip(most + " "), kGzip));
  TurnEnd();
  EXPECT_THAT(refused.Statuses(), ElementsAre(413));
  EXPECT_TRUE(refused.wire->write_finished) << "as any body that is too large";
}

TEST_F(GzipRequestTest, WhatInflatesToNothingIsBoundedByItsBytes) {
  Client& client = Connect();
  const std::string member = Gzip("");
  client.Say(ChunkedGzip());
  for (size_t sent = 0; sent + member.size() <= kBodyBytesMax; sent += member.size()) {
    client.Say(Chunk(member));
    EXPECT_THAT(client.Statuses(), IsEmpty());
  }
  client.Say(Chunk(member));
  TurnEnd();
  EXPECT_THAT(client.Statuses(), ElementsAre(413));
}

// ---- Charged -----------------------------------------------------------------------------------

TEST_F(GzipRequestTest, ABodyThatComesSlowlyIsChargedInflatedAndWithItsReader) {
  Client& client = ConnectHalf(150);
  EXPECT_EQ(inflight_bytes(), kGzipReaderBytes + 150);
  client.wire->FinishClose("connection reset by peer");
  EXPECT_EQ(inflight_bytes(), 0u);
}

TEST_F(GzipRequestTest, SlowBodiesAreAsManyAsTheBudgetHasRoomFor) {
  ConnectHalf(kBodyBytesMax);
  Client& second = ConnectHalf(kBodyBytesMax);
  EXPECT_EQ(inflight_bytes(), kBudget);
  Client& third = Connect();
  third.Say(ChunkedGzip());
  TurnEnd();
  EXPECT_THAT(third.Statuses(), ElementsAre(503));
  second.wire->FinishClose("connection reset by peer");
  third.Say("0\r\n\r\n" + ChunkedGzip());
  EXPECT_EQ(inflight_bytes(), kBudget - kBodyBytesMax);
}

TEST_F(UrgentGzipTest, WhenThereIsNoRoomItMayStillRaiseAnAlert) {
  ConnectHalf(kBodyBytesMax);
  Client& normal = Connect();
  normal.Say(Post("/v1/vitals", Gzip(kOne), kGzip));
  Client& urgent = Connect();
  urgent.Say(Post("/v1/vitals", Gzip(kHigh), kGzip));
  TurnEnd();
  EXPECT_THAT(normal.Statuses(), ElementsAre(503));
  ASSERT_THAT(sink.committed, SizeIs(1));
  EXPECT_THAT(sink.committed[0].alerts, ElementsAre("0 h|210"));
}

}  // namespace
}  // namespace sluice
