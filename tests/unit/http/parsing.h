// For the tests of the parser: raw bytes as the text of the events and the verdict that they lead
// to, fed whole, cut or byte by byte. Each feed is a copy of its own that is gone when the feed is
// over, so that a view kept too long, or a read behind its end, is an error under ASan.
//
//   "start, POST /a length=3, body abc, end, 400 kMissingHost"
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/limits.h"
#include "sluice/http/request_parser.h"

namespace sluice {

class EventText : public RequestEvents {
 public:
  void OnRequestStart() override { Add("start"); }
  void OnHead(const RequestHead& head) override {
    static constexpr const char* kMethods[] = {"GET", "HEAD", "POST", "OTHER"};
    static constexpr const char* kFormats[] = {"", " ndjson", " other-type"};
    static constexpr const char* kCodings[] = {"", " gzip", " other-coding"};
    std::string text = kMethods[static_cast<size_t>(head.method)];
    text += " " + std::string(head.path);
    if (head.content_length) text += " length=" + std::to_string(*head.content_length);
    if (head.chunked) text += " chunked";
    text += kFormats[static_cast<size_t>(head.format)];
    text += kCodings[static_cast<size_t>(head.coding)];
    if (head.expects_continue) text += " continue";
    if (head.expects_other) text += " expects-other";
    if (!head.idempotency_key.empty()) text += " key=" + std::string(head.idempotency_key);
    if (head.bad_idempotency_key) text += " bad-key";
    if (!head.bearer.empty()) text += " bearer=" + std::string(head.bearer);
    if (head.bad_bearer) text += " bad-bearer";
    if (head.http_1_0) text += " 1.0";
    if (!head.keep_alive) text += " close";
    Add(text);
  }
  void OnBody(std::string_view bytes) override {
    if (!in_body_) Add("body ");
    in_body_ = true;
    text_ += bytes;
  }
  void OnRequestEnd() override {
    Add("end");
    if (on_end_parser != nullptr) on_end_parser->Pause();
  }

  const std::string& text() const { return text_; }
  void ForgetText() { text_.clear(); }
  void Add(const std::string& text) {
    in_body_ = false;
    if (!text_.empty()) text_ += ", ";
    text_ += text;
  }

  RequestParser* on_end_parser = nullptr;  // paused at each request's end

 private:
  std::string text_;
  bool in_body_ = false;  // fragments of one body are one body
};

class Parsing {
 public:
  static constexpr ParserLimits kUsual{kHeaderBytesMax, kHeaderCountMax};

  // Knows no head unless told to share those of `room`.
  explicit Parsing(const ParserLimits& limits = kUsual, ParserRoom* room = nullptr)
      : limits_(limits),
        own_(room != nullptr ? nullptr : std::make_unique<ParserRoom>()),
        parser_(limits_, room != nullptr ? *room : *own_, events_) {}

  // How much was taken. A parser that has failed is fed no more, as a session does.
  size_t Feed(std::string_view bytes) {
    if (parser_.failed()) return 0;
    const std::unique_ptr<char[]> copy(new char[bytes.size()]);
    if (!bytes.empty()) std::memcpy(copy.get(), bytes.data(), bytes.size());
    const size_t taken = parser_.Feed({copy.get(), bytes.size()});
    EXPECT_LE(taken, bytes.size());
    const bool stops = parser_.failed() || events_.on_end_parser != nullptr;
    EXPECT_TRUE(stops || taken == bytes.size()) << taken << " of " << bytes.size();
    return taken;
  }
  void PauseAtEachEnd() { events_.on_end_parser = &parser_; }
  void ForgetText() { events_.ForgetText(); }
  void PauseNoMore() { events_.on_end_parser = nullptr; }
  bool failed() const { return parser_.failed(); }
  // The events so far, and the verdict if there is one.
  std::string text() const {
    if (!parser_.failed()) return events_.text();
    const Problem problem = parser_.problem();
    const std::string verdict = std::to_string(InfoOf(problem).code) + " " + NameOf(problem);
    return events_.text().empty() ? verdict : events_.text() + ", " + verdict;
  }

 private:
  static std::string NameOf(Problem problem) {
    switch (problem) {
      case Problem::kMalformedRequest:
        return "malformed";
      case Problem::kMissingHost:
        return "host";
      case Problem::kAmbiguousLength:
        return "length";
      case Problem::kChunkLinesTooLarge:
        return "chunks";
      case Problem::kUriTooLong:
        return "uri";
      case Problem::kHeadTooLarge:
        return "head";
      case Problem::kUnknownMethod:
        return "method";
      case Problem::kUnknownTransferCoding:
        return "coding";
      case Problem::kUnknownVersion:
        return "version";
      default:
        return "not a parser's problem";
    }
  }

  const ParserLimits limits_;
  const std::unique_ptr<ParserRoom> own_;
  EventText events_;
  RequestParser parser_;
};

// In pieces of `piece_bytes` each.
inline std::string ParsedInPieces(std::string_view raw, size_t piece_bytes,
                                  const ParserLimits& limits = Parsing::kUsual) {
  Parsing parsing(limits);
  for (size_t at = 0; at < raw.size(); at += piece_bytes) {
    parsing.Feed(raw.substr(at, piece_bytes));
  }
  return parsing.text();
}

// In two pieces.
inline std::string ParsedCutAt(std::string_view raw, size_t cut,
                               const ParserLimits& limits = Parsing::kUsual) {
  Parsing parsing(limits);
  parsing.Feed(raw.substr(0, cut));
  parsing.Feed(raw.substr(cut));
  return parsing.text();
}

// Fed whole; complains when any cut into two, or one byte at a time, leads to anything else.
inline std::string Parsed(std::string_view raw, const ParserLimits& limits = Parsing::kUsual) {
  std::string whole = ParsedInPieces(raw, raw.size() + 1, limits);
  EXPECT_EQ(ParsedInPieces(raw, 1, limits), whole) << "byte by byte: " << raw;
  for (size_t cut = 0; cut <= raw.size(); ++cut) {
    EXPECT_EQ(ParsedCutAt(raw, cut, limits), whole) << "cut at " << cut << ": " << raw;
  }
  return whole;
}

// A request's raw bytes and what they lead to.
struct ParsedCase {
  std::string raw;
  const char* expected;
};

inline void ExpectParsed(const std::vector<ParsedCase>& cases) {
  for (const ParsedCase& each : cases) {
    EXPECT_EQ(Parsed(each.raw), each.expected) << testing::PrintToString(each.raw);
  }
}

}  // namespace sluice
