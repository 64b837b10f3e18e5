#include "server/ports.h"

#include <unistd.h>

#include <utility>

#include "sluice/net/inherited_socket.h"

namespace sluice {
namespace {

// FileDescriptorName= of the admin port's .socket unit.
constexpr const char* kAdminName = "admin";

PortTaking TakingOf(const HttpConfig& http) {
  return http.takeover ? PortTaking::kOver : PortTaking::kFree;
}

}  // namespace

Ports::~Ports() {
  for (const auto& sockets : data_) {
    for (const PortSocket& socket : sockets) ::close(socket.fd);
  }
}

Status Ports::Open(const Config& config, uint32_t worker_count) {
  data_.resize(worker_count);
  if (Status status = Inherit(worker_count); !status.ok()) return status;
  if (!admin_.open()) {
    const Status status =
        admin_.Bind({"admin.listen", "--admin"}, config.admin.listen, TakingOf(config.http));
    if (!status.ok()) return status;
  }
  return data_text_.empty() ? BindData(config.http, worker_count) : Status();
}

// Each worker listens on every inherited data socket, so that none is without a worker and no
// worker without a socket: whichever is awake first accepts.
Status Ports::Inherit(uint32_t worker_count) {
  auto inherited = TakeInheritedSockets();
  if (!inherited.ok()) return Error{inherited.error()};
  for (const InheritedSocket& socket : inherited.value()) {
    const std::string address = BoundAddress(socket.fd).ToString();
    if (socket.name == kAdminName) {
      if (admin_.open()) {
        return Error{"LISTEN_FDS: descriptor " + std::to_string(socket.fd) + " (" + socket.name +
                     ") is a second socket of that name; pass one"};
      }
      admin_.Inherit(socket.fd, address);
      continue;
    }
    if (socket.is_unix) {
      return Error{"LISTEN_FDS: descriptor " + std::to_string(socket.fd) + " (" + socket.name +
                   ") is a unix socket, which only the admin port may be: give the .socket unit "
                   "ListenStream=host:port, or FileDescriptorName=admin"};
    }
    data_text_ += (data_text_.empty() ? "" : " and ") + address;
    for (uint32_t i = 0; i < worker_count; ++i) {
      const int fd = i == 0 ? socket.fd : DuplicateSocket(socket.fd);
      data_[i].push_back({.fd = fd, .waiting = WaitingPeers::kLeft});
    }
  }
  return {};
}

Status Ports::BindData(const HttpConfig& http, uint32_t worker_count) {
  Address address = Address::Parse(http.listen).value();
  for (uint32_t i = 0; i < worker_count; ++i) {
    // The first sees whether anybody has the port; the others join it.
    const PortTaking taking = i > 0 ? PortTaking::kOver : TakingOf(http);
    const auto fd = BindPort({"http.listen", "--listen"}, address, taking);
    if (!fd.ok()) return Error{fd.error()};
    data_[i].push_back({.fd = fd.value(), .waiting = WaitingPeers::kAccepted});
    address.port = BoundPort(fd.value());
  }
  data_text_ = address.ToString();
  return {};
}

std::vector<PortSocket> Ports::TakeData(uint32_t i) { return std::exchange(data_[i], {}); }

}  // namespace sluice
