#include "server/admin_socket.h"

#include <unistd.h>

#include <utility>

namespace sluice {

AdminSocket::~AdminSocket() {
  if (open()) ::close(socket_.fd);
}

Status AdminSocket::Bind(const PortNames& names, const std::string& listen, PortTaking taking) {
  Address address = Address::Parse(listen).value();
  if (address.is_unix()) return BindFile(names, address, taking);
  const auto fd = BindPort(names, address, taking);
  if (!fd.ok()) return Error{fd.error()};
  socket_.fd = fd.value();
  address.port = BoundPort(fd.value());
  text_ = address.ToString();
  return {};
}

Status AdminSocket::BindFile(const PortNames& names, const Address& address, PortTaking taking) {
  auto file =
      SocketFile::Listen(address.path, taking == PortTaking::kOver ? SocketFile::Taking::kOver
                                                                   : SocketFile::Taking::kFree);
  if (!file.ok()) return CannotListen(names, address, file.error(), TakeoverHint(taking));
  file_ = std::move(file.value());
  socket_.fd = file_->TakeSocket();
  text_ = address.ToString();
  return {};
}

void AdminSocket::Inherit(int fd, std::string text) {
  socket_ = {.fd = fd, .waiting = WaitingPeers::kLeft};
  text_ = std::move(text);
}

PortSocket AdminSocket::Take() { return std::exchange(socket_, {}); }

}  // namespace sluice
