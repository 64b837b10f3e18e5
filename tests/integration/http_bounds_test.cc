// Each bound on what a request or a connection may be: what has exactly as much is taken, what has
// one more is refused, and stores nothing.
#include "integration/gate_fixture.h"
#include "sluice/base/limits.h"

namespace sluice {
namespace {

class HttpBoundsTest : public GateTest {
 protected:
  // `taken` is stored; `refused` is answered so and closes. Each on a connection of its own.
  void ExpectBound(const std::string& taken, const std::string& refused, int status) {
    {
      HttpClient client = Connect();
      client.Send(taken);
      EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
    }
    HttpClient client = Connect();
    client.Send(refused + PostRequest(kVitals, Vital("behind", 1)));
    const HttpResponse response = client.ReadResponse();
    EXPECT_TRUE(IsProblem(response, status));
    EXPECT_TRUE(ClosesConnection(response)) << response.raw;
    EXPECT_TRUE(client.ReadClose());
    EXPECT_EQ(Length("vitals"), 1);
  }
};

std::string PostWith(std::string_view more_headers) {
  return PostRequest(kVitals, Vital("d", 1), "application/json", more_headers);
}

TEST_F(HttpBoundsTest, HeadBytes) {
  StartAll("[http]\nheader_bytes_max = 512\n");
  const size_t around = PostWith("X: \r\n").size() - Vital("d", 1).size();
  const std::string value(512 - around, 'x');
  ExpectBound(PostWith("X: " + value + "\r\n"), PostWith("X: " + value + "x\r\n"), 431);
}

TEST_F(HttpBoundsTest, HeadFields) {
  StartAll("[http]\nheader_count_max = 8\n");
  std::string five;  // beside Host, Content-Type and Content-Length
  for (int i = 0; i < 5; ++i) five += "X: y\r\n";
  ExpectBound(PostWith(five), PostWith(five + "X: y\r\n"), 431);
}

TEST_F(HttpBoundsTest, TheRequestLine) {
  StartAll();
  const std::string path = std::string(kVitals) + "?";
  const std::string query(kRequestLineBytesMax - path.size() - std::string_view("POST ").size(),
                          'q');
  ExpectBound(PostRequest(path + query, Vital("d", 1)),
              PostRequest(path + query + "q", Vital("d", 1)), 414);
}

TEST_F(HttpBoundsTest, TheBodyByItsLength) {
  StartAll("[http]\nbody_bytes_max = 1000\n");
  const std::string body = Vital("d", 1) + std::string(1'000 - Vital("d", 1).size(), ' ');
  ExpectBound(PostRequest(kVitals, body), PostRequest(kVitals, body + " "), 413);
}

TEST_F(HttpBoundsTest, TheBodyByItsChunks) {
  StartAll("[http]\nbody_bytes_max = 1000\n");
  const std::string head =
      "POST /v1/vitals HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string body = Vital("d", 1) + std::string(1'000 - Vital("d", 1).size(), ' ');
  ExpectBound(head + Chunked(body, 1'000), head + Chunked(body + " ", 1'000), 413);
}

TEST_F(HttpBoundsTest, TheLargestBodyThatIsTaken) {
  StartAll();
  const std::string body = Vital("d", 1) + std::string(kBodyBytesMax - Vital("d", 1).size(), ' ');
  ExpectBound(PostRequest(kVitals, body), PostRequest(kVitals, body + " "), 413);
}

TEST_F(HttpBoundsTest, AField) {
  StartAll("", 1);
  HttpClient client = Connect();
  EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital(std::string(128, 'd'), 1)), 1));
  EXPECT_TRUE(IsProblem(client.Post(kVitals, Vital(std::string(129, 'd'), 1)), 400));
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry(std::string(128, 'd'), 1)}));
}

TEST_F(HttpBoundsTest, TheErrorsThatAreNamed) {
  StartAll();
  HttpClient client = Connect();
  for (const size_t count : {kErrorsMax, kErrorsMax + 1}) {
    std::string body = "[{}";
    for (size_t i = 0; i < count; ++i) body += ",17";
    const HttpResponse response = client.Post(kVitals, body + "]");
    EXPECT_TRUE(IsProblem(response, 400));
    EXPECT_EQ(AnsweredErrors(response).size(), kErrorsMax);
  }
}

// Beyond it no more is read, and nothing is lost.
TEST_F(HttpBoundsTest, AnswersThatAConnectionIsOwed) {
  StartAll("[http]\npipeline_max = 4\n", 1);
  redis_.Pause();
  HttpClient client = Connect();
  for (int i = 0; i < 5; ++i) client.Send(PostRequest(kVitals, Vital("d", i)));
  ASSERT_TRUE(WaitInflight());
  redis_.Continue();
  std::vector<Fields> entries;
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
    entries.push_back(VitalEntry("d", i));
  }
  EXPECT_EQ(Stored("vitals"), entries);
}

TEST_F(HttpBoundsTest, AnswersThatWaitForTheSocket) {
  StartAll();
  std::string bad = "[";
  for (size_t i = 0; i < kErrorsMax; ++i) bad += R"({"device_id":7},)";
  bad += "17]";
  HttpClient client = Connect();
  const size_t answer_bytes = client.Post(kVitals, bad).raw.size();
  const size_t count = 4 * kAnswerBytesMax / answer_bytes;
  std::string requests;
  for (size_t i = 0; i < count; ++i) requests += PostRequest(kVitals, bad);
  client.Send(requests + PostRequest(kVitals, Vital("d", 1)));
  for (size_t i = 0; i < count; ++i) EXPECT_EQ(client.ReadResponse().body.size() > 1'000, true);
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_EQ(Length("vitals"), 1);
}

// Beyond the whole budget waiting would not help, so it is 413 and not 503; the connection goes on.
TEST_F(HttpBoundsTest, WhatRecordsAndTheirAlertsEncodeTo) {
  StartAll(
      "[http]\nbody_bytes_max = \"16KiB\"\n"
      "[delivery]\ninflight_bytes_max = \"64KiB\"\nbatch_bytes_max = \"16KiB\"\n",
      1);
  const auto fast = [](int count) {
    const std::string record = R"({"device_id":"d","timestamp":1,"heart_rate":200})";
    std::string body = "[" + record;
    for (int i = 1; i < count; ++i) body += "," + record;
    return body + "]";
  };
  HttpClient client = Connect();
  EXPECT_TRUE(IsAccepted(client.Post(kVitals, fast(50)), 50));
  const HttpResponse response = client.Post(kVitals, fast(300));
  EXPECT_TRUE(IsProblem(response, 413));
  EXPECT_EQ(BodyText(response, "outcome"), "not_stored");
  EXPECT_FALSE(ClosesConnection(response));
  EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("d", 1)), 1));
  EXPECT_EQ(Length("vitals"), 51);
  EXPECT_EQ(Length("alerts"), 50);
}

}  // namespace
}  // namespace sluice
