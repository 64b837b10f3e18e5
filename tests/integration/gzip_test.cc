// Request bodies in gzip, as a device sends them to the real program.
#include "support/gzip.h"

#include <string>

#include "integration/gate_fixture.h"

namespace sluice {
namespace {

constexpr char kGzip[] = "Content-Encoding: gzip\r\n";
constexpr size_t kMebibyte = 1'048'576;  // http.body_bytes_max, unless it is set

class GzipTest : public GateTest {
 protected:
  static std::string GzipRequest(std::string_view body, std::string_view more_headers = "") {
    return PostRequest(kVitals, Gzip(body), "application/json", kGzip + std::string(more_headers));
  }
  static std::string ChunkedGzipRequest(std::string_view gzip, size_t chunk_bytes) {
    return "POST /v1/vitals HTTP/1.1\r\nHost: gate\r\nContent-Encoding: gzip\r\n"
           "Transfer-Encoding: chunked\r\n\r\n" +
           Chunked(gzip, chunk_bytes);
  }
  // Readings up to `bytes`, filled with blanks to the byte.
  static std::string Readings(size_t bytes, size_t& count) {
    std::string text = "[";
    for (count = 0; text.size() + 100 < bytes; ++count) {
      text += (count == 0 ? "" : ",") +
              Vital("d" + std::to_string(count % 7), static_cast<int64_t>(1'000'000 + count * 997));
    }
    text.resize(bytes - 1, ' ');
    return text + "]";
  }
  static HttpResponse Ask(HttpClient& client, const std::string& request) {
    client.Send(request);
    return client.ReadResponse();
  }
};

TEST_F(GzipTest, IsStoredAsWhatItInflatesTo) {
  StartAll();
  HttpClient client = Connect();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(
        IsAccepted(Ask(client, GzipRequest("[" + Vital("a", i) + "," + Vital("b", i) + "]")), 2));
  }
  EXPECT_EQ(Stored("vitals").size(), 6u);
  EXPECT_EQ(Stored("vitals").back(), VitalEntry("b", 2));
}

TEST_F(GzipTest, OfTheMostIsTakenAndOfOneByteMoreIsNot) {
  StartAll("", 1);
  size_t count = 0;
  const std::string most = Readings(kMebibyte, count);
  HttpClient client = Connect();
  EXPECT_TRUE(IsAccepted(Ask(client, GzipRequest(most)), count));
  EXPECT_TRUE(IsAccepted(Ask(client, ChunkedGzipRequest(Gzip(most), 1'000)), count));
  EXPECT_TRUE(IsProblem(Ask(client, GzipRequest(most + " ")), 413));
  EXPECT_TRUE(client.ReadClose());
  HttpClient chunked = Connect();
  EXPECT_TRUE(IsProblem(Ask(chunked, ChunkedGzipRequest(Gzip(most + " "), 1'000)), 413));
  EXPECT_EQ(Length("vitals"), static_cast<int64_t>(2 * count));
}

TEST_F(GzipTest, InChunksByteByByteAndWithMoreBehindIt) {
  StartAll("", 1);
  HttpClient client = Connect();
  client.SendByteByByte(ChunkedGzipRequest(Gzip(Vital("a", 1)), 5));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  client.Send(ChunkedGzipRequest(Gzip(Vital("b", 2)), 7) + GzipRequest(Vital("c", 3)) +
              PostRequest(kVitals, Vital("d", 4)));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
  EXPECT_EQ(Stored("vitals").back(), VitalEntry("d", 4));
}

TEST_F(GzipTest, IsAskedForAsAnyBody) {
  StartAll("", 1);
  const std::string request = GzipRequest(Vital("a", 1), "Expect: 100-continue\r\n");
  const size_t head_bytes = request.find("\r\n\r\n") + 4;
  HttpClient client = Connect();
  client.Send(request.substr(0, head_bytes));
  EXPECT_EQ(client.ReadResponse().status, 100);
  client.Send(request.substr(head_bytes));
  EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
}

TEST_F(GzipTest, ThatIsBrokenOrAnotherCodingIsRefusedAndTheConnectionGoesOn) {
  StartAll("", 1);
  HttpClient client = Connect();
  const std::string gzip = Gzip(Vital("a", 1));
  for (const std::string& body : {gzip.substr(0, gzip.size() - 3), gzip + "more", Vital("a", 1)}) {
    EXPECT_TRUE(IsProblem(Ask(client, PostRequest(kVitals, body, "", kGzip)), 400));
    EXPECT_TRUE(IsProblem(Ask(client, ChunkedGzipRequest(body, 9)), 400));
  }
  const HttpResponse other =
      Ask(client, PostRequest(kVitals, "brotli", "", "Content-Encoding: br\r\n"));
  EXPECT_TRUE(IsProblem(other, 415));
  EXPECT_TRUE(other.Says("Accept-Encoding", "gzip")) << other.raw;
  EXPECT_TRUE(IsAccepted(Ask(client, GzipRequest(Vital("good", 2))), 1));
  EXPECT_EQ(Length("vitals"), 1);
}

TEST_F(GzipTest, ThatIsABombTakesNoMemory) {
  StartAll("[http]\nbody_bytes_max = \"16MiB\"\n", 1);
  const std::string zeros = Gzip(std::string(kMebibyte, '\0'));
  std::string bomb;
  for (int i = 0; i < 1'024; ++i) bomb += zeros;
  Ask(*std::make_unique<HttpClient>(gate_->port()), GzipRequest(Vital("warm", 1)));
  const size_t before = gate_->RssBytes();
  for (int i = 0; i < 8; ++i) {
    HttpClient client = Connect();
    client.Send(PostRequest(kVitals, bomb, "application/json", kGzip));
    const HttpResponse answer = client.ReadResponse();
    EXPECT_TRUE(IsProblem(answer, 413));
    EXPECT_NE(answer.body.find("100 times"), answer.body.npos) << "before it is too large";
  }
  EXPECT_LT(gate_->RssBytes(), before + 8 * kMebibyte);
  EXPECT_TRUE(IsAccepted(Post(kVitals, Vital("good", 2)), 1));
}

}  // namespace
}  // namespace sluice
