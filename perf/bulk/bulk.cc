// bulk: offers readings to sluice at a fixed rate, whatever sluice makes of it (open loop). Request
// i is due at start + i / rate; if no connection is free then it waits in line, and its latency
// counts from when it was due. So a stall is seen by every request that it delays, and not only by
// those under way. --rate 0 sends on each connection as soon as it is answered (closed loop), to
// find out how much can be had.
//
// One thread, epoll, one request under way on each keep-alive connection. The requests are made
// before the clock starts, and none has a reading that raises an alert. Prints counts and the
// latencies of what was answered 200, a name and a number a line.

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/answer_reader.h"
#include "support/arguments.h"
#include "support/latencies.h"
#include "support/socket.h"

namespace {

using perf::NowNs;

constexpr size_t kReadingsReady = 8192;  // in the requests made beforehand, all together
constexpr size_t kReadBytes = 64 * 1024;
constexpr int kEventsMax = 512;
// While there is no line it looks only so often for what is due and what was answered: to wake for
// each would take from the servers the processor that they share with us.
constexpr int64_t kTickNs = 100'000;
constexpr int64_t kGraceNs = 10 * perf::kNsPerSecond;  // for answers: sluice's own deadline is 5 s

struct Options {
  std::string http;
  double rate = 0;  // requests a second; 0: closed loop
  size_t connections = 0;
  size_t readings = 0;  // a request
  int64_t duration_ns = 0;
};

std::string Reading(std::mt19937& random, uint32_t device, int64_t timestamp_ms) {
  std::array<char, 160> text;
  const int size = std::snprintf(
      text.data(), text.size(),
      R"({"device_id":"dev-%06u","timestamp":%)" PRId64 R"(,"heart_rate":%u.%u,"blood_oxygen":%u})",
      device, timestamp_ms, 50 + static_cast<unsigned>(random() % 90),
      static_cast<unsigned>(random() % 10), 92 + static_cast<unsigned>(random() % 8));
  return {text.data(), static_cast<size_t>(size)};
}

std::vector<std::string> MakeRequests(size_t readings) {
  std::mt19937 random(std::random_device{}());
  uint32_t device = static_cast<uint32_t>(random() % 900'000);
  int64_t timestamp_ms = perf::ClockNs(CLOCK_REALTIME) / perf::kNsPerMs;
  std::vector<std::string> requests(std::max<size_t>(kReadingsReady / readings, 16));
  for (std::string& request : requests) {
    std::string body = readings > 1 ? "[" : "";
    for (size_t i = 0; i < readings; ++i) {
      if (i > 0) body += ',';
      body += Reading(random, device++ % 1'000'000, timestamp_ms++);
    }
    if (readings > 1) body += ']';
    request =
        "POST /v1/vitals HTTP/1.1\r\nHost: sluice\r\nContent-Type: application/json\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  return requests;
}

struct Connection {
  int fd = -1;
  bool awaits_answer = false;
  std::string_view unsent;  // of a request that the socket did not take as a whole
  int64_t due_ns = 0;
  perf::AnswerReader answers;
};

class Bulk {
 public:
  explicit Bulk(const Options& options)
      : options_(options),
        requests_(MakeRequests(options.readings)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) perf::DieOf(errno, "epoll_create1");
    connections_.resize(options.connections);
    for (size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].fd = perf::DialTcp(options.http);
      epoll_event event{};
      event.events = EPOLLIN | EPOLLOUT | EPOLLET;
      event.data.u64 = i;
      if (epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].fd, &event) != 0) {
        perf::DieOf(errno, "epoll_ctl");
      }
      free_.push_back(i);
    }
  }

  void Run() {
    cpu_ns_ = perf::ClockNs(CLOCK_PROCESS_CPUTIME_ID);
    start_ns_ = NowNs();
    end_ns_ = start_ns_ + options_.duration_ns;
    now_ns_ = start_ns_;
    while (now_ns_ < end_ns_) {
      SendWhatIsDue();
      if (HasFree()) SleepUntil(std::min(end_ns_, std::max(DueNs(sent_), now_ns_ + kTickNs)));
      Wait(HasFree() ? now_ns_ : end_ns_);
    }
    due_ = options_.rate > 0 ? DueBy(end_ns_ - 1) : sent_;
    ended_ns_ = now_ns_;
    while (answered_ < sent_ && now_ns_ < end_ns_ + kGraceNs) Wait(end_ns_ + kGraceNs);
  }

  // `seconds` is how long was sent; answers that came later are counted too.
  void Print() const {
    std::printf("seconds %.3f\n", static_cast<double>(ended_ns_ - start_ns_) / 1e9);
    std::printf("offered %" PRIu64 "\nsent %" PRIu64 "\nin_line %" PRIu64 "\n", due_, sent_,
                due_ - sent_);
    std::printf("answered_200 %" PRIu64 "\nanswered_503 %" PRIu64 "\nanswered_other %" PRIu64 "\n",
                stored_.count(), answered_503_, answered_other_);
    std::printf("unanswered %" PRIu64 "\n", sent_ - answered_);
    stored_.Print("stored");
    std::printf("cores %.3f\n", perf::CoresSince(start_ns_, cpu_ns_));
  }

  const perf::Latencies& stored() const { return stored_; }

 private:
  int64_t DueNs(uint64_t request) const {
    return start_ns_ + static_cast<int64_t>(static_cast<double>(request) * 1e9 / options_.rate);
  }
  uint64_t DueBy(int64_t now_ns) const {
    return static_cast<uint64_t>(static_cast<double>(now_ns - start_ns_) * options_.rate / 1e9) + 1;
  }

  bool HasFree() const { return next_free_ < free_.size(); }

  void SendWhatIsDue() {
    const bool open = options_.rate > 0;
    const uint64_t due = open ? DueBy(now_ns_) : std::numeric_limits<uint64_t>::max();
    while (sent_ < due && HasFree()) {
      Connection& connection = connections_[free_[next_free_++]];
      connection.due_ns = open ? DueNs(sent_) : NowNs();
      connection.awaits_answer = true;
      connection.unsent = requests_[sent_++ % requests_.size()];
      Send(connection);
    }
    // Connections take turns, so that each is used as seldom as a device's is.
    if (next_free_ >= connections_.size()) {
      free_.erase(free_.begin(), free_.begin() + static_cast<ptrdiff_t>(next_free_));
      next_free_ = 0;
    }
  }

  static void SleepUntil(int64_t until_ns) {
    const timespec until = perf::TimespecOf(until_ns);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
  }

  static void Send(Connection& connection) {
    const std::string_view left = connection.unsent;
    connection.unsent.remove_prefix(perf::WriteSome(connection.fd, left.data(), left.size()));
  }

  void Wait(int64_t until_ns) {
    const timespec timeout = perf::TimespecOf(std::max<int64_t>(until_ns - NowNs(), 0));
    const int count = epoll_pwait2(epoll_, events_.data(), kEventsMax, &timeout, nullptr);
    if (count < 0 && errno != EINTR) perf::DieOf(errno, "epoll_pwait2");
    now_ns_ = NowNs();
    for (int i = 0; i < count; ++i) OnEvent(events_[static_cast<size_t>(i)]);
  }

  void OnEvent(const epoll_event& event) {
    const size_t at = event.data.u64;
    Connection& connection = connections_[at];
    if (!connection.unsent.empty()) {
      Send(connection);
      if (connection.unsent.empty() && !connection.awaits_answer) free_.push_back(at);
    }
    if ((event.events & ~static_cast<uint32_t>(EPOLLOUT)) == 0) return;
    size_t got = 0;
    do {
      got = perf::ReadSome(connection.fd, read_.data(), read_.size());
      const bool is_http =
          connection.answers.Feed({read_.data(), got}, [&](int status) { OnAnswer(at, status); });
      if (!is_http) perf::Die("an answer was no HTTP");
    } while (got == read_.size());
  }

  void OnAnswer(size_t at, int status) {
    Connection& connection = connections_[at];
    if (!connection.awaits_answer) perf::Die("an answer came that nobody asked for");
    connection.awaits_answer = false;
    ++answered_;
    if (status == 200) {
      stored_.Add(NowNs() - connection.due_ns);
    } else if (status == 503) {
      ++answered_503_;
    } else {
      ++answered_other_;
    }
    // A request may be refused before all of it was sent; its rest must follow all the same.
    if (connection.unsent.empty()) free_.push_back(at);
  }

  const Options options_;
  const std::vector<std::string> requests_;
  const int epoll_;
  std::vector<Connection> connections_;
  std::vector<size_t> free_;  // from next_free_ on, the longest free first
  size_t next_free_ = 0;
  std::array<epoll_event, kEventsMax> events_;
  std::vector<char> read_ = std::vector<char>(kReadBytes);

  int64_t cpu_ns_ = 0;  // used before the start
  int64_t start_ns_ = 0;
  int64_t end_ns_ = 0;
  int64_t ended_ns_ = 0;
  int64_t now_ns_ = 0;
  uint64_t due_ = 0;
  uint64_t sent_ = 0;
  uint64_t answered_ = 0;
  uint64_t answered_503_ = 0;
  uint64_t answered_other_ = 0;
  perf::Latencies stored_;
};

}  // namespace

int main(int argc, char** argv) {
  const perf::Arguments arguments(argc, argv,
                                  {{"--http", ""},
                                   {"--rate", "0"},
                                   {"--connections", "64"},
                                   {"--readings", "1"},
                                   {"--seconds", "5"},
                                   {"--latencies", "/dev/null"}});
  perf::PrepareProcess();
  Options options;
  options.http = arguments.Text("--http");
  options.rate = arguments.Number("--rate", 0, 1e7);
  options.connections = static_cast<size_t>(arguments.Number("--connections", 1, 16'000));
  options.readings = static_cast<size_t>(arguments.Number("--readings", 1, 10'000));
  options.duration_ns = static_cast<int64_t>(arguments.Number("--seconds", 0.1, 3600) * 1e9);
  Bulk bulk(options);
  bulk.Run();
  bulk.Print();
  const std::string& path = arguments.Text("--latencies");
  if (!bulk.stored().Write(path.c_str())) perf::DieOf(errno, path);
}
