#include "support/load_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "support/loopback.h"
#include "support/wait.h"

namespace sluice {
namespace {

[[noreturn]] void ThrowErrno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

void LoadSource::OnUnanswered(uint64_t id) {
  throw std::runtime_error("the gate closed the connection that awaits answer " +
                           std::to_string(id));
}

LoadClient::LoadClient(uint16_t port, size_t connection_count, size_t pipeline_depth, Told told)
    : port_(port), pipeline_depth_(pipeline_depth), told_(told), connections_(connection_count) {
  for (Connection& connection : connections_) {
    connection.fd = ConnectLoopback(port);
    if (connection.fd >= 0) continue;
    const int error = errno;
    CloseAll();
    errno = error;
    ThrowErrno("connect");
  }
}

LoadClient::~LoadClient() { CloseAll(); }

void LoadClient::CloseAll() {
  for (Connection& connection : connections_) {
    if (connection.fd >= 0) close(std::exchange(connection.fd, -1));
  }
}

void LoadClient::Run(LoadSource* source) {
  std::vector<pollfd> waiting(connections_.size());
  auto bound = std::chrono::steady_clock::now() + kWaitBound;
  for (;;) {
    bool busy = false;
    int pause_ms = 0;
    for (size_t i = 0; i < connections_.size(); ++i) {
      Connection& connection = connections_[i];
      const int next_ms = source->PauseMs();
      if (next_ms == 0) Fill(&connection, source);
      if (!connection.unsent.empty()) Write(&connection);
      busy |= !connection.awaited.empty() || (next_ms > 0 && connection.fd >= 0);
      pause_ms = std::max(pause_ms, next_ms);  // the source may end between two connections
      const short events = connection.unsent.empty() ? POLLIN : POLLIN | POLLOUT;
      waiting[i] = {connection.fd, events, 0};
    }
    if (!busy) return;
    const int ready = poll(waiting.data(), waiting.size(), pause_ms > 0 ? pause_ms : kWaitBoundMs);
    if (ready < 0 && errno != EINTR) ThrowErrno("poll");
    const auto now = std::chrono::steady_clock::now();
    if (ready > 0) bound = now + kWaitBound;
    if (now > bound) throw std::runtime_error("no answer within the bound: " + Waiting());
    for (size_t i = 0; i < waiting.size(); ++i) {
      if ((waiting[i].revents & ~POLLOUT) != 0) Read(&connections_[i], source);
    }
  }
}

std::string LoadClient::Waiting() const {
  std::string text;
  for (const Connection& connection : connections_) {
    if (connection.awaited.empty()) continue;
    text += "answer " + std::to_string(connection.awaited.front().id) + " with " +
            std::to_string(connection.unsent.size()) + " bytes unsent and " +
            std::to_string(connection.reader.rest().size()) + " read; ";
  }
  return text;
}

void LoadClient::Fill(Connection* connection, LoadSource* source) {
  while (connection->fd >= 0 && !dry_ && connection->awaited.size() < pipeline_depth_) {
    Request request;
    dry_ = !source->Next(&request.bytes, &request.id);
    if (dry_) return;
    connection->unsent += request.bytes;
    if (told_ == Told::kStop) request.bytes.clear();
    connection->awaited.push_back(std::move(request));
  }
}

void LoadClient::Write(Connection* connection) {
  const ssize_t n = send(connection->fd, connection->unsent.data(), connection->unsent.size(),
                         MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n > 0) connection->unsent.erase(0, static_cast<size_t>(n));
  if (n < 0 && errno != EAGAIN) connection->unsent.clear();  // what it has answered is still read
}

void LoadClient::Read(Connection* connection, LoadSource* source) {
  std::array<char, 65'536> bytes;
  const ssize_t n = recv(connection->fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) return Close(connection, source);
  connection->reader.Append({bytes.data(), static_cast<size_t>(n)});
  while (const std::optional<HttpResponse> response = connection->reader.Take()) {
    if (connection->awaited.empty()) throw std::runtime_error("an answer nobody awaits");
    source->OnAnswer(connection->awaited.front().id, *response);
    connection->awaited.pop_front();
    if (told_ == Told::kReconnect && response->Says("Connection", "close")) {
      return Reconnect(connection);
    }
  }
}

void LoadClient::Reconnect(Connection* connection) {
  close(connection->fd);
  connection->fd = ConnectLoopback(port_);
  if (connection->fd < 0) ThrowErrno("connect again");
  connection->reader = HttpResponseReader();
  connection->unsent.clear();
  for (const Request& request : connection->awaited) connection->unsent += request.bytes;
}

void LoadClient::Close(Connection* connection, LoadSource* source) {
  close(std::exchange(connection->fd, -1));
  connection->unsent.clear();
  while (!connection->awaited.empty()) {
    source->OnUnanswered(connection->awaited.front().id);
    connection->awaited.pop_front();
  }
}

}  // namespace sluice
