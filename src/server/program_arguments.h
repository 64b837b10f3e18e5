// ProgramArguments: what a program's environment and flags say of the settings. Both programs have
// it, each with flags of its own: the variables, the help's list of settings, the precedence and
// the errors are the same. No text that it prints or returns holds a password, and no exception
// leaves it. For start-up; one thread.
#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/config.h"
#include "sluice/base/result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace sluice {

// A flag that is a short name of a setting.
struct SettingFlag {
  const char* name;
  const char* value_name;  // null: it takes none, and sets true
  std::string_view section;
  std::string_view key;
};

class ProgramArguments {
 public:
  // With --config, `flags`, --check, --version and --help. `flags` outlive it.
  ProgramArguments(const char* program, const char* description,
                   std::span<const SettingFlag> flags);
  ~ProgramArguments();
  ProgramArguments(const ProgramArguments&) = delete;
  ProgramArguments& operator=(const ProgramArguments&) = delete;

  // For what a program takes beside settings: added before Parse.
  CLI::App& app() { return *app_; }

  // An exit code if there is no more to do: 0 after help or version, 2 after an error.
  std::optional<int> Parse(int argc, const char* const* argv, std::ostream& out, std::ostream& err);
  // After Parse: print the effective configuration and leave.
  bool check() const { return check_; }
  // After Parse: flags beat environment beats file beats default. The file is --config's or
  // SLUICE_CONFIG's. Every other variable SLUICE_* must be a setting's, so that a misspelt one is
  // not silently without effect.
  Result<Config> Load(const char* const* environment) const;
  // Says what is wrong; the exit code.
  int Refuse(std::string_view what, std::ostream& err) const;

 private:
  struct FlagGiven {
    const SettingFlag& flag;
    const CLI::Option* option;
    std::string& text;
  };

  void AddFlags(std::span<const SettingFlag> flags);

  const std::string program_;
  const std::unique_ptr<CLI::App> app_;
  std::string file_;
  const CLI::Option* file_option_ = nullptr;
  std::vector<std::string> texts_;  // of the flags; does not grow, since the options point there
  std::vector<FlagGiven> flags_;
  bool check_ = false;
};

}  // namespace sluice
