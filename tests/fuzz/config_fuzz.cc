// A configuration file of any bytes, and settings over it, are a configuration or one line that
// says what is wrong. What is one prints as a file that is the same.
//
//   the file; a line "#!section.key=text" of it is a setting from outside, too

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "server/config_file.h"
#include "server/config_printer.h"
#include "server/settings.h"
#include "sluice/base/check.h"
#include "sluice/base/utf8.h"

namespace sluice {
namespace {

// Under one name, which is in every error.
class MemoryFile {
 public:
  std::string Write(std::string_view text) const {
    SLUICE_CHECK(::ftruncate(fd_, 0) == 0);
    SLUICE_CHECK(::pwrite(fd_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    return "/proc/self/fd/" + std::to_string(fd_);
  }

 private:
  const int fd_ = ::memfd_create("config", MFD_CLOEXEC);
};

Result<Config> Load(std::string_view text, std::span<const Override> overrides) {
  static const MemoryFile file;
  return LoadConfig(file.Write(text), overrides);
}

// Of text that a shell would pass on.
std::vector<Override> OverridesOf(std::string_view text) {
  std::vector<Override> overrides;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t point = line.find('.');
    const size_t equals = line.find('=');
    if (!line.starts_with("#!") || point > equals || equals == std::string_view::npos) continue;
    const std::string_view value = line.substr(equals + 1);
    const Setting* const setting =
        FindSetting(line.substr(2, point - 2), line.substr(point + 1, equals - point - 1));
    if (setting == nullptr || FindInvalidUtf8(value) != std::string_view::npos) continue;
    overrides.push_back({setting, std::string(value), EnvironmentName(*setting)});
  }
  return overrides;
}

std::string Printed(const Config& config) {
  std::ostringstream out;
  PrintConfig(config, out);
  return out.str();
}

bool IsLine(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  return !text.empty() && std::none_of(text.begin(), text.end(), is_control);
}

void Fuzz(std::string_view text) {
  const std::vector<Override> overrides = OverridesOf(text);
  const Result<Config> config = Load(text, overrides);
  if (!config) {
    EXPECT_TRUE(IsLine(config.error())) << testing::PrintToString(config.error());
    return;
  }
  const std::string printed = Printed(config.value());
  const Result<Config> again = Load(printed, {});
  ASSERT_TRUE(again.ok()) << again.error() << "\n" << printed;
  EXPECT_EQ(Printed(again.value()), printed);
}

const FuzzTarget kTarget("config", Fuzz);

}  // namespace
}  // namespace sluice
