// Sessions in their table, over fake connections and on fake time, with a handler whose paths say
// what becomes of a request:
//   /now      answered when it is whole       /later    answered when the test calls Finish
//   /missing  404 at its head                 /large    413 at its head, which ends the connection
//   /impatient  503 unless its body comes in one read
//   /grows    413 once more than kGrowthMax bytes of it have come
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/gateway/session.h"
#include "sluice/gateway/session_table.h"
#include "support/fake_clock.h"
#include "support/fake_stream.h"
#include "support/http_response.h"

namespace sluice {

class PathHandler final : public RequestHandler {
 public:
  static constexpr size_t kGrowthMax = 10;
  static constexpr size_t kUnreadRoom = 1'000'000;

  std::vector<std::string> heard;  // "/path <body>" of whole requests, "/path abandoned"
  std::vector<Exchange> later;     // those the test still has to finish
  std::vector<uint16_t> answered;
  std::vector<uint64_t> answer_ns;  // from the request's start
  size_t unread_room = kUnreadRoom;
  uint64_t read_count = 0;

  explicit PathHandler(TurnClock& clock) : clock_(clock) {}

  std::optional<Answer> OnHead(const RequestHead& head, Exchange& exchange) override {
    exchange.route = static_cast<uint32_t>(paths_.size());
    paths_.emplace_back(head.path);
    if (head.path == "/missing") return Answer::Refusal(Problem::kNotFound);
    if (head.path == "/large") return Answer::Refusal(Problem::kContentTooLarge);
    return std::nullopt;
  }
  std::optional<Answer> OnBodyGrown(Exchange& exchange, size_t total) override {
    if (paths_[exchange.route] != "/grows" || total <= kGrowthMax) return std::nullopt;
    return Answer::Refusal(Problem::kShedMemory);
  }
  std::optional<Answer> OnBodyWaits(Exchange& exchange) override {
    if (paths_[exchange.route] != "/impatient") return std::nullopt;
    return Answer::Refusal(Problem::kShedMemory);
  }
  std::optional<Answer> OnRequest(Exchange& exchange, std::string_view body) override {
    // The promised padding is readable, whatever it holds.
    padding_ = *(body.data() + body.size() + kJsonPaddingBytes - 1);
    heard.push_back(paths_[exchange.route] + " " + std::string(body));
    if (paths_[exchange.route] != "/later") return Answer::Accepted(200, 1);
    later.push_back(exchange);
    return std::nullopt;
  }
  void OnAbandoned(Exchange& exchange) override {
    heard.push_back(paths_[exchange.route] + " abandoned");
  }
  void OnReadEnd() override { ++read_count; }
  bool HoldUnread(size_t bytes) override {
    if (bytes > unread_room) return false;
    unread_room -= bytes;
    return true;
  }
  void ReleaseUnread(size_t bytes) override { unread_room += bytes; }
  void OnAnswered(uint32_t, uint16_t code, uint64_t start_ns) override {
    answered.push_back(code);
    answer_ns.push_back(clock_.now_ns() - start_ns);
  }

 private:
  TurnClock& clock_;
  std::vector<std::string> paths_;
  volatile char padding_ = 0;
};

inline std::string Post(std::string_view path, std::string_view body,
                        std::string_view fields = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: gate\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

// A client's end of a connection: the answers on it, as far as they have arrived.
struct Client {
  std::shared_ptr<FakeWire> wire = std::make_shared<FakeWire>();

  void Say(std::string_view bytes) { wire->Say(bytes); }
  // The whole answers that came since the last call.
  std::vector<HttpResponse> Answers() {
    reader_.Append(std::string_view(wire->sent).substr(read_));
    read_ = wire->sent.size();
    std::vector<HttpResponse> answers;
    while (auto answer = reader_.Take()) answers.push_back(std::move(*answer));
    return answers;
  }
  std::vector<int> Statuses() {
    std::vector<int> statuses;
    for (const HttpResponse& answer : Answers()) statuses.push_back(answer.status);
    return statuses;
  }

 private:
  HttpResponseReader reader_;
  size_t read_ = 0;
};

class SessionTest : public testing::Test {
 protected:
  SessionLimits limits = {.parser = {.head_bytes_max = 1'000, .header_count_max = 10},
                          .body_bytes_max = 200'000,
                          .connections_max = 2,
                          .pipeline_max = 3,
                          .idle_ms = 10'000,
                          .header_ms = 2'000,
                          .body_ms = 3'000};

  Client& Connect(std::optional<IpAddress> from = std::nullopt) {
    clients_.push_back(std::make_unique<Client>());
    Client& client = *clients_.back();
    client.wire->address = from;
    Session& session = table().Adopt(std::make_unique<FakeStream>(client.wire), shed_);
    client.wire->handler = &session;
    if (!shed_) client.wire->reading = true;
    return client;
  }
  std::optional<ShedReason> shed() const { return shed_; }

  // The test's answer to the i-th request that waits for one: 200, or what is given.
  void Finish(size_t i, Answer answer = Answer::Accepted(200, 1)) {
    const Exchange exchange = handler.later[i];
    table().Finish(exchange.session, exchange.answer, std::move(answer));
  }
  void TurnEnd() {
    table().Flush();
    turn_clock_.Forget();
  }
  // Time passes and is looked at, as a sweep does.
  void Pass(uint64_t ms) {
    clock_.AdvanceMs(ms);
    turn_clock_.Forget();
    table().Sweep();
    TurnEnd();
  }

  SessionTable& table() {
    if (!table_) table_.emplace(limits, turn_clock_, handler);
    return *table_;
  }

  void CloseAll() {
    table().CloseAll();
    for (const auto& client : clients_) {
      if (!client->wire->destroyed) client->wire->FinishClose();
    }
  }
  void TearDown() override {
    CloseAll();
    EXPECT_EQ(table().size(), 0u);
    EXPECT_EQ(handler.unread_room, PathHandler::kUnreadRoom) << "all that was held is released";
  }

 private:
  FakeClock clock_;
  TurnClock turn_clock_{clock_};

 protected:
  PathHandler handler{turn_clock_};

 private:
  std::optional<SessionTable> table_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::optional<ShedReason> shed_;
};

}  // namespace sluice
