// `sluice ready`: asks the gate that runs with these settings, on its admin port, whether it is
// ready. For health checks where there is no other program to ask with. Blocking, and bounded in
// time.
#pragma once

#include <ostream>
#include <string>

namespace sluice {

// `listen` as admin.listen holds it (Linux takes all addresses for this host). The exit code: 0 if
// /readyz is 200, else 1, with the reason on `err`.
int RunReadyCommand(const std::string& listen, std::ostream& err);

}  // namespace sluice
