// The parser promises the same events and the same verdict for any cut, with a known head or a new
// one, and whether it is paused between requests or not.
//
//   choices (bit 0: tight limits, bit 1: everything twice), four read sizes, a connection's bytes

#include "fuzz/fuzz_input.h"
#include "fuzz/fuzz_target.h"
#include "unit/http/parsing.h"

namespace sluice {
namespace {

constexpr ParserLimits kTight{.head_bytes_max = 256, .header_count_max = 4};

// One for all inputs, since it is large. A parser looks at its hint's place alone, which is the
// first until this input has put a head elsewhere; so what stands there is made the same for each.
ParserRoom& Room() {
  static ParserRoom room;
  const auto learn = [](size_t i) {
    const std::string path = "/" + std::to_string(i);
    const std::string text = "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n";
    const std::string_view length = std::string_view(text).substr(text.size() - 5, 1);
    RequestHead head;
    head.method = Method::kPost;
    head.path = std::string_view(text).substr(5, path.size());
    return room.known.Learn(text, length, head);
  };
  static const size_t first = [&learn] {
    size_t i = 0;
    while (learn(i) != 0) ++i;
    return i;
  }();
  learn(first);
  return room;
}

struct Connection {
  std::string_view bytes;
  ParserLimits limits;
};

std::string Whole(const Connection& connection, ParserRoom& room) {
  Parsing parsing(connection.limits, &room);
  parsing.Feed(connection.bytes);
  return parsing.text();
}

std::string InReads(const Connection& connection, ParserRoom& room, ReadSizes sizes, bool pauses) {
  Parsing parsing(connection.limits, &room);
  if (pauses) parsing.PauseAtEachEnd();
  std::string_view left = connection.bytes;
  while (!left.empty() && !parsing.failed()) {
    std::string_view read = left.substr(0, sizes.Next(left.size()));
    left.remove_prefix(read.size());
    // What a paused parser did not take is fed again; at a request's end it may have had all.
    for (size_t feeds = 0; !read.empty() && !parsing.failed(); ++feeds) {
      if (feeds > 2 * connection.bytes.size()) {
        ADD_FAILURE() << "the parser takes nothing";
        return {};
      }
      read.remove_prefix(parsing.Feed(read));
    }
  }
  return parsing.text();
}

void Fuzz(std::string_view bytes) {
  FuzzInput input(bytes);
  const uint8_t choices = input.Byte();
  const ReadSizes sizes(input);
  std::string raw(input.rest());
  if ((choices & 2) != 0) raw += raw;  // what was learnt is met again
  const Connection connection{raw, (choices & 1) != 0 ? kTight : Parsing::kUsual};
  ParserRoom& room = Room();
  const std::string whole = Whole(connection, room);
  EXPECT_EQ(InReads(connection, room, sizes, false), whole);
  EXPECT_EQ(InReads(connection, room, sizes, true), whole);
}

const FuzzTarget kTarget("request_parser", Fuzz);

}  // namespace
}  // namespace sluice
