#include "server/server.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "server/token_file.h"
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

std::string LedgerPrefix(uint64_t start_ms) {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  return "sluice:ledger:" + std::string(host) + ":" + std::to_string(::getpid()) + ":" +
         std::to_string(start_ms) + ":";
}

std::vector<std::string> FieldNames(const Schema& schema) {
  std::vector<std::string> names;
  for (const Field& field : schema.fields()) names.push_back(field.name);
  return names;
}

std::vector<std::string> AlertRuleNames(const std::vector<AlertRule>& rules) {
  std::vector<std::string> names;
  for (const AlertRule& rule : rules) names.push_back(rule.name);
  return names;
}

std::vector<size_t> FieldPlaces(const Schema& schema, const std::vector<std::string>& names) {
  std::vector<size_t> places;
  for (const std::string& name : names) places.push_back(schema.Find(name));
  return places;
}

std::vector<JsonForm> JsonForms(const Schema& schema) {
  std::vector<JsonForm> forms;
  for (const Field& field : schema.fields()) {
    const bool quoted = field.type == FieldType::kString || field.type == FieldType::kTimestamp;
    forms.push_back(quoted ? JsonForm::kQuoted : JsonForm::kBare);
  }
  return forms;
}

SessionLimits AdminLimits(const HttpConfig& http) {
  return {.parser = {.head_bytes_max = http.header_bytes_max,
                     .header_count_max = http.header_count_max},
          .body_bytes_max = 0,
          .connections_max = kAdminConnectionsMax,
          .pipeline_max = std::min(http.pipeline_max, kAdminPipelineMax),
          .idle_ms = http.idle_ms,
          .header_ms = http.header_ms,
          .body_ms = http.body_ms};
}

// One descriptor a connection, and some for the rest: devices must not take those that Redis and
// the admin port need. Returns how many connections there may be.
uint32_t ConnectionsWithinFileLimit(uint32_t connections_max) {
  constexpr rlim_t kOtherFiles = 128;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections_max;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max >= connections_max + kOtherFiles) return connections_max;
  const rlim_t allowed = limit.rlim_max > 2 * kOtherFiles ? limit.rlim_max - kOtherFiles
                                                          : std::max<rlim_t>(limit.rlim_max / 2, 1);
  Log(LogLevel::kWarning,
      "fewer open files are allowed than http.connections_max needs, so fewer connections are "
      "taken; "
      "raise LimitNOFILE or ulimit -n, or lower the setting",
      {{"open_files_max", limit.rlim_max}, {"connections_max", allowed}});
  return static_cast<uint32_t>(allowed);
}

}  // namespace

Result<WorkerPlan> Server::Plan(const Config& config) {
  std::optional<RedisUrl> redis_url;
  if (!config.redis.url.empty()) {
    auto url = RedisUrl::Parse(config.redis.url);
    if (!url.ok()) return Error{"redis.url: " + url.error()};
    redis_url = std::move(url.value());
  } else if (config.journal.dir.empty()) {
    return Error{"redis.url is empty and journal.dir too, so nothing could be stored; give one"};
  }
  if (Status tls = CheckTlsFiles(config, redis_url); !tls.ok()) return Error{tls.error()};
  const uint64_t start_ms = SystemClock().WallMs();
  WorkerPlan plan{.config = config,
                  .redis_url = std::move(redis_url),
                  .routes = {},
                  .streams = {},
                  .alert_stream = {.stream = config.urgent.stream, .maxlen = config.urgent.maxlen},
                  .has_urgent_lane = false,
                  .worker_count = config.http.workers,
                  .ledger_prefix = LedgerPrefix(start_ms),
                  .seed = start_ms * static_cast<uint64_t>(::getpid())};
  if (plan.worker_count == 0) plan.worker_count = std::max(1u, std::thread::hardware_concurrency());
  for (const RouteConfig& route : config.routes) {
    plan.routes.push_back({.path = route.path,
                           .aliases = route.aliases,
                           .stream = static_cast<uint32_t>(plan.streams.size()),
                           .answers_at_once = route.ack == Ack::kMemory,
                           .alerts = route.alerts,
                           .schema = route.schema});
    plan.streams.push_back({.stream = route.stream,
                            .fields = FieldNames(route.schema),
                            .maxlen = route.maxlen,
                            .identity = FieldPlaces(route.schema, route.identity),
                            .packed = route.entry == EntryForm::kPacked ? JsonForms(route.schema)
                                                                        : std::vector<JsonForm>(),
                            .route = route.path,
                            .alert_rules = AlertRuleNames(route.alerts)});
  }
  plan.has_urgent_lane = std::any_of(plan.routes.begin(), plan.routes.end(),
                                     [](const Route& route) { return !route.alerts.empty(); });
  auto tokens = LoadTokens(config, plan.routes, nullptr);
  if (!tokens) return Error{tokens.error()};
  plan.tokens = std::move(tokens.value());
  return plan;
}

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
  const AddressLimits address_limits{.connections_max = plan_.config.http.address_connections_max};
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
    input.routes.push_back({.name = route.path, .alert_rules = AlertRuleNames(route.alerts)});
  }
  if (tls_port_) input.tls_expires_at = &tls_port_->expires_at();
  exposition_ = std::make_unique<Exposition>(std::move(input));
  workers_listening_ = workers_.size();
  workers_running_ = workers_.size();
  for (const auto& worker : workers_) worker->Start();
}

int Server::Run() {
  uint32_t& connections_max = plan_.config.http.connections_max;
  connections_max = ConnectionsWithinFileLimit(connections_max);
  WarnOfOpenDoors(plan_.config, ports_.data_text());
  Signals signals(loop_, *this);
  StartWorkers();
  admin_handler_ = std::make_unique<AdminHandler>(*exposition_, *this);
  admin_sessions_ = std::make_unique<SessionTable>(AdminLimits(plan_.config.http), loop_.clock(),
                                                   *admin_handler_);
  const Ports::Socket admin = ports_.TakeAdmin();
  admin_listener_ = std::make_unique<Listener>(loop_, admin.fd, *this, admin.waiting);
  out_ << "sluice " << SLUICE_VERSION << ": listening on " << ports_.data_text() << ", admin on "
       << ports_.admin_text() << ", " << plan_.worker_count
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
                       [](const LaneStats& lane) { return lane.store_up.value() == 1; });
  });
}

void Server::OnAccept(std::unique_ptr<UvStream> stream) {
  UvStream& accepted = *stream;
  std::optional<ShedReason> shed;
  Session& session = admin_sessions_->Adopt(std::move(stream), shed);
  accepted.set_handler(session);
  if (!shed) accepted.StartRead();
}

void Server::OnStopSignal() {
  if (!draining_) {
    BeginDrain();
  } else {
    drain_deadline_ns_ = loop_.clock().now_ns();  // asked twice: now
  }
}

void Server::OnReloadSignal() {
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
  draining_ = true;
  drain_deadline_ns_ = loop_.clock().now_ns() + plan_.config.delivery.drain_ms * kNsPerMs;
  NotifyStopping();
  Log(LogLevel::kInfo, "draining", {{"drain_ms", plan_.config.delivery.drain_ms}});
  for (const auto& worker : workers_) worker->StopListening();
}

void Server::OnListenersClosed() {
  if (--workers_listening_ > 0) return;
  for (const auto& worker : workers_) worker->Drain();
}

void Server::OnWorkerEnded() {
  if (--workers_running_ > 0) return;
  if (!admin_listener_->Close()) admin_listener_->CloseNow();
  admin_sessions_->CloseAll();
}

void Server::OnTurnEnd() {
  admin_sessions_->Flush();
  if (admin_listener_->closed() && admin_sessions_->size() == 0) loop_.Stop();
}

void Server::OnSweep() {
  admin_sessions_->Sweep();
  if (!draining_ || abandoned_ || loop_.clock().now_ns() < drain_deadline_ns_) return;
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
