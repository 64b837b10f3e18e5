#include "support/hostile_requests.h"

#include <utility>

#include "support/http_client.h"

namespace sluice {
namespace {

using namespace std::string_literals;
using enum HostileRequest::After;

const std::string kLine = "POST /v1/vitals HTTP/1.1\r\n";
const std::string kHost = "Host: gate\r\n";
const std::string kChunkedField = "Transfer-Encoding: chunked\r\n";
const std::string kRecord = R"({"device_id":"outer","timestamp":1,"heart_rate":72.5})";
const std::string kHidden =
    PostRequest("/v1/vitals", R"({"device_id":"hidden","timestamp":7,"heart_rate":72.5})");

std::string Length(const std::string& body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n";
}
// A sound request but for what stands instead of its line, its Host or behind them.
std::string Post(const std::string& line, const std::string& fields) {
  return line + fields + Length(kRecord) + "\r\n" + kRecord;
}
std::string Fields(const std::string& fields) { return Post(kLine, kHost + fields); }
std::string Framed(const std::string& fields, const std::string& body) {
  return kLine + kHost + fields + "\r\n" + body;
}
std::string Chunks(const std::string& chunks) { return Framed(kChunkedField, chunks); }
// The record in one chunk, whose size line and end may be others.
std::string Chunk(const std::string& behind_size, const std::string& end = "\r\n") {
  std::string whole = Chunked(kRecord, kRecord.size());
  whole.replace(whole.find('\r'), 2, behind_size + "\r\n");
  return Chunks(whole.substr(0, whole.find('}') + 1) + end + "0\r\n\r\n");
}
std::string Trailers(const std::string& trailers) {
  std::string whole = Chunked(kRecord, 20);
  return Chunks(whole.substr(0, whole.size() - 2) + trailers + "\r\n");
}
// The record where `size` is said to be its only chunk's.
std::string Sized(const std::string& size) {
  return Chunks(size + "\r\n" + kRecord + "\r\n0\r\n\r\n");
}

}  // namespace

std::vector<HostileRequest> HostileLengths() {
  std::vector<HostileRequest> all = {
      {"ClTe", Framed(Length("0\r\n\r\n" + kHidden) + kChunkedField, "0\r\n\r\n" + kHidden), 400,
       kCloses, "6.1"},
      {"TeCl", Framed(kChunkedField + "Content-Length: 4\r\n", Chunked(kHidden, kHidden.size())),
       400, kCloses, "6.1"},
      {"TwoEqual", Fields(Length(kRecord)), 400, kCloses, "6.3"},
      {"TwoDiffering", Framed("Content-Length: 0\r\n" + Length(kHidden), kHidden), 400, kCloses,
       "6.3"},
      {"None", Framed("", kHidden), 411, kCloses, "6.3"},
      {"LeadingZeros",
       Framed("Content-Length: " + std::string(30, '0') + std::to_string(kRecord.size()) + "\r\n",
              kRecord),
       200, kGoesOn, "6.2"},
      {"Largest", Framed("Content-Length: 18446744073709551615\r\n", kHidden), 413, kCloses, "6.2"},
  };
  for (const std::string& value :
       {"+5"s, "-1"s, "5, 5"s, "5,5"s, "5 5"s, "0x5"s, "5;"s, "5.0"s, "1e1"s, "five"s, "\"5\""s,
        "\xC2\xB2"s, "18446744073709551616"s, "99999999999999999999999"s, ""s, " "s, "\v5"s}) {
    all.push_back({"Length '" + value + "'", Framed("Content-Length: " + value + "\r\n", kHidden),
                   400, kCloses, "6.2"});
  }
  return all;
}

std::vector<HostileRequest> HostileCodings() {
  std::vector<HostileRequest> all;
  const std::string body = Chunked(kRecord, 10);
  for (const std::string& field :
       {"Transfer-Encoding: CHUNKED"s, "transfer-encoding:chunked"s, "Transfer-Encoding:\tchunked"s,
        "Transfer-Encoding: chunked "s}) {
    all.push_back({field, Framed(field + "\r\n", body), 200, kGoesOn, "7"});
  }
  for (const std::string& field :
       {"Transfer-Encoding: xchunked"s, "Transfer-Encoding: chunked, identity"s,
        "Transfer-Encoding: identity, chunked"s, "Transfer-Encoding: chunked, chunked"s,
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"s,
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"s,
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"s,
        "Transfer-Encoding: \"chunked\""s, "Transfer-Encoding: chunked;q=1"s,
        "Transfer-Encoding: chunked,"s, "Transfer-Encoding: chunked\t"s,
        "Transfer-Encoding: chunk ed"s}) {
    all.push_back({field, Framed(field + "\r\n", body), 501, kCloses, "6.1"});
    all.push_back({field + " and a length", Framed(Length(body) + field + "\r\n", body), 400,
                   kCloses, "6.1"});
  }
  for (const std::string& field :
       {"Transfer-Encoding : chunked"s, "Transfer-Encoding\t: chunked"s,
        " Transfer-Encoding: chunked"s, "Transfer-Encoding:\r\n chunked"s,
        "Transfer-Encoding: \vchunked"s, "X: y\nTransfer-Encoding: chunked"s,
        "X: y\rTransfer-Encoding: chunked"s, "Transfer-Encoding: chunked\0"s,
        "Transfer-Encoding\0: chunked"s}) {
    all.push_back({field, Framed(Length(kHidden) + field + "\r\n", kHidden), 400, kCloses, "5.1"});
  }
  all.push_back(
      {"Http10",
       "POST /v1/vitals HTTP/1.0\r\nConnection: keep-alive\r\n" + kChunkedField + "\r\n" + body,
       400, kCloses, "6.1"});
  all.push_back({"Empty", Fields("Transfer-Encoding:\r\n"), 501, kCloses, "6.1"});
  all.push_back({"Underscore", Fields("Transfer_Encoding: chunked\r\n"), 200, kGoesOn, "5.1"});
  return all;
}

std::vector<HostileRequest> HostileLines() {
  const std::string line = "POST /v1/vitals HTTP/1.1";
  std::vector<HostileRequest> all;
  for (const std::string& bytes :
       {line + "\n" + kHost + Length(kRecord) + "\r\n" + kRecord,
        kLine + "Host: gate\n" + Length(kRecord) + "\r\n" + kRecord,
        kLine + kHost + Length(kRecord) + "\n" + kRecord, kLine + kHost + "X: y\r\n\n" + kHidden,
        kLine + kHost + "X: a\rb\r\n\r\n" + kHidden, kLine + kHost + "X: a\r\r\n\r\n" + kHidden,
        line + "\r\r\n" + kHost + "\r\n" + kHidden, kLine + " " + kHost + "\r\n" + kHidden,
        kLine + "\t" + kHost + "\r\n" + kHidden, Post("POST /v1/vit\0als HTTP/1.1\r\n"s, kHost),
        Post("POST\t/v1/vitals HTTP/1.1\r\n", kHost), Post("POST /v1/\tvitals HTTP/1.1\r\n", kHost),
        Post("POST /v1/vi\rtals HTTP/1.1\r\n", kHost), Post("POST /v1/vitals http/1.1\r\n", kHost),
        Post(" " + kLine, kHost)}) {
    const bool is_version = bytes.starts_with(line + "\r\r");
    all.push_back({bytes.substr(0, 60), bytes, is_version ? 505 : 400, kCloses, "2.2 and 3"});
  }
  for (const char* version :
       {"HTTP/1.2", "HTTP/2.0", "HTTP/3.0", "HTTP/0.9", "HTTP/1.1 ", "HTTP/01.1", "HTTP/1.10"}) {
    all.push_back(
        {version, Post("POST /v1/vitals "s + version + "\r\n", kHost), 505, kCloses, "2.3"});
  }
  all.push_back({"Http09", "POST /v1/vitals\r\n" + kHidden, 400, kCloses, "2.3"});
  all.push_back(
      {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + kHidden, 505, kCloses, "2.3"});
  for (const char* method : {"post", "Post", "POSTS", "BREW"}) {
    all.push_back({method, Post(method + " /v1/vitals HTTP/1.1\r\n"s, kHost), 501, kCloses, "3.1"});
  }
  return all;
}

std::vector<HostileRequest> HostileFields() {
  std::vector<HostileRequest> all;
  for (const std::string& fields :
       {"X : y\r\n"s, "X\t: y\r\n"s, "X\r\n"s, ": y\r\n"s, "X y: z\r\n"s, "X\0: y\r\n"s,
        "X: y\0z\r\n"s, "X: \x01\r\n"s, "X: \x7F\r\n"s, "X(: y\r\n"s, "X: y\r\n z\r\n"s,
        "X: y\r\n\tz\r\n"s, "X:\r\n z\r\n"s, "X:\r\n \r\n"s, "X: y\r\n \r\n"s,
        "Content-Type: application/json\r\n ;a=b\r\n"s, "X\xC3\xA4: y\r\n"s}) {
    all.push_back({fields, Fields(fields), 400, kCloses, "5.1 and 5.2"});
  }
  all.push_back({"Content-Length folded before", Framed("Content-Length:\r\n 5\r\n", kHidden), 400,
                 kCloses, "5.2"});
  all.push_back({"Content-Length folded behind", Framed("Content-Length: 5\r\n 0\r\n", kHidden),
                 400, kCloses, "5.2"});
  for (const std::string& hosts :
       {""s, kHost + kHost, kHost + "Host: other\r\n", "Host: gate\r\nhost: gate\r\n"s,
        "Host : gate\r\n"s, "Host: gate/path\r\n"s, "Host: user@gate\r\n"s, "Host: a b\r\n"s,
        "Host: gate, other\r\n"s, "Host: gate\r\n other\r\n"s, "Host: <gate>\r\n"s,
        "Host: gate\\\r\n"s}) {
    all.push_back({hosts, Post(kLine, hosts), 400, kCloses, "3.2"});
  }
  for (const std::string& host : {"Host:\r\n"s, "Host: [::1]:8080\r\n"s, "HOST:gate \r\n"s}) {
    all.push_back({host, Post(kLine, host), 200, kGoesOn, "3.2"});
  }
  return all;
}

std::vector<HostileRequest> HostileTargets() {
  return {
      {"Absolute", Post("POST http://gate/v1/vitals HTTP/1.1\r\n", kHost), 200, kGoesOn, "3.2.2"},
      {"AbsoluteOfAnotherHost", Post("POST http://other/v1/vitals HTTP/1.1\r\n", kHost), 200,
       kGoesOn, "3.2.2, the target counts"},
      {"AbsoluteWithoutHost", Post("POST http://gate/v1/vitals HTTP/1.1\r\n", ""), 400, kCloses,
       "3.2"},
      {"Authority", Post("POST gate:80 HTTP/1.1\r\n", kHost), 400, kCloses, "3.2.3"},
      {"Asterisk", Post("POST * HTTP/1.1\r\n", kHost), 404, kGoesOn, "3.2.4"},
      {"DotSegments", Post("POST /v1/../v1/vitals HTTP/1.1\r\n", kHost), 404, kGoesOn, "3.2.1"},
      {"Escaped", Post("POST /v1%2Fvitals HTTP/1.1\r\n", kHost), 404, kGoesOn, "3.2.1"},
      {"Connect", "CONNECT gate:80 HTTP/1.1\r\nHost: gate:80\r\n\r\n" + kHidden, 501, kCloses,
       "RFC 9110 9.3.6"},
      {"ConnectWithLength",
       "CONNECT gate:80 HTTP/1.1\r\nHost: gate:80\r\n" + Length(kHidden) + "\r\n" + kHidden, 501,
       kCloses, "RFC 9110 9.3.6"},
      {"H2c",
       Fields("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"),
       200, kGoesOn, "RFC 9110 7.8"},
      {"WebSocket", Fields("Connection: Upgrade\r\nUpgrade: websocket\r\n"), 200, kGoesOn,
       "RFC 9110 7.8"},
  };
}

std::vector<HostileRequest> HostileChunks() {
  std::vector<HostileRequest> all = {
      {"Extension", Chunk(";a;b=\"c d\""), 200, kGoesOn, "7.1.1"},
      {"LongExtension", Chunk(";a=" + std::string(20'000, 'x')), 413, kCloses, "7.1.1"},
      {"LongZeros", Sized(std::string(20'000, '0') + "35"), 413, kCloses, "7.1"},
      {"Trailer", Trailers("X: y\r\n"), 200, kGoesOn, "7.1.2"},
      {"TrailerOfALength", Trailers(Length(kHidden)), 200, kGoesOn, "RFC 9110 6.5.1"},
      {"TrailerOfAHost", Trailers("Host: other\r\nHost: third\r\n"), 200, kGoesOn,
       "RFC 9110 6.5.1"},
      {"LongTrailers", Trailers("X: " + std::string(20'000, 'x') + "\r\n"), 413, kCloses, "7.1.2"},
      {"TrailerWithSpace", Trailers("X : y\r\n"), 400, kCloses, "5.1"},
      {"TrailerWithoutColon", Trailers("hello\r\n"), 400, kCloses, "5"},
      {"BareLfAtTheEnd", Chunks("0\r\n\n" + kHidden), 400, kCloses, "2.2"},
      {"BareLfBehindTheLast", Chunks("0\n\r\n" + kHidden), 400, kCloses, "2.2"},
      {"DataLonger", Sized("3"), 400, kCloses, "7.1"},
      {"DataShorter", Sized("3a"), 400, kCloses, "7.1"},
      {"NoLineBehindData", Chunk("", ""), 400, kCloses, "7.1"},
      {"BareLfBehindData", Chunk("", "\n"), 400, kCloses, "7.1"},
      {"BareCrBehindData", Chunk("", "\r"), 400, kCloses, "7.1"},
      {"OtherBytesBehindData", Chunk("", "xx"), 400, kCloses, "7.1"},
      {"BareLfInExtension", Chunk(";a\nb"), 400, kCloses, "7.1.1"},
      {"BareCrInExtension", Chunk(";a\rb"), 400, kCloses, "7.1.1"},
      {"NulInExtension", Chunk(";a\0b"s), 400, kCloses, "7.1.1"},
  };
  for (const std::string& size :
       {""s, "-1"s, "+35"s, "0x35"s, " 35"s, "35 "s, "35\t"s, "35,"s, "3 5"s, "g"s, "35\n"s,
        "10000000000000035"s, "fffffffffffffffff"s}) {
    all.push_back({"Size '" + size + "'", Sized(size), 400, kCloses, "7.1"});
  }
  return all;
}

std::vector<HostileRequest> HiddenInBodies() {
  const std::string framed = kHost + Length(kHidden) + "\r\n" + kHidden;
  return {
      {"OfNoJson", kLine + framed, 400, kGoesOn, "6.3"},
      {"OfGet", "GET /v1/vitals HTTP/1.1\r\n" + framed, 405, kGoesOn, "RFC 9110 9.3.1"},
      {"OfDelete", "DELETE /v1/vitals HTTP/1.1\r\n" + framed, 405, kGoesOn, "6.3"},
      {"OfOptions", "OPTIONS * HTTP/1.1\r\n" + framed, 404, kGoesOn, "6.3"},
      {"OfNoRoute", "POST /nowhere HTTP/1.1\r\n" + framed, 404, kGoesOn, "6.3"},
      {"OfAnotherType", kLine + "Content-Type: message/http\r\n" + framed, 415, kGoesOn, "6.3"},
      {"OfChunks", Chunks(Chunked(kHidden, 16)), 400, kGoesOn, "7.1"},
      {"OfGetInChunks",
       "GET /v1/vitals HTTP/1.1\r\n" + kHost + kChunkedField + "\r\n" + Chunked(kHidden, 16), 405,
       kGoesOn, "7.1"},
      {"OfWhatIsExpected", kLine + "Expect: tea\r\n" + framed, 417, kCloses, "RFC 9110 10.1.1"},
      {"OfWhatWaits", "POST /nowhere HTTP/1.1\r\nExpect: 100-continue\r\n" + framed, 404, kCloses,
       "RFC 9110 10.1.1"},
      {"OfTheLast", kLine + "Connection: close\r\n" + framed, 400, kCloses, "9.6"},
      {"OfHttp10", "POST /v1/vitals HTTP/1.0\r\n" + framed, 400, kCloses, "9.3"},
  };
}

std::vector<HostileRequest> AllHostileRequests() {
  std::vector<HostileRequest> all;
  for (auto&& some : {HostileLengths(), HostileCodings(), HostileLines(), HostileFields(),
                      HostileTargets(), HostileChunks(), HiddenInBodies()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace sluice
