// `sluice token new`: adds a line to a tokens file (token_file.h) and prints the secret that it
// made, once, alone. Several at once wait for one another; a gate that reads the file meanwhile
// sees it as it was before or after. Needs no configuration: whether a route is there is the gate's
// to say.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace sluice {

struct TokenCommand {
  std::string file;
  std::string id;
  std::string common_name;  // empty: a secret is made
  std::vector<std::string> routes;
  std::vector<std::string> keys;
  std::vector<std::string> key_prefixes;
  std::optional<int64_t> records_per_second;
  std::optional<int64_t> bytes_per_second;
};

// The exit code: 0; 2 where nothing was added, which `err` explains in one line. A secret that
// could not be printed is not added; one that was printed, and then not added, opens nothing.
int RunTokenCommand(const TokenCommand& command, std::ostream& out, std::ostream& err);

}  // namespace sluice
