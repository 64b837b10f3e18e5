#include "support/redis_server.h"

#include <csignal>
#include <filesystem>
#include <stdexcept>

#include "support/wait.h"

namespace sluice {
namespace {

// +PONG, or a refusal that proves it is up as well (NOAUTH).
bool Answers(const std::string& socket_path) {
  try {
    const RedisReply reply = RedisClient(socket_path).Command({"PING"});
    return reply.text == "PONG" || reply.text.starts_with("NOAUTH");
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

void RedisServer::Start(const std::vector<std::string>& args) {
  std::vector<std::string> after = {"--save", "", "--appendonly", "no"};
  after.insert(after.end(), args.begin(), args.end());
  StartProgram({}, after);
}

void RedisServer::StartWithFile(const std::string& file) { StartProgram({file}, {}); }

void RedisServer::StartProgram(const std::vector<std::string>& before,
                               const std::vector<std::string>& after) {
  Process::Command command;
  command.args = {"redis-server"};
  command.args.insert(command.args.end(), before.begin(), before.end());
  command.args.insert(command.args.end(),
                      {"--port", std::to_string(port()), "--bind", "127.0.0.1", "--unixsocket",
                       socket_path(), "--dir", dir_.path(), "--daemonize", "no"});
  command.args.insert(command.args.end(), after.begin(), after.end());
  process_ = std::make_unique<Process>(command);
  const auto up = WaitFor([this] { return !process_->Running() || Answers(socket_path()); },
                          "redis-server to answer");
  if (!up || !process_->Running()) {
    throw std::runtime_error("redis-server does not start:\n" + process_->out() + process_->err());
  }
}

void RedisServer::StartReplicaOf(const RedisServer& primary) {
  Start({"--replicaof", "127.0.0.1 " + std::to_string(primary.port()), "--repl-diskless-sync-delay",
         "0"});
  const auto in_step = WaitFor(
      [this] {
        const RedisReply replication = client().Do({"INFO", "replication"});
        return replication.text.find("master_link_status:up") != std::string::npos;
      },
      "the replica to be in step");
  if (!in_step) throw std::runtime_error(in_step.message());
}

void RedisServer::Kill() {
  client_.reset();
  process_->Signal(SIGKILL);
  process_->WaitExit();
  MendAppendOnlyFile();
}

void RedisServer::MendAppendOnlyFile() {
  const std::string manifest = dir_.File("appendonlydir/appendonly.aof.manifest");
  if (!std::filesystem::exists(manifest)) return;
  Process check(
      {.args = {"redis-check-aof", "--fix", manifest}, .environment = {}, .input = "y\n"});
  if (check.WaitExit() != 0) throw std::runtime_error("redis-check-aof:\n" + check.out());
}

void RedisServer::Pause() { process_->Stop(); }
void RedisServer::Continue() { process_->Signal(SIGCONT); }

RedisClient& RedisServer::client(const std::string& password) {
  if (!client_) {
    client_.emplace(socket_path());
    if (!password.empty()) client_->Do({"AUTH", password});
  }
  return *client_;
}

}  // namespace sluice
