#include "support/tcp_table.h"

#include <cstdio>
#include <fstream>
#include <functional>
#include <string>

namespace sluice {
namespace {

constexpr unsigned kEstablished = 1;  // TCP_ESTABLISHED in the kernel's tcp_states.h

struct Row {
  unsigned local_port = 0;
  unsigned remote_port = 0;
  unsigned state = 0;
  unsigned unread_bytes = 0;
};

void ForEachRow(const std::function<void(const Row&)>& f) {
  std::ifstream table("/proc/net/tcp");
  std::string line;
  while (std::getline(table, line)) {
    Row row;
    if (std::sscanf(line.c_str(), " %*u: %*8x:%4x %*8x:%4x %2x %*8x:%8x", &row.local_port,
                    &row.remote_port, &row.state, &row.unread_bytes) == 4) {
      f(row);
    }
  }
}

}  // namespace

uint64_t UnreadBytes(uint16_t local_port, uint16_t remote_port) {
  uint64_t sum = 0;
  ForEachRow([&](const Row& row) {
    if (row.local_port == local_port && row.state == kEstablished &&
        (remote_port == 0 || row.remote_port == remote_port)) {
      sum += row.unread_bytes;
    }
  });
  return sum;
}

uint64_t ConnectionCount(uint16_t local_port) {
  uint64_t count = 0;
  ForEachRow([&](const Row& row) {
    count += row.local_port == local_port && row.state == kEstablished ? 1 : 0;
  });
  return count;
}

}  // namespace sluice
