#include "support/prometheus.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cstdio>
#include <stdexcept>
#include <string_view>

#include "support/loopback.h"
#include "support/wait.h"

namespace sluice {
namespace {

constexpr int kStartAttempts = 5;  // another program may take the port we found free

std::string PercentEncoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    std::array<char, 4> escape{};
    std::snprintf(escape.data(), escape.size(), "%%%02X", byte);
    encoded += std::isalnum(byte) != 0 ? std::string(1, c) : std::string(escape.data());
  }
  return encoded;
}

// The whole answer, empty if there is none. Asked as HTTP/1.0, so that it ends with its connection:
// Prometheus sends what is long in chunks otherwise.
std::string Fetch(uint16_t port, const std::string& target) {
  const int fd = ConnectLoopback(port);
  if (fd < 0) return "";
  const std::string request = "GET " + target + " HTTP/1.0\r\n\r\n";
  std::string answer;
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
      static_cast<ssize_t>(request.size())) {
    std::array<char, 65'536> bytes;
    pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
    while (poll(&readable, 1, kWaitBoundMs) == 1) {
      const ssize_t n = recv(fd, bytes.data(), bytes.size(), 0);
      if (n <= 0) break;
      answer.append(bytes.data(), static_cast<size_t>(n));
    }
  }
  close(fd);
  return answer;
}

}  // namespace

Prometheus::Prometheus(const std::string& config, const std::string& rules)
    : config_file_(dir_.Write("prometheus.yml", config)) {
  dir_.Write("rules.yml", rules);
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    if (TryStart()) return;
  }
  throw std::runtime_error("prometheus does not start:\n" + err());
}

bool Prometheus::TryStart() {
  port_ = TakenPort().port();
  process_ = std::make_unique<Process>(
      Process::Command{.args = {"prometheus", "--config.file", config_file_, "--storage.tsdb.path",
                                dir_.File("data"), "--web.listen-address",
                                "127.0.0.1:" + std::to_string(port_), "--log.level", "warn"},
                       .environment = {}});
  const auto up =
      WaitFor([this] { return IsReady() || !process_->Running(); }, "prometheus to be ready");
  return up && process_->Running();
}

bool Prometheus::IsReady() const {
  return Fetch(port_, "/-/ready").find(" 200 OK\r\n") != std::string::npos;
}

Json Prometheus::Ask(const std::string& target) const {
  const std::string answer = Fetch(port_, target);
  const size_t head_end = answer.find("\r\n\r\n");
  if (head_end == answer.npos) throw std::runtime_error("prometheus does not answer:\n" + err());
  const Json body = Json::Parse(answer.substr(head_end + 4));
  if (body.Text("status") != "success") throw std::runtime_error(body.Text("error"));
  return *body.Find("data");
}

std::vector<double> Prometheus::Query(const std::string& expression) const {
  const Json data = Ask("/api/v1/query?query=" + PercentEncoded(expression));
  const Json& result = *data.Find("result");
  // A scalar is [time, "value"]; of a vector each sample has that as its `value`.
  if (data.Text("resultType") == "scalar") return {std::stod(result.elements().at(1).text())};
  std::vector<double> values;
  for (const Json& sample : result.elements()) {
    values.push_back(std::stod(sample.Find("value")->elements().at(1).text()));
  }
  return values;
}

}  // namespace sluice
