// What one connection may do: stay, pipeline, send chunks, ask first, speak HTTP/1.0, leave early.
#include "integration/gate_fixture.h"

namespace sluice {
namespace {

class HttpConnectionTest : public GateTest {};

constexpr auto kNoBody = HttpResponseReader::Body::kNone;

TEST_F(HttpConnectionTest, IsKeptAliveAndSaysNothingAboutIt) {
  StartAll();
  HttpClient client = Connect();
  for (int i = 0; i < 5; ++i) {
    const HttpResponse response = client.Post(kVitals, Vital("d", i));
    EXPECT_TRUE(IsAccepted(response, 1));
    EXPECT_EQ(response.Header("Connection"), nullptr) << response.raw;
  }
  EXPECT_EQ(Length("vitals"), 5);
}

TEST_F(HttpConnectionTest, AnswersPipelinedRequestsInTheirOrder) {
  StartAll();
  HttpClient client = Connect();
  client.Send(PostRequest(kVitals, Vital("a", 1)) + GetRequest("/nowhere") +
              PostRequest(kVitals, "{}") + PostRequest(kQuestionnaires, QuestionAnswer("p", 1)) +
              PostRequest(kVitals, "[" + Vital("b", 2) + "," + Vital("c", 3) + "]") +
              GetRequest(kVitals));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_TRUE(IsProblem(client.ReadResponse(), 404));
  EXPECT_TRUE(IsProblem(client.ReadResponse(), 400));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 2));
  EXPECT_TRUE(IsProblem(client.ReadResponse(), 405));
  EXPECT_EQ(Stored("vitals"),
            (std::vector<Fields>{VitalEntry("a", 1), VitalEntry("b", 2), VitalEntry("c", 3)}));
}

TEST_F(HttpConnectionTest, PipelinesFarBeyondWhatItMayOwe) {
  StartAll("[http]\npipeline_max = 4\n");
  constexpr int kRequests = 300;
  std::string requests;
  for (int i = 0; i < kRequests; ++i) {
    requests += i % 10 == 9 ? PostRequest(kVitals, "{}") : PostRequest(kVitals, Vital("d", i));
  }
  HttpClient client = Connect();
  client.Send(requests);
  for (int i = 0; i < kRequests; ++i) {
    const HttpResponse response = client.ReadResponse();
    ASSERT_EQ(response.status, i % 10 == 9 ? 400 : 200) << "request " << i << response.raw;
  }
  EXPECT_EQ(Length("vitals"), kRequests - kRequests / 10);
}

TEST_F(HttpConnectionTest, PipelinesLargeBodiesAcrossManyReads) {
  StartAll();
  std::string body = "[" + Vital("d", 0);
  for (int i = 1; i < 3'000; ++i) body += "," + Vital("d", i);
  body += "]";
  HttpClient client = Connect();
  for (int i = 0; i < 4; ++i) client.Send(PostRequest(kVitals, body));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(IsAccepted(client.ReadResponse(), 3'000));
  EXPECT_EQ(Length("vitals"), 12'000);
}

TEST_F(HttpConnectionTest, TakesChunksOfAnySize) {
  StartAll();
  const std::string body = "[" + Vital("a", 1) + "," + Vital("b", 2) + "]";
  HttpClient client = Connect();
  for (const size_t chunk_bytes : {1u, 2u, 13u, 64u, 4'096u}) {
    client.Send("POST /v1/vitals HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: chunked\r\n\r\n" +
                Chunked(body, chunk_bytes));
    EXPECT_TRUE(IsAccepted(client.ReadResponse(), 2)) << "chunks of " << chunk_bytes;
  }
  EXPECT_EQ(Length("vitals"), 10);
}

TEST_F(HttpConnectionTest, AnswersTheQuestionWhetherToContinue) {
  StartAll();
  const std::string body = Vital("d", 1);
  const std::string request = PostRequest(kVitals, body, "", "Expect: 100-continue\r\n");
  HttpClient client = Connect();
  for (int i = 0; i < 2; ++i) {
    client.Send(request.substr(0, request.size() - body.size()));
    EXPECT_EQ(client.ReadResponse().status, 100);
    client.Send(body);
    EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  }
}

TEST_F(HttpConnectionTest, RefusesInsteadOfAskingForABodyItWillNotTake) {
  StartAll();
  const std::pair<std::string, int> cases[] = {
      {"POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n", 404},
      {"POST /v1/vitals HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n", 413},
      {"POST /v1/vitals HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\nContent-Type: text/plain\r\n",
       415},
  };
  for (const auto& [head, status] : cases) {
    HttpClient client = Connect();
    client.Send(head + "Expect: 100-continue\r\n\r\n");
    EXPECT_TRUE(IsProblem(client.ReadResponse(), status)) << head;
  }
}

TEST_F(HttpConnectionTest, AnswersHeadWithoutABody) {
  StartAll();
  HttpClient client = Connect();
  client.Send("HEAD /v1/vitals HTTP/1.1\r\nHost: gate\r\n\r\n");
  const HttpResponse response = client.ReadResponse(kNoBody);
  EXPECT_EQ(response.status, 405);
  EXPECT_TRUE(response.Says("Allow", "POST")) << response.raw;
  EXPECT_TRUE(HasDate(response));
  EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("d", 1)), 1));
}

TEST_F(HttpConnectionTest, RefusesOtherMethodsOnARouteWithWhatItAllows) {
  StartAll();
  HttpClient client = Connect();
  for (const char* method : {"GET", "DELETE", "OPTIONS", "PUT", "PATCH"}) {
    client.Send(std::string(method) +
                " /v1/questionnaires HTTP/1.1\r\nHost: gate\r\nContent-Length: 0\r\n\r\n");
    const HttpResponse response = client.ReadResponse();
    EXPECT_TRUE(IsProblem(response, 405)) << method;
    EXPECT_TRUE(response.Says("Allow", "POST")) << response.raw;
  }
}

TEST_F(HttpConnectionTest, ClosesAfterHttp10UnlessAskedToStay) {
  StartAll();
  const std::string body = Vital("d", 1);
  const std::string head =
      "POST /v1/vitals HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  HttpClient leaving = Connect();
  leaving.Send(head + "\r\n" + body);
  EXPECT_TRUE(IsAccepted(leaving.ReadResponse(), 1));
  EXPECT_TRUE(leaving.ReadClose());

  HttpClient staying = Connect();
  for (int i = 0; i < 3; ++i) {
    staying.Send(head + "Connection: keep-alive\r\n\r\n" + body);
    const HttpResponse response = staying.ReadResponse();
    EXPECT_TRUE(IsAccepted(response, 1));
    EXPECT_TRUE(response.Says("Connection", "keep-alive")) << response.raw;
  }
}

TEST_F(HttpConnectionTest, ClosesWhenAskedAndAnswersNothingBehindIt) {
  StartAll();
  HttpClient client = Connect();
  client.Send(PostRequest(kVitals, Vital("a", 1)) +
              PostRequest(kVitals, Vital("b", 2), "", "Connection: close\r\n") +
              PostRequest(kVitals, Vital("c", 3)));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  const HttpResponse last = client.ReadResponse();
  EXPECT_TRUE(IsAccepted(last, 1));
  EXPECT_TRUE(ClosesConnection(last)) << last.raw;
  EXPECT_TRUE(client.ReadClose());
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("a", 1), VitalEntry("b", 2)}));
}

TEST_F(HttpConnectionTest, AnswersAClientThatHasFinishedSending) {
  StartAll();
  HttpClient client = Connect();
  client.Send(PostRequest(kVitals, Vital("a", 1)) + PostRequest(kVitals, Vital("b", 2)));
  client.FinishSending();
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_TRUE(client.ReadClose());
}

TEST_F(HttpConnectionTest, StoresNothingOfARequestThatWasNeverFinished) {
  StartAll();
  const std::string request = PostRequest(kVitals, Vital("half", 1));
  for (const size_t bytes : {size_t{10}, request.size() - 30, request.size() - 1}) {
    HttpClient client = Connect();
    client.Send(request.substr(0, bytes));
  }
  EXPECT_TRUE(WaitFor([this] { return Metrics().Sum("sluice_connections") == 0; },
                      "the half requests' connections to be gone"));
  EXPECT_TRUE(IsAccepted(Post(kVitals, Vital("whole", 2)), 1));
  EXPECT_EQ(Stored("vitals"), (std::vector<Fields>{VitalEntry("whole", 2)}));
}

}  // namespace
}  // namespace sluice
