// When the certificates of a file end: of a chain, or of a list of authorities. Any thread; no
// state.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

// In seconds since the Unix epoch, in the file's order; none if it cannot be read or is no PEM.
std::vector<int64_t> CertificateEnds(const std::string& file);

}  // namespace sluice
