// Once warm, a request takes no memory from the allocator: the real program, with a library
// preloaded that counts the calls of malloc and its like, is asked one kind of request over and
// over, on connections that stay.
//
// Warm is when it has held as much at once as it comes to hold, which depends on how Redis and the
// clients are scheduled: one batch more under way than ever before is a batch more in the pool. So
// it is asked until some stretches of requests, one behind the other, were answered without a
// single call. What a request allocates, be it one of hundreds, it allocates in every stretch.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include "allocations/allocation_count.h"
#include "integration/gate_fixture.h"
#include "support/load_client.h"

namespace sluice {
namespace {

constexpr size_t kConnections = 8;
constexpr uint64_t kStretchRequests = 500;
constexpr size_t kQuietStretches = 4;  // in a row: it is warm, and was while it answered these
constexpr size_t kStretchesMax = 60;
constexpr int32_t kTraces = 4;  // shown of what allocates in the last of all those

using Maker = std::function<std::string(uint64_t number)>;

// All of one length, or what is sent would grow with the numbers.
std::string Digits(uint64_t number) {
  std::string digits = std::to_string(number);
  return std::string(9 - digits.size(), '0') + digits;
}

std::string Reading(uint64_t number, int heart_rate = 72) {
  return R"({"device_id":"dev-)" + Digits(number) + R"(","timestamp":1767225600000,"heart_rate":)" +
         std::to_string(heart_rate) + R"(,"blood_oxygen":98})";
}

std::string Readings(uint64_t number, uint64_t count) {
  std::string all;
  for (uint64_t i = 0; i < count; ++i) all += (i == 0 ? "[" : ",") + Reading(number * count + i);
  return all + "]";
}

std::string Answers(uint64_t number, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) {
    all +=
        (i == 0 ? "[" : ",") + QuestionAnswer("pat-" + Digits(number) + std::to_string(100 + i), 3);
  }
  return all + "]";
}

// The file that the gate's calls are counted in.
class CountFile {
 public:
  CountFile() {
    const int fd = open(path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof(AllocationCount)) != 0) {
      throw std::system_error(errno, std::generic_category(), path());
    }
    void* mapped =
        mmap(nullptr, sizeof(AllocationCount), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    count_ = static_cast<AllocationCount*>(mapped);
  }
  ~CountFile() { munmap(count_, sizeof(AllocationCount)); }
  CountFile(const CountFile&) = delete;
  CountFile& operator=(const CountFile&) = delete;

  std::string path() const { return dir_.File("allocations"); }
  uint64_t calls() const { return count_->calls; }
  void TraceNext(int32_t count) { count_->traces_left = count; }

 private:
  TempDir dir_;
  AllocationCount* count_ = nullptr;
};

// Requests of one kind, numbered from 0 and each to be answered 200, until it is known whether they
// allocate; notes how often in each stretch.
class Stretches : public LoadSource {
 public:
  Stretches(CountFile& count, Maker make) : count_(count), make_(std::move(make)) {}

  bool Next(std::string* bytes, uint64_t* id) override {
    if (warm() || calls_.size() == kStretchesMax) return false;
    *id = asked_++;
    *bytes += make_(*id);
    return true;
  }

  void OnAnswer(uint64_t /*id*/, const HttpResponse& response) override {
    if (response.status != 200 && wrong_.empty()) wrong_ = response.raw;
    if (++answered_ % kStretchRequests != 0) return;
    calls_.push_back(count_.calls() - before_);
    before_ += calls_.back();
    quiet_ = calls_.back() == 0 ? quiet_ + 1 : 0;
    count_.TraceNext(calls_.size() == kStretchesMax - 1 ? kTraces : 0);
  }

  bool warm() const { return quiet_ >= kQuietStretches; }
  const std::vector<uint64_t>& calls() const { return calls_; }
  const std::string& wrong() const { return wrong_; }

 private:
  CountFile& count_;
  Maker make_;
  uint64_t asked_ = 0;
  uint64_t answered_ = 0;
  uint64_t before_ = 0;          // calls until the stretch began
  std::vector<uint64_t> calls_;  // of each stretch
  size_t quiet_ = 0;             // of the last ones
  std::string wrong_;            // the first answer that is not 200
};

class AllocationsTest : public GateTest {
 protected:
  void StartCounted(const std::string& config_file = "", const std::string& tokens = "") {
    redis_.Start();
    Gate::Options options;
    options.redis_url = redis_.url();
    options.workers = 1;
    if (!config_file.empty()) options.args = {"--config", config_file};
    options.environment = {"LD_PRELOAD=" SLUICE_COUNT_ALLOCATIONS,
                           std::string(kCountFileVariable) + "=" + count_.path()};
    if (!tokens.empty()) {
      options.environment.push_back("SLUICE_AUTH_TOKENS=" + dir_.Write("tokens.toml", tokens));
    }
    gate_ = std::make_unique<Gate>(options);
    ASSERT_TRUE(WaitReady());
    ASSERT_GT(count_.calls(), 100u) << "a program that starts allocates: it is not counted";
  }

  static void ExpectWarm(const Stretches& stretches) {
    EXPECT_EQ(stretches.wrong(), "");
    EXPECT_TRUE(stretches.warm())
        << "calls in each " << kStretchRequests
        << " requests: " << testing::PrintToString(stretches.calls())
        << "; where the first of the last came from stands in the gate's stderr, for addr2line";
  }

  CountFile count_;
  TempDir dir_;
};

struct Kind {  // of request
  const char* name;
  size_t depth;  // requests on the way on a connection
  Maker make;
  const char* config_file = "";  // the gate's; none: its defaults
  const char* tokens = "";       // its tokens file's text; none: it asks for no token

  friend void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }
};

class RequestKind : public AllocationsTest, public testing::WithParamInterface<Kind> {};

TEST_P(RequestKind, TakesNoMemoryOnceWarm) {
  StartCounted(GetParam().config_file, GetParam().tokens);
  Stretches stretches(count_, GetParam().make);
  LoadClient(gate_->port(), kConnections, GetParam().depth).Run(&stretches);
  ExpectWarm(stretches);
}

constexpr char kPacked[] = SLUICE_SOURCE_DIR "/perf/packed.toml";

std::string Keyed(uint64_t number, const std::string& body) {
  return PostRequest(kVitals, body, "application/json",
                     "Idempotency-Key: \"" + Digits(number) + "\"\r\n");
}

// The token whose secret is "secret", with a rate of each kind that these requests do not reach.
constexpr char kTokens[] =
    "a = { sha256 = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b', "
    "key_prefixes = ['dev-'], records_per_second = 1000000000, bytes_per_second = 1000000000 }\n";

INSTANTIATE_TEST_SUITE_P(
    Of, RequestKind,
    testing::Values(
        Kind{"OneReading", 1, [](uint64_t n) { return PostRequest(kVitals, Reading(n)); }},
        Kind{"PipelinedBy16", 16, [](uint64_t n) { return PostRequest(kVitals, Reading(n)); }},
        Kind{"HundredReadings", 1,
             [](uint64_t n) { return PostRequest(kVitals, Readings(n, 100)); }},
        Kind{"Chunked", 1,
             [](uint64_t n) {
               return "POST /v1/vitals HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n" +
                      Chunked(Reading(n), 20);
             }},
        Kind{"Packed", 1, [](uint64_t n) { return PostRequest(kVitals, Readings(n, 100)); },
             kPacked},
        Kind{"WithAKey", 1, [](uint64_t n) { return Keyed(n, Reading(n)); }},
        Kind{"PackedWithAKey", 1, [](uint64_t n) { return Keyed(n, Readings(n, 100)); }, kPacked},
        Kind{"WithAnIdentity", 1,
             [](uint64_t n) { return PostRequest(kQuestionnaires, Answers(n, 20)); }},
        Kind{"WithAnAlert", 1, [](uint64_t n) { return PostRequest(kVitals, Reading(n, 210)); }},
        Kind{"WithAToken", 1,
             [](uint64_t n) {
               return PostRequest(kVitals, Reading(n), "application/json",
                                  "Authorization: Bearer secret\r\n");
             },
             "", kTokens}),
    [](const auto& kind) { return kind.param.name; });

// All but its end has been read when its end is sent.
TEST_F(AllocationsTest, ABodyOfSeveralReadsTakesNoMemoryOnceWarm) {
  StartCounted();
  std::vector<HttpClient> clients;
  for (size_t i = 0; i < kConnections; ++i) clients.push_back(Connect());
  Stretches stretches(count_, [](uint64_t n) { return PostRequest(kVitals, Reading(n)); });
  std::string request;
  for (uint64_t id = 0; stretches.Next(&request, &id); request.clear()) {
    HttpClient& client = clients[id % kConnections];
    const size_t end = request.size() - 40;
    client.Send(request.substr(0, end - 1));
    client.SendByteByByte(request.substr(end - 1, 1));
    client.Send(request.substr(end));
    stretches.OnAnswer(id, client.ReadResponse());
  }
  ExpectWarm(stretches);
}

}  // namespace
}  // namespace sluice
