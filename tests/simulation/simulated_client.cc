#include "simulation/simulated_client.h"

#include <algorithm>
#include <cstdlib>

namespace sluice {
namespace {

std::string Record(const std::string& id, uint64_t n) {
  return R"({"device_id":")" + id + R"(","timestamp":)" + std::to_string(n) + R"(,"heart_rate":)" +
         std::to_string(40 + n % 100) + "}";
}

std::string Chunked(const std::string& body, Random& random) {
  std::string chunks;
  for (size_t at = 0; at < body.size();) {
    const size_t n = std::min<size_t>(body.size() - at, 1 + random.Below(60));
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", n);
    chunks += size + body.substr(at, n) + "\r\n";
    at += n;
  }
  return chunks + "0\r\n\r\n";
}

std::string Head(const std::string& line, const std::string& fields) {
  return line + " HTTP/1.1\r\nHost: gate\r\n" + fields + "\r\n";
}

std::string Post(const std::string& path, const std::string& body, const std::string& fields) {
  return Head("POST " + path, fields + "Content-Length: " + std::to_string(body.size()) + "\r\n") +
         body;
}

PlannedRequest GoodRequest(const std::string& id, Random& random, const std::string& fields) {
  PlannedRequest request{.id = id};
  request.records = static_cast<uint32_t>(1 + random.Below(4));
  const bool lines = random.Below(4) == 0;
  std::string body;
  for (uint32_t i = 0; i < request.records; ++i) {
    if (i > 0) body += lines ? "\n" : ",";
    body += Record(id, i);
  }
  if (!lines && (request.records > 1 || random.Below(2) == 0)) body = "[" + body + "]";
  if (!lines && random.Below(4) == 0) body = R"({"data":)" + body + "}";
  const std::string type = lines ? "Content-Type: application/x-ndjson\r\n" : "";
  if (random.Below(4) == 0) {
    request.bytes = Head("POST /v1/vitals", fields + type + "Transfer-Encoding: chunked\r\n") +
                    Chunked(body, random);
  } else {
    const bool expects = random.Below(8) == 0;
    request.bytes =
        Post("/v1/vitals", body, fields + type + (expects ? "Expect: 100-continue\r\n" : ""));
  }
  return request;
}

PlannedRequest BadRequest(const std::string& id, Random& random, const std::string& fields) {
  PlannedRequest request{.id = id};
  const std::string good = Record(id, 1);
  switch (random.Below(5)) {
    case 0:
      request.refusal = 400;
      request.bytes = Post("/v1/vitals", "[" + good + R"(,{"device_id":7}])", fields);
      break;
    case 1:
      request.refusal = 400;
      request.bytes = Post("/v1/vitals", good + "}", fields);
      break;
    case 2:
      request.refusal = 404;
      request.bytes = Post("/nowhere", good, fields);
      break;
    case 3:
      request.refusal = 415;
      request.bytes = Post("/v1/vitals", good, fields + "Content-Type: text/plain\r\n");
      break;
    default:
      request.refusal = 405;
      request.bytes = Head("GET /v1/vitals", fields);
  }
  return request;
}

}  // namespace

SimulatedClient::SimulatedClient(uint32_t number, Random& random) {
  const uint64_t count = 1 + random.Below(12);
  for (uint64_t i = 0; i < count; ++i) {
    const std::string id = "c" + std::to_string(number) + "r" + std::to_string(i);
    const bool last = i + 1 == count && random.Below(3) == 0;
    const std::string fields = last ? "Connection: close\r\n" : "";
    requests.push_back(random.Below(4) == 0 ? BadRequest(id, random, fields)
                                            : GoodRequest(id, random, fields));
    requests.back().last = last;
    stream_ += requests.back().bytes;
  }
}

bool SimulatedClient::SendSome(size_t n) {
  if (gone || wire->closing || !wire->reading || sent_all()) return false;
  n = std::min(n, stream_.size() - sent_bytes_);
  const size_t at = sent_bytes_;
  sent_bytes_ += n;
  wire->Say(std::string_view(stream_).substr(at, n));
  return true;
}

PlannedRequest* SimulatedClient::Find(std::string_view id) {
  const auto found = std::find_if(requests.begin(), requests.end(),
                                  [id](const PlannedRequest& r) { return r.id == id; });
  return found == requests.end() ? nullptr : &*found;
}

void SimulatedClient::CheckAnswers() {
  constexpr std::string_view kEnd = "\r\n\r\n";
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  for (;;) {
    const std::string_view rest = std::string_view(wire->sent).substr(looked_at_);
    const size_t end = rest.find(kEnd);
    if (end == std::string_view::npos) return;
    const std::string_view head = rest.substr(0, end + kEnd.size());
    const int status = std::atoi(head.substr(9, 3).data());
    if (status == 100) {
      looked_at_ += head.size();
      continue;
    }
    const size_t length_at = head.find(kLength);
    ASSERT_NE(length_at, std::string_view::npos) << head;
    const auto length =
        static_cast<size_t>(std::atoi(head.substr(length_at + kLength.size()).data()));
    if (rest.size() < head.size() + length) return;
    looked_at_ += head.size() + length;
    CheckAnswer(status, head, rest.substr(head.size(), length));
    if (testing::Test::HasFatalFailure()) return;
  }
}

void SimulatedClient::CheckAnswer(int status, std::string_view head, std::string_view body) {
  ASSERT_FALSE(told_to_close_) << "an answer behind Connection: close: " << head;
  ASSERT_LT(answered_, requests.size()) << "an answer to no request: " << head;
  const PlannedRequest& request = requests[answered_++];
  told_to_close_ = head.find("\r\nConnection: close\r\n") != std::string_view::npos;
  if (request.last) {
    ASSERT_TRUE(told_to_close_) << request.id << ": " << head;
  }
  if (status == 408) {  // time ran out in the middle of it
    ASSERT_TRUE(told_to_close_ && !request.committed) << request.id;
  } else if (request.refusal != 0 && !(request.refusal == 400 && status == 503)) {
    ASSERT_EQ(status, request.refusal) << request.id << ": " << body;
  } else if (!request.committed) {
    ASSERT_EQ(status, 503) << request.id << " was never committed: " << body;  // shed, unread
    ASSERT_NE(body.find("not_stored"), std::string_view::npos) << body;
  } else {
    ASSERT_TRUE(request.settled.has_value()) << request.id << " answered before it was settled";
    if (*request.settled == Outcome::kStored) {
      ASSERT_EQ(status, 200) << request.id;
      ASSERT_EQ(body, R"({"success":true,"accepted":)" + std::to_string(request.records) + "}");
    } else {
      ASSERT_EQ(status, 503) << request.id;
      const bool unknown = *request.settled == Outcome::kUnknown;
      ASSERT_NE(body.find(unknown ? R"("outcome":"unknown")" : R"("outcome":"not_stored")"),
                std::string_view::npos)
          << body;
    }
  }
}

}  // namespace sluice
