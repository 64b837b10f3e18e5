// Packed requests while connections are cut and Redis and sluice are killed: each that was answered
// 200 is one entry, with its records and no others, exactly once.
#include "fault/journal_fixture.h"
#include "sluice/base/random.h"
#include "support/packed_entry.h"

namespace sluice {
namespace {

// The shipped route, but for its entries.
constexpr char kPackedVitals[] = R"([[route]]
path = "/v1/vitals"
stream = "vitals"
entry = "packed"
field = [
  { name = "device_id", type = "string", key = true, required = true },
  { name = "timestamp", type = "int64", required = true },
  { name = "heart_rate", type = "double" }, { name = "blood_oxygen", type = "double" } ]
alert = [
  { name = "heart-rate", field = "heart_rate", below = 40, above = 150 },
  { name = "blood-oxygen", field = "blood_oxygen", below = 90 } ]
)";

class PackedFaultTest : public JournalTest {
 protected:
  static constexpr LoadDriver::Options kLoad = {.records_max = 40, .alert_every = 50};

  std::vector<StreamEntry> RecordEntries() override {
    return Unpacked(redis_.client().ReadStream("vitals"));
  }

  // Behind the end of the load: an entry is a request's records, all of them and no others.
  // Of those that nobody answered, since sluice was killed, any may be there.
  void ExpectEntriesAreRequests() {
    uint64_t entries = 0;
    for (const StreamEntry& entry : redis_.client().ReadStream("vitals")) {
      ++entries;
      std::vector<uint64_t> numbers;
      for (const Json& record : PackedRecords(entry)) {
        numbers.push_back(std::stoull(record.Text("device_id")));
        ASSERT_EQ(numbers.back(), numbers.front() + numbers.size() - 1) << entry.id;
        ASSERT_EQ(record.Text("timestamp"), record.Text("device_id")) << entry.id;
        ASSERT_EQ(record.members().size(), record.Find("blood_oxygen") != nullptr ? 4u : 3u);
      }
    }
    // With all records there once, and each entry's in a row, this leaves no other way.
    EXPECT_GE(entries, load_->stored_count());
    EXPECT_LE(entries, load_->stored_count() + load_->unanswered_count());
  }

  const std::string config_ = kPatient + std::string(kPackedVitals);
};

TEST_F(PackedFaultTest, LinksCutAtRandomBytes) {
  redis_.Start();
  StartGateOnRelay(config_);
  ASSERT_TRUE(WaitReady());
  StartLoad(kLoad);
  Random random(FaultNumber("SLUICE_FAULT_SEED", 1));
  const uint64_t rounds = FaultRounds(60);
  for (uint64_t round = 1; round <= rounds; ++round) {
    switch (random.Below(3)) {
      case 0:
        relay_->CutBeforeExecReply(RelayEnd::kReset);
        break;
      case 1:
        relay_->CutAfter(RelayDirection::kToRedis, 1 + random.Below(50'000), RelayEnd::kReset);
        break;
      default:
        relay_->CutAfter(RelayDirection::kFromRedis, 1 + random.Below(1'000), RelayEnd::kReset);
    }
    ASSERT_TRUE(WaitFor([&] { return relay_->cut_count() >= round; }, "a cut"));
  }
  relay_->Pass();
  ExpectAllStored();
  ExpectEntriesAreRequests();
}

TEST_F(PackedFaultTest, RedisKilled) {
  StartDurableRedis();
  StartGate(config_);
  ASSERT_TRUE(WaitReady());
  StartLoad(kLoad);
  const uint64_t rounds = FaultRounds(10);
  for (uint64_t round = 0; round < rounds; ++round) {
    ASSERT_TRUE(WaitStored(100)) << "round " << round;
    redis_.Kill();
    StartDurableRedis();
  }
  ExpectAllStored();
  ExpectEntriesAreRequests();
}

TEST_F(PackedFaultTest, RedisAndTheGateKilledWithAJournal) {
  StartDurableRedis();
  StartGateWithJournal(kPackedVitals);
  ASSERT_TRUE(WaitRedisUp());
  StartLoad(kLoad);
  const uint64_t rounds = FaultRounds(10);
  for (uint64_t round = 0; round < rounds; ++round) {
    ASSERT_TRUE(WaitStored(50)) << "round " << round;
    redis_.Kill();
    ASSERT_TRUE(WaitStored(50)) << "round " << round << ", by the journal";
    gate_->Kill();
    StartGateWithJournal(kPackedVitals);
    load_->MoveTo(gate_->port());
    ASSERT_TRUE(WaitStored(20)) << "round " << round;
    StartDurableRedis();
  }
  ASSERT_TRUE(WaitStored(20));
  load_->Stop();
  EXPECT_GT(witness_.Count(Told::kJournal), 0u);
  ASSERT_TRUE(WaitRedisUp());
  ASSERT_TRUE(WaitJournalEmpty());
  ASSERT_TRUE(WaitSettled());
  StopGate();
  ExpectAnswersTrue();
  ExpectEntriesAreRequests();
}

}  // namespace
}  // namespace sluice
