#include "server/server.h"

#include <sys/resource.h>

#include <algorithm>
#include <random>
#include <utility>

#include "server/exit_code.h"
#include "server/file_limit.h"
#include "server/token_reload.h"
#include "sluice/base/limits.h"
#include "sluice/base/log.h"
#include "sluice/net/background.h"
#include "sluice/net/service_notice.h"

namespace sluice {
namespace {

uint64_t Unguessable() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

AddressLimits AddressLimitsOf(const HttpConfig& http) {
  AddressLimits limits{.connections_max = http.address_connections_max};
  const uint64_t records = http.address_records_per_second;
  if (records > 0) limits.records = RateLimit(records, records);
  const uint64_t bytes = http.address_bytes_per_second;
  if (bytes > 0) limits.bytes = RateLimit(bytes, std::max<uint64_t>(bytes, http.body_bytes_max));
  return limits;
}

// Returns how many connections there may be.
uint32_t ConnectionsWithinFileLimit(uint32_t connections_max, uint32_t worker_count) {
  const rlim_t other_files = FilesBesideConnections(worker_count);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections_max;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max >= connections_max + other_files) return connections_max;
  const rlim_t allowed = limit.rlim_max > 2 * other_files ? limit.rlim_max - other_files
                                                          : std::max<rlim_t>(limit.rlim_max / 2, 1);
  Log(LogLevel::kWarning,
      "fewer open files are allowed than http.connections_max needs, so fewer connections are "
      "taken; "
      "raise LimitNOFILE or ulimit -n, or lower the setting",
      {{"open_files_max", limit.rlim_max}, {"connections_max", allowed}});
  return static_cast<uint32_t>(allowed);
}

}  // namespace

Server::Server(WorkerPlan plan, std::ostream& out)
    : plan_(std::move(plan)), out_(out), loop_(clock_) {}

Server::~Server() = default;

Status Server::Bind() {
  // The journal first: reading what a crash left may take a while, and clients should not wait in
  // the queue of a port meanwhile.
  if (Status opened = OpenJournal(); !opened.ok()) return opened;
  if (Status loaded = LoadTls(); !loaded.ok()) return loaded;
  return ports_.Open(plan_.config, plan_.worker_count);
}

Status Server::OpenJournal() {
  const JournalConfig& journal = plan_.config.journal;
  if (journal.dir.empty()) return {};
  auto directory = JournalDirectory::Open({.dir = journal.dir,
                                           .bytes_max = journal.bytes_max,
                                           .worker_count = plan_.worker_count,
                                           .start_ms = clock_.WallMs(),
                                           .urgent_lanes = plan_.has_urgent_lane});
  if (!directory.ok()) return Error{directory.error()};
  journal_directory_ = std::move(directory.value());
  Background::SizePool(journal_directory_->journal_count());
  return {};
}

Status Server::LoadTls() {
  if (plan_.config.tls.certificate.empty()) return {};
  tls_port_ = std::make_unique<TlsPort>(plan_.config.tls, clock_);
  auto contexts = tls_port_->Load(plan_.worker_count);
  if (!contexts.ok()) return Error{contexts.error()};
  tls_contexts_ = std::move(contexts.value());
  return {};
}

void Server::StartWorkers() {
  ExpositionInput input{.workers = {}, .routes = {}, .version = SLUICE_VERSION};
  const AddressLimits address_limits = AddressLimitsOf(plan_.config.http);
  if (address_limits.any()) {
    addresses_ = std::make_unique<AddressTable>(address_limits, Unguessable());
  }
  const WorkerShared shared{.journal_directory = journal_directory_.get(),
                            .addresses = addresses_.get()};
  for (uint32_t i = 0; i < plan_.worker_count; ++i) {
    workers_.push_back(std::make_unique<Worker>(
        plan_, i, ports_.TakeData(i), clock_, shared,
        [this] { loop_.Post([this] { OnListenersClosed(); }); },
        [this] { loop_.Post([this] { OnWorkerEnded(); }); }));
    if (tls_port_) workers_.back()->UseTls(std::move(tls_contexts_[i]));
    input.workers.push_back(&workers_.back()->stats());
  }
  for (const Route& route : plan_.routes) {
    input.routes.push_back({.name = route.path, .alert_rules = NamesOf(route.alerts)});
  }
  if (tls_port_) input.tls_expires_at = &tls_port_->expires_at();
  exposition_ = std::make_unique<Exposition>(std::move(input));
  workers_listening_ = workers_.size();
  workers_running_ = workers_.size();
  for (const auto& worker : workers_) worker->Start();
}

int Server::Run() {
  uint32_t& connections_max = plan_.config.http.connections_max;
  connections_max = ConnectionsWithinFileLimit(connections_max, plan_.worker_count);
  WarnOfOpenDoors(plan_.config, ports_.data_text());
  Signals signals(loop_, *this);
  StartWorkers();
  admin_ = std::make_unique<AdminPort>(plan_.config.http, loop_, ports_.admin().Take(),
                                       *exposition_, *this);
  out_ << "sluice " << SLUICE_VERSION << ": listening on " << ports_.data_text() << ", admin on "
       << ports_.admin().text() << ", " << plan_.worker_count
       << (plan_.worker_count == 1 ? " worker" : " workers") << std::endl;
  NotifyReady();
  loop_.Run(*this);
  for (const auto& worker : workers_) worker->Join();
  signals.Close();
  return SayLedger();
}

bool Server::ready() const {
  return !draining_ && std::all_of(workers_.begin(), workers_.end(), [](const auto& worker) {
    const auto& lanes = worker->stats().lanes;
    return std::all_of(lanes.begin(), lanes.end(),
                       [](const LaneStats& lane) { return lane.any_store_up(); });
  });
}

void Server::OnStopSignal() {
  if (!draining_) {
    BeginDrain();
  } else {
    drain_deadline_ns_ = loop_.clock().now_ns();  // asked twice: now
  }
}

void Server::OnReloadSignal() {
  if (draining_) return;
  NotifyReloading();
  Log(LogLevel::kInfo, "reloading", {});
  if (tls_port_) ReloadTls();
  if (plan_.tokens) ReloadTokens();
  NotifyReady();
}

void Server::ReloadTokens() {
  auto tokens = sluice::ReloadTokens(plan_.config, plan_.routes, *plan_.tokens);
  if (tokens == nullptr) return;
  plan_.tokens = std::move(tokens);
  for (const auto& worker : workers_) worker->SetTokens(plan_.tokens);
}

void Server::ReloadTls() {
  auto contexts = tls_port_->Load(plan_.worker_count);
  if (!contexts.ok()) {
    Log(LogLevel::kError, "tls.certificate was not reloaded; the one before stays in use",
        {{"error", contexts.error()}});
    return;
  }
  for (size_t i = 0; i < workers_.size(); ++i) workers_[i]->UseTls(std::move(contexts.value()[i]));
}

void Server::BeginDrain() {
  const uint64_t drain_ms = plan_.config.delivery.drain_ms;
  const uint64_t grace_ms = plan_.config.http.drain_grace_ms;
  draining_ = true;
  grace_ends_ns_ = loop_.clock().now_ns() + grace_ms * kNsPerMs;
  drain_deadline_ns_ = grace_ends_ns_ + drain_ms * kNsPerMs;
  NotifyStopping();
  Log(LogLevel::kInfo, "draining", {{"drain_ms", drain_ms}, {"drain_grace_ms", grace_ms}});
  if (grace_ms == 0) StopListening();
}

void Server::StopListening() {
  told_to_close_ = true;
  for (const auto& worker : workers_) worker->StopListening();
}

void Server::OnListenersClosed() {
  if (--workers_listening_ > 0) return;
  for (const auto& worker : workers_) worker->Drain();
}

void Server::OnWorkerEnded() {
  if (--workers_running_ > 0) return;
  admin_->Close();
}

void Server::OnTurnEnd() {
  admin_->Flush();
  if (admin_->closed()) loop_.Stop();
}

void Server::OnSweep() {
  admin_->Sweep();
  if (!draining_ || abandoned_) return;
  const uint64_t now_ns = loop_.clock().now_ns();
  if (!told_to_close_ && now_ns >= grace_ends_ns_) StopListening();
  if (now_ns < drain_deadline_ns_) return;
  abandoned_ = true;
  for (const auto& worker : workers_) worker->Abandon();
}

int Server::SayLedger() {
  uint64_t accepted = 0, stored = 0, refused = 0, unknown = 0, abandoned = 0, alerts = 0;
  for (const auto& worker : workers_) {
    for (const RouteStats& route : worker->stats().routes) {
      accepted += route.records_accepted.value();
      stored += route.records_stored.value();
      refused += route.records_refused.value();
      unknown += route.records_unknown.value();
    }
    abandoned += worker->abandoned_records();
    alerts += worker->abandoned_alerts();
  }
  out_ << "sluice: drained: accepted " << accepted << " = stored " << stored << " + refused "
       << refused << " + unknown " << unknown;
  if (abandoned > 0) out_ << "; " << abandoned << " unsettled at the deadline";
  if (alerts > 0) out_ << "; " << alerts << " alerts unsettled at the deadline";
  out_ << std::endl;
  return abandoned + alerts > 0 ? kExitUnsettled : kExitDrained;
}

}  // namespace sluice
