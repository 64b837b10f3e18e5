#include "server/program_arguments.h"

#include <CLI/CLI.hpp>
#include <cstddef>
#include <exception>

#include "server/config_file.h"
#include "server/exit_code.h"
#include "server/settings.h"
#include "server/text.h"

namespace sluice {
namespace {

constexpr std::string_view kPrefix = "SLUICE_";
constexpr std::string_view kFileVariable = "SLUICE_CONFIG";

// What environment and flags say, in rising precedence.
struct Given {
  std::optional<std::string> file;
  std::vector<Override> overrides;
};

const Setting* FindVariable(std::string_view name) {
  for (const Setting& setting : Settings()) {
    if (EnvironmentName(setting) == name) return &setting;
  }
  return nullptr;
}

Error UnknownVariable(std::string_view name) {
  std::vector<std::string> names = {std::string(kFileVariable)};
  for (const Setting& setting : Settings()) names.push_back(EnvironmentName(setting));
  const std::vector<std::string_view> known(names.begin(), names.end());
  return Error{"unknown variable " + Shown(name) + Suggestion(name, known)};
}

Status ReadEnvironment(const char* const* environment, Given& given) {
  for (; *environment != nullptr; ++environment) {
    const std::string_view variable = *environment;
    const size_t equals = variable.find('=');
    if (!variable.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    const std::string_view name = variable.substr(0, equals);
    const std::string text(variable.substr(equals + 1));
    if (name == kFileVariable) {
      given.file = text;
    } else if (const Setting* setting = FindVariable(name)) {
      given.overrides.push_back({setting, text, std::string(name)});
    } else {
      return UnknownVariable(name);
    }
  }
  return {};
}

std::string SettingsHelp() {
  const Config defaults;
  std::string text =
      "Settings, with variable and default; a [section] holds the key in the file:\n";
  for (const Setting& setting : Settings()) {
    text += "  " + SettingName(setting) + "  " + EnvironmentName(setting) + "  " +
            PrintSetting(setting, defaults) + "\n      " + std::string(setting.help) + "\n";
  }
  return text;
}

}  // namespace

ProgramArguments::ProgramArguments(const char* program, const char* description,
                                   std::span<const SettingFlag> flags)
    : program_(program),
      app_(std::make_unique<CLI::App>(description, program)),
      texts_(flags.size()) {
  app_->set_help_flag("--help", "print this and leave");
  app_->set_version_flag("--version", program_ + " " SLUICE_VERSION, "print the version and leave");
  file_option_ =
      app_->add_option("--config", file_, "the TOML file, also SLUICE_CONFIG")->type_name("FILE");
  AddFlags(flags);
  app_->add_flag("--check", check_, "print the effective configuration and leave");
  app_->footer("Flags beat environment beats file beats default.\n\n" + SettingsHelp());
}

ProgramArguments::~ProgramArguments() = default;

void ProgramArguments::AddFlags(std::span<const SettingFlag> flags) {
  for (size_t i = 0; i < flags.size(); ++i) {
    const SettingFlag& flag = flags[i];
    const Setting& setting = *FindSetting(flag.section, flag.key);
    const std::string help = SettingName(setting) + ": " + std::string(setting.help);
    const CLI::Option* option =
        flag.value_name != nullptr
            ? app_->add_option(flag.name, texts_[i], help)->type_name(flag.value_name)
            : app_->add_flag(flag.name + std::string("{true}"), texts_[i], help);
    flags_.push_back({flag, option, texts_[i]});
  }
}

std::optional<int> ProgramArguments::Parse(int argc, const char* const* argv, std::ostream& out,
                                           std::ostream& err) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    out << app_->help();
    return 0;
  } catch (const CLI::CallForVersion& version) {
    out << version.what() << "\n";
    return 0;
  } catch (const CLI::ExtrasError&) {
    const std::string first = app_->remaining(true).front();
    return Refuse("unexpected argument " + Quoted(HidePassword(first)), err);
  } catch (const std::exception& error) {
    return Refuse(HidePassword(error.what()), err);
  }
  return std::nullopt;
}

Result<Config> ProgramArguments::Load(const char* const* environment) const {
  Given given;
  if (Status status = ReadEnvironment(environment, given); !status) return Error{status.error()};
  if (file_option_->count() > 0) given.file = file_;
  for (const FlagGiven& one : flags_) {
    if (one.option->count() == 0) continue;
    given.overrides.push_back(
        {FindSetting(one.flag.section, one.flag.key), one.text, one.flag.name});
  }
  return LoadConfig(given.file, given.overrides);
}

int ProgramArguments::Refuse(std::string_view what, std::ostream& err) const {
  err << program_ << ": " << what << "\n";
  return kExitUsage;
}

}  // namespace sluice
