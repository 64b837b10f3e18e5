// Under load and in trouble every answer is true: a record answered 200 is in the stream exactly
// once, one answered not_stored is not there, an unknown one at most once; and one whose connection
// the drain closed unanswered was not taken.
#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <map>
#include <thread>

#include "integration/gate_fixture.h"
#include "support/load_client.h"

namespace sluice {
namespace {

constexpr size_t kConnections = 16;
constexpr size_t kPipelineDepth = 4;

enum class Told : uint8_t { kNothing, kStored, kNotStored, kUnknown };

// Posts records 0, 1, 2, ... one a request, until the limit or until told to stop.
class NumberedSource : public LoadSource {
 public:
  explicit NumberedSource(uint64_t limit) : limit_(limit) {}

  bool Next(std::string* bytes, uint64_t* id) override {
    if (stop || told_.size() == limit_) return false;
    *id = told_.size();
    told_.push_back(Told::kNothing);
    *bytes += PostRequest(kVitals, Vital(std::to_string(*id), 1));
    return true;
  }

  void OnAnswer(uint64_t id, const HttpResponse& response) override {
    if (response.status == 200) {
      told_[id] = Told::kStored;
    } else if (IsUnavailable(response, "not_stored")) {
      told_[id] = Told::kNotStored;
    } else {
      EXPECT_TRUE(IsUnavailable(response, "unknown"));
      told_[id] = Told::kUnknown;
    }
    ++answered;
  }

  void OnUnanswered(uint64_t /*id*/) override { stop = true; }

  const std::vector<Told>& told() const { return told_; }
  int64_t Count(Told what) const { return std::count(told_.begin(), told_.end(), what); }

  std::atomic<bool> stop = false;
  std::atomic<uint64_t> answered = 0;

 private:
  uint64_t limit_;
  std::vector<Told> told_;
};

class TruthTest : public GateTest {
 protected:
  // Runs the source in a thread of its own while `trouble` happens in this one.
  void RunWith(NumberedSource* source, const std::function<void()>& trouble) {
    std::exception_ptr load_error;
    std::exception_ptr trouble_error;
    std::thread load([&] {
      try {
        LoadClient(gate_->port(), kConnections, kPipelineDepth).Run(source);
      } catch (...) {
        load_error = std::current_exception();
      }
    });
    try {
      trouble();
    } catch (...) {
      trouble_error = std::current_exception();
    }
    source->stop = true;
    load.join();
    for (const std::exception_ptr& error : {trouble_error, load_error}) {
      if (error) std::rethrow_exception(error);
    }
  }

  void ExpectAnswersTrue(const NumberedSource& source) {
    std::map<uint64_t, int> stored;
    for (const Fields& entry : Stored("vitals")) ++stored[std::stoull(entry[0].second)];
    int untrue = 0;
    for (uint64_t n = 0; n < source.told().size(); ++n) {
      const Told told = source.told()[n];
      const auto found = stored.find(n);
      const int times = found == stored.end() ? 0 : found->second;
      const bool is_true = told == Told::kStored    ? times == 1
                           : told == Told::kUnknown ? times <= 1
                                                    : times == 0;
      if (!is_true && ++untrue <= 5) {
        ADD_FAILURE() << "record " << n << " is there " << times << " times and was told "
                      << static_cast<int>(told);
      }
    }
    EXPECT_EQ(untrue, 0);
  }
};

TEST_F(TruthTest, WhileRedisKeepsClosingTheLinks) {
  StartAll();
  NumberedSource source(UINT64_MAX);
  RunWith(&source, [&] {
    for (uint64_t round = 1; round <= 20; ++round) {
      EXPECT_TRUE(WaitFor([&] { return source.answered > round * 500; }, "the load to go on"));
      redis_.client().Do({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    }
  });
  ExpectAnswersTrue(source);
  EXPECT_GT(source.Count(Told::kStored), 5'000);
  const LedgerLine ledger = StopGate();
  EXPECT_EQ(ledger.stored, static_cast<uint64_t>(source.Count(Told::kStored)));
  EXPECT_EQ(ledger.refused, static_cast<uint64_t>(source.Count(Told::kNotStored)));
  EXPECT_EQ(ledger.unknown, static_cast<uint64_t>(source.Count(Told::kUnknown)));
}

TEST_F(TruthTest, WhileRedisRunsOutOfMemoryNowAndThen) {
  StartAll();
  NumberedSource source(UINT64_MAX);
  RunWith(&source, [&] {
    for (uint64_t round = 1; round <= 20; ++round) {
      EXPECT_TRUE(WaitFor([&] { return source.answered > round * 500; }, "the load to go on"));
      redis_.client().Do({"CONFIG", "SET", "maxmemory", round % 2 == 1 ? "1" : "0"});
    }
  });
  ExpectAnswersTrue(source);
  EXPECT_GT(source.Count(Told::kStored), 1'000);
  EXPECT_GT(source.Count(Told::kNotStored), 1'000);
  EXPECT_EQ(source.Count(Told::kUnknown), 0);
}

TEST_F(TruthTest, WhileTheGateDrains) {
  StartAll();
  NumberedSource source(UINT64_MAX);
  RunWith(&source, [&] {
    EXPECT_TRUE(WaitFor([&] { return source.answered > 2'000; }, "the load to run"));
    gate_->Signal(SIGTERM);
    EXPECT_EQ(gate_->WaitExit(), 0);
  });
  ExpectAnswersTrue(source);
  const LedgerLine ledger = CheckedLedger();
  EXPECT_EQ(ledger.accepted, static_cast<uint64_t>(Length("vitals")));
  EXPECT_EQ(ledger.stored, static_cast<uint64_t>(source.Count(Told::kStored)));
}

}  // namespace
}  // namespace sluice
