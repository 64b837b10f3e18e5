// Redis's bytes are the same replies however they are cut; byte by byte hiredis reads all of them,
// whole the plain reader (src/redis/plain_reply.h) what it can. And whatever the replies are, a
// batch's verdict is the same, and names only what is in the batch.
//
//   replicas and two claims' commands, four read sizes, the bytes

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "fuzz/fuzz_input.h"
#include "fuzz/fuzz_target.h"
#include "redis/batch.h"
#include "redis/transaction_replies.h"
#include "sluice/redis/reply_reader.h"

namespace sluice {
namespace {

using Verdict = TransactionReplies::Verdict;

struct Shape {
  uint32_t replicas;
  uint32_t first_commands;
  uint32_t second_commands;
};

// All that a lane may know of a reply.
std::string Everything(const Reply& reply) {
  std::string text = std::to_string(static_cast<int>(reply.kind));
  if (reply.kind == Reply::Kind::kInteger) return text + " " + std::to_string(reply.integer);
  if (reply.kind == Reply::Kind::kNil) return text;
  if (reply.kind != Reply::Kind::kArray) return text + " " + reply.text;
  text += " of " + std::to_string(reply.elements);
  for (const auto& error : reply.errors) text += " " + std::to_string(error.index) + error.text;
  for (const auto& integer : reply.integers) {
    text += " " + std::to_string(integer.index) + "=" + std::to_string(integer.value);
  }
  return text;
}

// A lane's view of one link: its bytes as replies, the replies as verdicts on batch after batch.
class Link {
 public:
  explicit Link(const Shape& shape) : replies_(shape.replicas) {
    batch_.Add({.session = {}, .records = 1}, 0, shape.first_commands);
    batch_.Add({.session = {}, .records = 2}, 0, shape.second_commands);
  }

  void Read(std::string_view bytes) {
    const ReadCopy read(bytes);
    if (reader_.failed()) return;
    reader_.Feed(read.view());
    while (const Reply* reply = reader_.Next()) {
      for (uint32_t i = 0; i < reply->times; ++i) said_ += Everything(*reply) + "\n";
      if (!strange_) Judge(*reply);
    }
  }
  bool failed() const { return reader_.failed(); }
  const std::string& said() const { return said_; }
  const std::string& judged() const { return judged_; }

 private:
  void Judge(const Reply& reply) {
    const Verdict verdict = replies_.Take(batch_, reply);
    judged_ += replies_.complaint();
    if (verdict == Verdict::kMore) return;
    judged_ += "verdict " + std::to_string(static_cast<int>(verdict));
    if (verdict == Verdict::kStrange) {
      strange_ = true;  // the link is given up
      return;
    }
    judged_ += replies_.confirmed() ? " confirmed" : "";
    for (const Claim& claim : batch_.claims()) {
      EXPECT_LE(claim.failures, 2 * claim.commands);
      judged_ += " " + std::to_string(claim.failures) + (claim.key_reused ? "k" : "") +
                 (claim.unguarded ? "u" : "") + "," + std::to_string(claim.repeated);
    }
    if (verdict == Verdict::kExecuted) {
      for (const size_t command : replies_.failed_commands()) {
        EXPECT_LT(command, batch_.commands());
        judged_ += " failed " + std::to_string(command);
      }
    }
    for (Claim& claim : batch_.claims()) {
      claim = {.ticket = claim.ticket, .bytes = claim.bytes, .commands = claim.commands};
    }
  }

  ReplyReader reader_;
  Batch batch_;
  TransactionReplies replies_;
  std::string said_;
  std::string judged_;
  bool strange_ = false;
};

void Fuzz(std::string_view bytes) {
  FuzzInput input(bytes);
  const uint8_t choices = input.Byte();
  const Shape shape{.replicas = (choices & 1u),
                    .first_commands = 1 + (choices >> 1 & 3u),
                    .second_commands = 1 + (choices >> 3 & 3u)};
  ReadSizes sizes(input);
  const std::string_view raw = input.rest();
  Link whole(shape);
  whole.Read(raw);
  Link in_reads(shape);
  for (size_t at = 0; at < raw.size();) {
    const size_t size = sizes.Next(raw.size() - at);
    in_reads.Read(raw.substr(at, size));
    at += size;
  }
  Link by_byte(shape);
  for (size_t at = 0; at < raw.size(); ++at) by_byte.Read(raw.substr(at, 1));
  for (const Link* other : {&in_reads, &by_byte}) {
    EXPECT_EQ(other->said(), whole.said());
    EXPECT_EQ(other->failed(), whole.failed());
    EXPECT_EQ(other->judged(), whole.judged());
  }
}

const FuzzTarget kTarget("reply_reader", Fuzz);

}  // namespace
}  // namespace sluice
