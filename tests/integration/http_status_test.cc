// Every request that is answered with something else than success, and what the connection does
// then: it goes on where the request's end is known, and is closed where it is not. The same bytes
// arriving one at a time get the same answer, byte for byte.
#include "integration/gate_fixture.h"

namespace sluice {
namespace {

using namespace std::string_literals;

enum class After : uint8_t { kGoesOn, kCloses };

struct Case {
  const char* name;
  std::string request;
  int status;
  After after;
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

std::string Vitals(std::string_view headers, std::string_view body) {
  return "POST /v1/vitals HTTP/1.1\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

std::string WithLength(std::string_view headers) {
  const std::string body = Vital("d", 1);
  return Vitals(std::string(headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n",
                body);
}

std::string ManyHeaders(int count) {
  std::string headers = "Host: gate\r\n";
  for (int i = 0; i < count; ++i) headers += "X-" + std::to_string(i) + ": v\r\n";
  return headers;
}

std::string WithExtensionAndTrailer(std::string_view body) {
  std::string rest = Chunked(body.substr(1), 1'000);
  rest.insert(rest.size() - 2, "X-Sum: 1\r\n");
  return "1;a;b=\"c\"\r\n" + std::string(body.substr(0, 1)) + "\r\n" + rest;
}

const std::string kChunkedHead = "Host: gate\r\nTransfer-Encoding: chunked\r\n";

std::vector<Case> Cases() {
  const std::string body = Vital("d", 1);
  const std::string target(9'000, 'a');
  return {
      {"Object", PostRequest(kVitals, body), 200, After::kGoesOn},
      {"Array", PostRequest(kVitals, "[" + body + "," + body + "]"), 200, After::kGoesOn},
      {"Ndjson", PostRequest(kVitals, body + "\n" + body, kNdjson), 200, After::kGoesOn},
      {"Chunked", Vitals(kChunkedHead, Chunked(body, 7)), 200, After::kGoesOn},
      {"ChunkedWithExtensionAndTrailer", Vitals(kChunkedHead, WithExtensionAndTrailer(body)), 200,
       After::kGoesOn},
      {"EmptyLineBefore", "\r\n" + PostRequest(kVitals, body), 200, After::kGoesOn},
      {"Query", PostRequest("/v1/vitals?unit=icu", body), 200, After::kGoesOn},
      {"AbsoluteForm", PostRequest("http://gate/v1/vitals", body), 200, After::kGoesOn},
      {"ConnectionClose", PostRequest(kVitals, body, "", "Connection: close\r\n"), 200,
       After::kCloses},
      {"Http10",
       "POST /v1/vitals HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body,
       200, After::kCloses},
      {"BadJson", PostRequest(kVitals, "{\"device_id\":"), 400, After::kGoesOn},
      {"BadField", PostRequest(kVitals, Vital("d", 1).replace(2, 9, "device_no")), 400,
       After::kGoesOn},
      {"EmptyBody", PostRequest(kVitals, ""), 400, After::kGoesOn},
      {"NotHttp", "\x16\x03\x01\x02 hello\r\n\r\n", 400, After::kCloses},
      {"NoHost", WithLength(""), 400, After::kCloses},
      {"TwoHosts", WithLength("Host: a\r\nHost: b\r\n"), 400, After::kCloses},
      {"LengthAndChunked", Vitals(kChunkedHead + "Content-Length: 5\r\n", Chunked(body, 9)), 400,
       After::kCloses},
      {"ChunkedAndLength",
       Vitals("Host: gate\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
              Chunked(body, 9)),
       400, After::kCloses},
      {"DifferingLengths", WithLength("Host: gate\r\nContent-Length: 3\r\n"), 400, After::kCloses},
      {"NegativeLength", Vitals("Host: gate\r\nContent-Length: -1\r\n", ""), 400, After::kCloses},
      {"SignedLength", Vitals("Host: gate\r\nContent-Length: +5\r\n", "12345"), 400,
       After::kCloses},
      {"HugeLength", Vitals("Host: gate\r\nContent-Length: 99999999999999999999\r\n", ""), 400,
       After::kCloses},
      {"BadChunkSize", Vitals(kChunkedHead, "xyz\r\n" + body + "\r\n0\r\n\r\n"), 400,
       After::kCloses},
      {"SpaceBeforeColon", WithLength("Host: gate\r\nX-A : b\r\n"), 400, After::kCloses},
      {"NulInHeader", WithLength("Host: gate\r\nX: a\0b\r\n"s), 400, After::kCloses},
      {"NoRoute", PostRequest("/v1/vital", body), 404, After::kGoesOn},
      {"RoutesPrefix", PostRequest("/v1/vitals/", body), 404, After::kGoesOn},
      {"GetOnNoRoute", GetRequest("/"), 404, After::kGoesOn},
      {"Get", GetRequest(kVitals), 405, After::kGoesOn},
      {"PutWithBody", PostRequest(kVitals, body).replace(0, 4, "PUT"), 405, After::kGoesOn},
      {"NoLength", Vitals("Host: gate\r\n", ""), 411, After::kCloses},
      {"BodyTooLarge", Vitals("Host: gate\r\nContent-Length: 1048577\r\n", ""), 413,
       After::kCloses},
      {"TargetTooLong", PostRequest("/" + target, body), 414, After::kCloses},
      {"TextBody", PostRequest(kVitals, body, "text/plain"), 415, After::kGoesOn},
      {"FormBody", PostRequest(kVitals, "a=b", "application/x-www-form-urlencoded"), 415,
       After::kGoesOn},
      {"OtherExpectation", PostRequest(kVitals, body, "", "Expect: tea\r\n"), 417, After::kCloses},
      {"TooManyHeaders", WithLength(ManyHeaders(70)), 431, After::kCloses},
      {"HeaderTooLarge", WithLength("Host: gate\r\nX: " + std::string(17'000, 'x') + "\r\n"), 431,
       After::kCloses},
      {"UnknownMethod", "BREW /v1/vitals HTTP/1.1\r\nHost: gate\r\n\r\n", 501, After::kCloses},
      {"UnknownCoding", Vitals("Host: gate\r\nTransfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
       501, After::kCloses},
      {"Http2", "POST /v1/vitals HTTP/2.0\r\nHost: gate\r\nContent-Length: 0\r\n\r\n", 505,
       After::kCloses},
  };
}

class HttpStatusTest : public GateTest, public testing::WithParamInterface<Case> {
 protected:
  void ExpectAnswer(const HttpResponse& response) {
    const Case& expected = GetParam();
    if (expected.status == 200) {
      EXPECT_EQ(response.status, 200) << response.raw;
    } else {
      EXPECT_TRUE(IsProblem(response, expected.status));
    }
    EXPECT_TRUE(HasDate(response));
    EXPECT_EQ(ClosesConnection(response), expected.after == After::kCloses) << response.raw;
    EXPECT_EQ(response.Says("Allow", "POST"), expected.status == 405) << response.raw;
  }

  // As the answer said: closed, or good for the next request.
  void ExpectAfter(HttpClient& client) {
    if (GetParam().after == After::kCloses) {
      EXPECT_TRUE(client.ReadClose()) << "the connection is not closed";
    } else {
      EXPECT_TRUE(IsAccepted(client.Post(kVitals, Vital("next", 2)), 1));
    }
  }
};

TEST_P(HttpStatusTest, IsAnsweredAlikeHoweverItIsCut) {
  StartAll("", 1);
  HttpClient whole = Connect();
  whole.Send(GetParam().request);
  const HttpResponse to_whole = whole.ReadResponse();
  ExpectAnswer(to_whole);
  ExpectAfter(whole);

  HttpClient bytewise = Connect();
  bytewise.SendByteByByte(GetParam().request);
  const HttpResponse to_bytes = bytewise.ReadResponse();
  EXPECT_EQ(to_bytes.RawWithoutDate(), to_whole.RawWithoutDate());
  ExpectAfter(bytewise);

  const bool stored = GetParam().status == 200;
  const bool went_on = GetParam().after == After::kGoesOn;
  if (!stored) {
    EXPECT_EQ(Length("vitals"), went_on ? 2 : 0) << "something of a refused request was stored";
  }
}

INSTANTIATE_TEST_SUITE_P(All, HttpStatusTest, testing::ValuesIn(Cases()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace sluice
