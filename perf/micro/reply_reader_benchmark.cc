// What the replies to a batch cost to read, a record, plain or by hiredis.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "micro/canned_redis.h"
#include "micro/costs.h"
#include "sluice/base/buffer.h"
#include "sluice/base/check.h"
#include "sluice/redis/reply_reader.h"
#include "sluice/redis/resp.h"

namespace sluice::micro {
namespace {

constexpr char kCost[] = "a_record";

// To a batch of so many records, and to its ledger.
std::string RepliesTo(size_t records) {
  Buffer batch;
  AppendCommand({"MULTI"}, batch);
  for (size_t i = 0; i < records; ++i) AppendCommand({"XADD", "vitals", "*", "f", "1"}, batch);
  AppendCommand({"SETRANGE", "ledger", "0", "1"}, batch);
  AppendCommand({"EXPIRE", "ledger", "86400"}, batch);
  AppendCommand({"EXEC"}, batch);
  std::string_view sent = batch.view();
  return CannedRedis().TakeReplies(sent);
}

// Whole, or with a first read that ends after `cut` bytes.
void Read(benchmark::State& state, const std::string& replies, size_t records, size_t cut = 0) {
  ReplyReader reader;
  size_t elements = 0;
  for (auto iteration : state) {
    std::string_view rest = replies;
    for (const size_t bytes : {cut, replies.size() - cut}) {
      reader.Feed(rest.substr(0, bytes));
      rest.remove_prefix(bytes);
      while (const Reply* reply = reader.Next()) {
        if (reply->kind == Reply::Kind::kArray) elements += reply->elements;
      }
    }
  }
  SLUICE_CHECK(!reader.failed());
  SLUICE_CHECK(elements == static_cast<size_t>(state.iterations()) * (records + 2));
  SayCosts(state, kCost, records, replies.size());
}

void ReadOne(benchmark::State& state) { Read(state, RepliesTo(1), 1); }
void ReadHundred(benchmark::State& state) { Read(state, RepliesTo(100), 100); }

// By hiredis: all of them, since the first is cut; and EXEC's alone, since it holds an error.
void ReadHundredCut(benchmark::State& state) { Read(state, RepliesTo(100), 100, 1); }
void ReadHundredWithAnError(benchmark::State& state) {
  std::string replies = RepliesTo(100);
  const size_t last = replies.rfind("$");
  replies.replace(last, replies.find(":320") - last, "-WRONGTYPE no stream\r\n");
  Read(state, replies, 100);
}

BENCHMARK(ReadOne);
BENCHMARK(ReadHundred);
BENCHMARK(ReadHundredCut);
BENCHMARK(ReadHundredWithAnError);

}  // namespace
}  // namespace sluice::micro
