// Requests whose bytes two readers may cut in two ways: what smuggles a second request past a proxy
// that reads them otherwise. Each says what must become of it, and the section of RFC 9112 (or
// 9110) that says so. Where a record is stored it is one of device "outer"; a record of device
// "hidden" stands in what is, or pretends to be, a body, and must never be stored.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

struct HostileRequest {
  enum class After : uint8_t { kGoesOn, kCloses };

  std::string name;
  std::string bytes;
  int status = 0;  // 200: its record is stored
  After after = After::kCloses;
  const char* section = "";
};

std::vector<HostileRequest> HostileLengths();
std::vector<HostileRequest> HostileCodings();
std::vector<HostileRequest> HostileLines();
std::vector<HostileRequest> HostileFields();
std::vector<HostileRequest> HostileTargets();
std::vector<HostileRequest> HostileChunks();
std::vector<HostileRequest> HiddenInBodies();
std::vector<HostileRequest> AllHostileRequests();

}  // namespace sluice
