// Sound bodies, mutated at random from a seed, decoded and judged by two readers that know nothing
// of the decoder: record_judge.h and json_reference.h. A failure prints its body.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/random.h"
#include "support/json_reference.h"
#include "support/record_judge.h"
#include "unit/record/decoding.h"

namespace sluice {

class MutationCheck {
 public:
  explicit MutationCheck(const Schema& schema) : schema_(schema), judge_(schema) {}

  void Round(uint64_t seed) {
    Random random(seed);
    const BodyShape shape = random.Below(3) == 0 ? BodyShape::kLines : BodyShape::kJson;
    using namespace std::string_view_literals;
    const std::string body = Mutated(shape, random);
    SCOPED_TRACE(testing::PrintToString(body) + " of seed " + std::to_string(seed));
    static constexpr std::string_view kPaddings = "\0\xFF}]\"1, \\\n"sv;
    const char padding = kPaddings[random.Below(kPaddings.size())];
    const std::string text = DecodedBy(decoder_, schema_, shape, body, padding);
    const bool takes = decoder_.errors().empty();
    const JudgedBody judged = judge_.Judge(shape, body);
    const bool sound = IsSound(shape, body);
    EXPECT_EQ(judged.is_json, sound) << "the judges differ";
    EXPECT_EQ(!judged.records.empty(), takes) << text;
    RecordDecoder fresh;
    const std::string again = DecodedBy(fresh, schema_, shape, body);
    EXPECT_EQ(fresh.errors().empty(), takes) << "a fresh decoder, and nothing in the padding";
    if (takes) {
      EXPECT_EQ(text, again);
      EXPECT_EQ(text, TextOf(judged.records));
      ++taken_;
      EXPECT_TRUE(sound) << "taken: " << text;
      return;
    }
    for (const RecordError& error : decoder_.errors().list()) {
      if (!BlamesTheJson(error.fault)) continue;
      ++blamed_;
      EXPECT_FALSE(sound) << "blamed: " << text;
    }
  }

  size_t taken() const { return taken_; }
  size_t blamed() const { return blamed_; }

 private:
  static std::string Mutated(BodyShape shape, Random& random) {
    using namespace std::string_view_literals;
    static const std::string kBodies[] = {
        R"({"id":"a","n":1,"x":[1.5e3,-0,{"y":null,"z":[true,false]},"\ud83d\ude42\n"]})",
        "[{\"id\":\"\xC3\xA4\",\"n\":\"2\"}, {\"id\":\"b\\u0041\"} ,{\"n\":null,\"id\":\"c\"}]",
        R"({"data":[{"id":"a","n":9,"\u0078":"\\"},{"id":"b","x":{"":[[]],"y":-1.0}}],"v":2})",
        R"( { "data" : { "id" : "a" , "n" : 0 } , "v" : [ "w" , { } ] } )"};
    static const std::string kLines =
        "{\"id\":\"a\",\"n\":1}\n\r\n{\"id\":\"b\",\"x\":[1,\"\\t\"]}\r\n{\"n\":3,\"id\":\"c\"}";
    static constexpr std::string_view kBytes = "{}[]\",:\\ \n\t0123.eE+-tfnu/a\x01\x0C\x1A\x7F\0"sv;
    std::string body =
        shape == BodyShape::kLines ? kLines : kBodies[random.Below(std::size(kBodies))];
    for (uint64_t edits = random.Below(4); edits > 0 && !body.empty(); --edits) {
      const auto at = static_cast<size_t>(random.Below(body.size()));
      const auto n = static_cast<size_t>(random.Below(10));
      const char byte = kBytes[random.Below(kBytes.size())];
      switch (random.Below(7)) {
        case 0:
          body[at] = static_cast<char>(body[at] ^ (1 << random.Below(8)));
          break;
        case 1:
          body[at] = byte;
          break;
        case 2:
          body.insert(at, 1, byte);
          break;
        case 3:
          body.erase(at, n);
          break;
        case 4:
          body.insert(random.Below(body.size()), body.substr(at, n));
          break;
        case 5:
          std::swap(body[at], body[random.Below(body.size())]);
          break;
        default:
          if (n == 0) body.resize(at);
      }
    }
    return body;
  }

  static bool BlamesTheJson(RecordFault fault) {
    return fault == RecordFault::kJson || fault == RecordFault::kUtf8 ||
           fault == RecordFault::kEscape || fault == RecordFault::kTrailing;
  }

  static bool IsSound(BodyShape shape, std::string_view body) {
    if (shape == BodyShape::kJson) return JsonReference::IsJson(body);
    bool sound = true;
    while (!body.empty()) {
      const size_t end = std::min(body.find('\n'), body.size());
      const std::string_view line = body.substr(0, end);
      body.remove_prefix(std::min(end + 1, body.size()));
      if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
        sound = JsonReference::IsJson(line) && sound;
      }
    }
    return sound;
  }
  // As a TextSink has them.
  std::string TextOf(const std::vector<JudgedRecord>& records) const {
    TextSink sink(schema_);
    for (const JudgedRecord& record : records) {
      std::vector<std::string_view> values(record.size());
      for (size_t i = 0; i < record.size(); ++i) {
        if (record[i]) values[i] = *record[i];
      }
      sink.Append(values);
    }
    return sink.text();
  }

  const Schema& schema_;
  RecordDecoder decoder_;
  RecordJudge judge_;
  size_t taken_ = 0;
  size_t blamed_ = 0;
};

}  // namespace sluice
