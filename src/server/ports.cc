#include "server/ports.h"

#include <unistd.h>

#include <utility>

#include "sluice/net/inherited_socket.h"

namespace sluice {
namespace {

// FileDescriptorName= of the admin port's .socket unit.
constexpr const char* kAdminName = "admin";

Result<int> BindSetting(const std::string& setting, const std::string& flag, const Address& address,
                        PortSharing sharing) {
  Result<int> fd = BindListeningSocket(address, sharing);
  if (fd.ok()) return fd;
  const bool shared = sharing == PortSharing::kShared;
  return Error{setting + ": cannot listen on " + address.ToString() + ": " + fd.error() +
               "; choose another with " + flag + " or [" + setting.substr(0, setting.find('.')) +
               "] listen" +
               (shared ? " (a takeover is from a running sluice of the same user only)"
                       : ", or give --takeover to take over from a running sluice")};
}

// Shared with others only where they are sluice's own, or are to be.
Result<int> BindShared(const std::string& setting, const std::string& flag, const Address& address,
                       bool takeover) {
  if (!takeover && address.port != 0) {
    auto alone = BindSetting(setting, flag, address, PortSharing::kExclusive);
    if (!alone.ok()) return alone;
    ::close(alone.value());
  }
  return BindSetting(setting, flag, address, PortSharing::kShared);
}

}  // namespace

Ports::~Ports() {
  for (const auto& sockets : data_) {
    for (const Socket& socket : sockets) ::close(socket.fd);
  }
  if (admin_.fd >= 0) ::close(admin_.fd);
}

Status Ports::Open(const Config& config, uint32_t worker_count) {
  data_.resize(worker_count);
  if (Status status = Inherit(worker_count); !status.ok()) return status;
  if (admin_.fd < 0) {
    if (Status status = BindAdmin(config); !status.ok()) return status;
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
      if (admin_.fd >= 0) {
        return Error{"LISTEN_FDS: descriptor " + std::to_string(socket.fd) + " (" + socket.name +
                     ") is a second socket of that name; pass one"};
      }
      admin_ = {.fd = socket.fd, .waiting = WaitingPeers::kLeft};
      admin_text_ = address;
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

Status Ports::BindAdmin(const Config& config) {
  Address address = Address::Parse(config.admin.listen).value();
  if (address.is_unix()) return BindAdminFile(address, config.http.takeover);
  const auto fd = BindShared("admin.listen", "--admin", address, config.http.takeover);
  if (!fd.ok()) return Error{fd.error()};
  admin_.fd = fd.value();
  address.port = BoundPort(fd.value());
  admin_text_ = address.ToString();
  return {};
}

Status Ports::BindAdminFile(const Address& address, bool takeover) {
  const auto taking = takeover ? SocketFile::Taking::kOver : SocketFile::Taking::kFree;
  auto file = SocketFile::Listen(address.path, taking);
  if (!file.ok()) {
    return Error{"admin.listen: cannot listen on " + address.ToString() + ": " + file.error() +
                 "; choose another with --admin or [admin] listen" +
                 (takeover ? "" : ", or give --takeover to take over from a running sluice")};
  }
  admin_file_ = std::move(file.value());
  admin_.fd = admin_file_->TakeSocket();
  admin_text_ = address.ToString();
  return {};
}

Status Ports::BindData(const HttpConfig& http, uint32_t worker_count) {
  Address address = Address::Parse(http.listen).value();
  for (uint32_t i = 0; i < worker_count; ++i) {
    // The first sees whether anybody has the port; the others join it.
    const auto fd = BindShared("http.listen", "--listen", address, http.takeover || i > 0);
    if (!fd.ok()) return Error{fd.error()};
    data_[i].push_back({.fd = fd.value(), .waiting = WaitingPeers::kAccepted});
    address.port = BoundPort(fd.value());
  }
  data_text_ = address.ToString();
  return {};
}

std::vector<Ports::Socket> Ports::TakeData(uint32_t i) { return std::exchange(data_[i], {}); }

Ports::Socket Ports::TakeAdmin() { return std::exchange(admin_, {}); }

}  // namespace sluice
