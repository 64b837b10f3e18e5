// probe: how long until an alert is seen? Posts readings that raise an alert (a heart rate of 210)
// at a fixed rate, and reads the alert stream as a consumer does. A latency runs from when the
// reading was due to be sent until the consumer has read the alert, so that what delays the sending
// is in it (open loop). The answers are counted, but never waited for: they need the bulk lane too.
//
// One thread. Requests are pipelined over a few connections in turns; within its turn each is due
// at a random moment, so that nothing periodic hides between them. Prints counts and latencies, a
// name and a number a line. Fails if an alert is missing or came twice.

#include <poll.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "probe/alert_reader.h"
#include "support/answer_reader.h"
#include "support/arguments.h"
#include "support/latencies.h"
#include "support/socket.h"

namespace {

using perf::NowNs;

constexpr size_t kReadBytes = 64 * 1024;

struct Options {
  std::string http;
  std::string redis;
  std::string stream;
  double rate = 0;  // readings a second
  size_t connections = 0;
  size_t count = 0;
  int64_t grace_ns = 0;  // for alerts and answers, after the last reading was sent
};

struct Probe {
  int64_t due_ns = 0;  // since the start
  uint32_t alerts = 0;
};

struct Connection {
  int fd = -1;
  std::string unsent;
  perf::AnswerReader answers;
};

class Prober {
 public:
  explicit Prober(const Options& options)
      : options_(options),
        alerts_(options.redis, options.stream),
        connections_(options.connections) {
    std::mt19937_64 random(std::random_device{}());
    name_ = "probe-" + std::to_string(random() % 1'000'000) + "-";
    std::uniform_real_distribution<double> moment(0, 1);
    for (size_t i = 0; i < options.count; ++i) {
      const double turn = static_cast<double>(i) + moment(random);
      probes_.push_back({static_cast<int64_t>(turn * 1e9 / options.rate), 0});
    }
    for (Connection& connection : connections_) {
      connection.fd = perf::DialTcp(options.http);
      polled_.push_back({connection.fd, POLLIN, 0});
    }
    polled_.push_back({alerts_.fd(), POLLIN, 0});
  }

  void Run() {
    cpu_ns_ = perf::ClockNs(CLOCK_PROCESS_CPUTIME_ID);
    start_ns_ = NowNs();
    const int64_t wall_ns = perf::ClockNs(CLOCK_REALTIME);
    start_wall_ms_ = static_cast<double>(wall_ns) / perf::kNsPerMs;
    const int64_t end_ns = start_ns_ + probes_.back().due_ns + options_.grace_ns;
    while (!IsDone() && NowNs() < end_ns) {
      while (sent_ < probes_.size() && start_ns_ + probes_[sent_].due_ns <= NowNs()) SendNext();
      Wait(sent_ < probes_.size() ? start_ns_ + probes_[sent_].due_ns : end_ns);
    }
  }

  // False if an alert is missing or came twice.
  bool Print() const {
    uint64_t missing = 0;
    uint64_t doubled = 0;
    for (const Probe& probe : probes_) {
      missing += probe.alerts == 0;
      doubled += probe.alerts > 1;
    }
    std::printf("sent %zu\nseen %zu\nmissing %" PRIu64 "\ndoubled %" PRIu64 "\n", sent_, seen_,
                missing, doubled);
    for (const auto& [status, count] : answers_) {
      std::printf("answered_%d %" PRIu64 "\n", status, count);
    }
    std::printf("unanswered %" PRIu64 "\n", sent_ - answered_);
    latency_.Print("alert");
    late_.Print("late");
    // The ways of an alert, in turn, by the clocks of sluice and Redis in whole milliseconds.
    to_sluice_.Print("to_sluice");
    to_redis_.Print("to_redis");
    to_reader_.Print("to_reader");
    std::printf("cores %.3f\n", perf::CoresSince(start_ns_, cpu_ns_));
    return missing == 0 && doubled == 0 && sent_ == probes_.size();
  }

  const perf::Latencies& latency() const { return latency_; }

 private:
  bool IsDone() const { return seen_ == probes_.size() && answered_ == probes_.size(); }

  void SendNext() {
    const Probe& probe = probes_[sent_];
    Connection& connection = connections_[sent_ % connections_.size()];
    const auto due_ms = static_cast<int64_t>(WallMs(probe.due_ns));
    const std::string body = "{\"device_id\":\"" + name_ + std::to_string(sent_) +
                             "\",\"timestamp\":" + std::to_string(due_ms) + ",\"heart_rate\":210}";
    connection.unsent +=
        "POST /v1/vitals HTTP/1.1\r\nHost: sluice\r\nContent-Type: application/json\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    Send(sent_++ % connections_.size());
    late_.Add(NowNs() - start_ns_ - probe.due_ns);
  }

  void Send(size_t at) {
    Connection& connection = connections_[at];
    std::string& unsent = connection.unsent;
    unsent.erase(0, perf::WriteSome(connection.fd, unsent.data(), unsent.size()));
    polled_[at].events = static_cast<int16_t>(unsent.empty() ? POLLIN : POLLIN | POLLOUT);
  }

  void Wait(int64_t until_ns) {
    const timespec timeout = perf::TimespecOf(std::max<int64_t>(until_ns - NowNs(), 0));
    if (ppoll(polled_.data(), polled_.size(), &timeout, nullptr) < 0 && errno != EINTR) {
      perf::DieOf(errno, "ppoll");
    }
    if (polled_.back().revents != 0) {
      alerts_.Read([this](const perf::Alert& alert) { OnAlert(alert); });
    }
    for (size_t at = 0; at < connections_.size(); ++at) {
      if ((polled_[at].revents & POLLOUT) != 0) Send(at);
      if ((polled_[at].revents & ~POLLOUT) != 0) Receive(connections_[at]);
    }
  }

  void OnAlert(const perf::Alert& alert) {
    if (!alert.device_id.starts_with(name_)) return;  // another's
    const std::string number(alert.device_id.substr(name_.size()));
    const auto at = static_cast<size_t>(std::strtoull(number.c_str(), nullptr, 10));
    if (at >= sent_) perf::Die("an alert of a reading that was not sent");
    Probe& probe = probes_[at];
    if (++probe.alerts > 1) return;
    ++seen_;
    const int64_t since_start_ns = NowNs() - start_ns_;
    latency_.Add(since_start_ns - probe.due_ns);
    const auto received = static_cast<double>(alert.received_ms);
    const auto stored = static_cast<double>(alert.stored_ms);
    AddMs(to_sluice_, received - WallMs(probe.due_ns));
    AddMs(to_redis_, stored - received);
    AddMs(to_reader_, WallMs(since_start_ns) - stored);
  }

  double WallMs(int64_t since_start_ns) const {
    return start_wall_ms_ + static_cast<double>(since_start_ns) / perf::kNsPerMs;
  }
  static void AddMs(perf::Latencies& latencies, double ms) {
    latencies.Add(static_cast<int64_t>(ms * perf::kNsPerMs));
  }

  void Receive(Connection& connection) {
    const size_t got = perf::ReadSome(connection.fd, read_.data(), read_.size());
    const bool is_http = connection.answers.Feed({read_.data(), got}, [this](int status) {
      ++answers_[status];
      ++answered_;
    });
    if (!is_http) perf::Die("an answer was no HTTP");
  }

  const Options options_;
  perf::AlertReader alerts_;
  std::string name_;  // how the device ids of this run begin
  std::vector<Probe> probes_;
  std::vector<Connection> connections_;
  std::vector<pollfd> polled_;  // the connections, then Redis
  std::vector<char> read_ = std::vector<char>(kReadBytes);

  int64_t cpu_ns_ = 0;  // used before the start
  int64_t start_ns_ = 0;
  double start_wall_ms_ = 0;
  size_t sent_ = 0;
  size_t seen_ = 0;
  size_t answered_ = 0;
  std::map<int, uint64_t> answers_;  // by status
  perf::Latencies latency_;
  perf::Latencies late_;  // sent after they were due: how long this program waited to run
  perf::Latencies to_sluice_;
  perf::Latencies to_redis_;
  perf::Latencies to_reader_;
};

}  // namespace

int main(int argc, char** argv) {
  const perf::Arguments arguments(argc, argv,
                                  {{"--http", ""},
                                   {"--redis", ""},
                                   {"--stream", "alerts"},
                                   {"--rate", "300"},
                                   {"--connections", "64"},
                                   {"--seconds", "5"},
                                   {"--grace", "10"},
                                   {"--latencies", "/dev/null"}});
  perf::PrepareProcess();
  Options options;
  options.http = arguments.Text("--http");
  options.redis = arguments.Text("--redis");
  options.stream = arguments.Text("--stream");
  options.rate = arguments.Number("--rate", 1, 1e5);
  options.connections = static_cast<size_t>(arguments.Number("--connections", 1, 1'000));
  options.count =
      static_cast<size_t>(std::max(1.0, arguments.Number("--seconds", 0, 3600) * options.rate));
  options.grace_ns = static_cast<int64_t>(arguments.Number("--grace", 0, 3600) * 1e9);
  Prober prober(options);
  prober.Run();
  const bool whole = prober.Print();
  const std::string& path = arguments.Text("--latencies");
  if (!prober.latency().Write(path.c_str())) perf::DieOf(errno, path);
  if (!whole) perf::Die("an alert is missing or came twice");
}
