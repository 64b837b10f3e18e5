#include "support/archive.h"

#include <cstdio>
#include <stdexcept>

#include "support/http_client.h"
#include "support/sanitizer_options.h"
#include "support/wait.h"

namespace sluice {

Archive::Archive(const Options& options) {
  Process::Command command;
  command.args = {SLUICE_ARCHIVE_BINARY, "--redis", options.redis_url, "--database",
                  options.database_url,  "--admin", "127.0.0.1:0"};
  if (!options.config.empty()) {
    command.args.insert(command.args.end(),
                        {"--config", dir_.Write("sluice.toml", options.config)});
  }
  command.args.insert(command.args.end(), options.args.begin(), options.args.end());
  command.environment = SanitizerOptions(dir_);
  process_ = std::make_unique<Process>(command);
  const auto up = WaitFor([this] { return ReadAdminPort() || !process_->Running(); },
                          "the archive to say what it does");
  if (!up || admin_port_ == 0) {
    throw std::runtime_error("the archive does not start:\n" + out() + err());
  }
}

bool Archive::ReadAdminPort() {
  const std::string text = out();
  const size_t at = text.find(", admin on 127.0.0.1:");
  return at != text.npos && text.find('\n', at) != text.npos &&
         std::sscanf(text.c_str() + at, ", admin on 127.0.0.1:%5hu", &admin_port_) == 1;
}

int Archive::Stop() {
  Signal(SIGTERM);
  return WaitExit();
}

void Archive::Kill() {
  Signal(SIGKILL);
  (void)WaitExit();
}

MetricsText Archive::Metrics() const {
  return MetricsText(HttpClient(admin_port_).Get("/metrics").body);
}

int Archive::ReadyStatus() const { return HttpClient(admin_port_).Get("/readyz").status; }

std::optional<ArchiveSum> Archive::sum() const {
  const std::string text = out();
  const size_t at = text.find("sluice-archive: stopped: ");
  ArchiveSum sum;
  if (at == text.npos ||
      std::sscanf(text.c_str() + at,
                  "sluice-archive: stopped: archived %19lu rows in %19lu batches, %19lu dead "
                  "letters, %19lu entries left",
                  &sum.rows, &sum.batches, &sum.dead_letters, &sum.left) != 4) {
    return std::nullopt;
  }
  return sum;
}

Archive::Run Archive::RunOnce(const std::vector<std::string>& args) {
  Process::Command command;
  command.args = {SLUICE_ARCHIVE_BINARY};
  command.args.insert(command.args.end(), args.begin(), args.end());
  Process process(command);
  const int exit_code = process.WaitExit();
  return {exit_code, process.out(), process.err()};
}

}  // namespace sluice
