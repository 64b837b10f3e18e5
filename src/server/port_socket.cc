#include "server/port_socket.h"

#include <unistd.h>

namespace sluice {
namespace {

Result<int> BindSetting(const PortNames& names, const Address& address, PortSharing sharing,
                        const std::string& hint) {
  Result<int> fd = BindListeningSocket(address, sharing);
  if (fd.ok()) return fd;
  return CannotListen(names, address, fd.error(), hint);
}

}  // namespace

Result<int> BindPort(const PortNames& names, const Address& address, PortTaking taking) {
  const std::string hint = TakeoverHint(taking);
  if (taking == PortTaking::kAlone) {
    return BindSetting(names, address, PortSharing::kExclusive, hint);
  }
  if (taking == PortTaking::kFree && address.port != 0) {
    auto alone = BindSetting(names, address, PortSharing::kExclusive, hint);
    if (!alone.ok()) return alone;
    ::close(alone.value());
  }
  return BindSetting(names, address, PortSharing::kShared,
                     " (a takeover is from a running sluice of the same user only)");
}

Error CannotListen(const PortNames& names, const Address& address, const std::string& reason,
                   const std::string& hint) {
  return Error{names.setting + ": cannot listen on " + address.ToString() + ": " + reason +
               "; choose another with " + names.flag + " or [" +
               names.setting.substr(0, names.setting.find('.')) + "] listen" + hint};
}

std::string TakeoverHint(PortTaking taking) {
  return taking == PortTaking::kFree ? ", or give --takeover to take over from a running sluice"
                                     : "";
}

}  // namespace sluice
