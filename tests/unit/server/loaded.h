// For the tests of the configuration: a file's text as LoadConfig takes it. In errors the file is
// called "sluice.toml", wherever it was.
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <sstream>
#include <string>
#include <string_view>

#include "server/config_file.h"
#include "server/config_printer.h"
#include "support/temp_dir.h"

namespace sluice {

inline std::string LoadError(std::string_view toml, std::span<const Override> overrides = {}) {
  const TempDir dir;
  const Result<Config> config = LoadConfig(dir.Write("sluice.toml", toml), overrides);
  if (config) return "no error";
  std::string error = config.error();
  const std::string folder = dir.path() + "/";
  for (size_t at = error.find(folder); at != error.npos; at = error.find(folder)) {
    error.erase(at, folder.size());
  }
  return error;
}

inline Config Loaded(std::string_view toml, std::span<const Override> overrides = {}) {
  const TempDir dir;
  Result<Config> config = LoadConfig(dir.Write("sluice.toml", toml), overrides);
  if (config) return config.value();
  ADD_FAILURE() << config.error();
  return {};
}

inline std::string Printed(const Config& config) {
  std::ostringstream out;
  PrintConfig(config, out);
  return out.str();
}

}  // namespace sluice
