// A small Redis at the other end of a FakeWire: it reads the commands that were sent and answers
// them in order, when the test says so. It knows transactions; of streams it knows only whose
// commands the test wants refused. One read carries all the replies of one call.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/base/check.h"
#include "support/fake_stream.h"

namespace sluice {

using RedisCommand = std::vector<std::string>;

// Takes one command from the front of `bytes`; empty when there is no whole one. What is not an
// array of bulk strings stops the test.
inline RedisCommand TakeCommand(std::string_view& bytes) {
  std::string_view rest = bytes;
  const auto count = [&rest](char kind) {
    const size_t end = rest.find("\r\n");
    SLUICE_CHECK(end != std::string_view::npos && rest.front() == kind);
    SLUICE_CHECK(rest[1] != '0' || end == 2);  // no leading zeros
    size_t number = 0;
    const auto [stop, error] = std::from_chars(rest.data() + 1, rest.data() + end, number);
    SLUICE_CHECK(error == std::errc() && stop == rest.data() + end);
    rest.remove_prefix(end + 2);
    return number;
  };
  if (bytes.empty()) return {};
  RedisCommand command;
  for (size_t words = count('*'); words > 0; --words) {
    const size_t size = count('$');
    SLUICE_CHECK(rest.size() >= size + 2 && rest.substr(size, 2) == "\r\n");
    command.emplace_back(rest.substr(0, size));
    rest.remove_prefix(size + 2);
  }
  bytes = rest;
  return command;
}

// A ledger's value that counts these batches.
inline std::string LedgerOf(std::initializer_list<uint64_t> committed) {
  constexpr size_t kDigits = 20;
  std::string value;
  for (const uint64_t sequence : committed) {
    const size_t at = sequence % 16 * kDigits;
    const std::string digits = std::to_string(sequence);
    if (value.size() < at + kDigits) value.resize(at + kDigits, '\0');
    value.replace(at, kDigits, std::string(kDigits - digits.size(), '0') + digits);
  }
  return value;
}

class ScriptedRedis {
 public:
  static constexpr size_t kAll = SIZE_MAX;

  explicit ScriptedRedis(FakeWire& wire) : wire_(wire) {}

  // By key: what commands on it are answered, when they are queued or when EXEC runs them.
  std::map<std::string, std::string> refused_while_queueing;
  std::map<std::string, std::string> refused_in_exec;
  std::string exec_error;             // what EXEC answers instead of running anything
  std::vector<RedisCommand> applied;  // by EXECs, in order
  std::string run_id = "run";
  std::string role = "master";
  int client_id = 7;
  uint32_t repeated = 0;                      // what each EVAL answers
  int replicas = 0;                           // that confirm what WAIT asks for
  std::map<std::string, std::string> keys;    // that GET answers
  std::map<std::string, std::string> errors;  // by command, outside of transactions

  // The commands sent and not answered yet, each as its words joined by spaces; of SETRANGE the key
  // and the number only.
  std::vector<std::string> Unanswered() const {
    std::vector<std::string> lines;
    std::string_view rest = std::string_view(wire_.sent).substr(read_);
    for (RedisCommand command = TakeCommand(rest); !command.empty(); command = TakeCommand(rest)) {
      std::string line;
      if (command.front() == "SETRANGE") {
        const size_t digits = command[3].find_first_not_of('0');
        command = {command[0], command[1], command[3].substr(digits)};
      }
      for (const std::string& word : command) line += (line.empty() ? "" : " ") + word;
      lines.push_back(std::move(line));
    }
    return lines;
  }

  // Answers what was sent, but no further than `transactions` EXECs.
  void Answer(size_t transactions = kAll) { wire_.Say(TakeReplies(transactions)); }

  // The same replies, for the test to say as it likes.
  std::string TakeReplies(size_t transactions = kAll) {
    std::string replies;
    std::string_view rest = std::string_view(wire_.sent).substr(read_);
    while (transactions > 0) {
      const RedisCommand command = TakeCommand(rest);
      if (command.empty()) break;
      replies += Reply(command);
      if (command.front() == "EXEC") --transactions;
    }
    read_ = wire_.sent.size() - rest.size();
    return replies;
  }

 private:
  std::string Reply(const RedisCommand& command) {
    if (command.front() == "PING") return "+PONG\r\n";
    if (command.front() == "MULTI") {
      in_transaction_ = true;
      return "+OK\r\n";
    }
    if (command.front() == "EXEC") return Exec();
    if (!in_transaction_) return ReplyAtOnce(command);
    if (const auto refusal = refused_while_queueing.find(command[1]);
        refusal != refused_while_queueing.end()) {
      aborted_ = true;
      return "-" + refusal->second + "\r\n";
    }
    queued_.push_back(command);
    return "+QUEUED\r\n";
  }

  std::string ReplyAtOnce(const RedisCommand& command) {
    const std::string& name = command.front();
    if (errors.contains(name)) return "-" + errors.at(name) + "\r\n";
    if (name == "CLIENT") return ":" + std::to_string(command[1] == "ID" ? client_id : 1) + "\r\n";
    if (name == "INFO")
      return Bulk("# Server\r\nos:Linux\r\nrun_id:" + run_id + "\r\nhz:10\r\nrole:" + role +
                  "\r\n");
    if (name == "WAIT") return ":" + std::to_string(replicas) + "\r\n";
    if (name == "GET") return keys.contains(command[1]) ? Bulk(keys.at(command[1])) : "$-1\r\n";
    if (name == "SET") keys[command[1]] = command[2];
    return "+OK\r\n";
  }

  void SetRange(const RedisCommand& command) {
    std::string& value = keys[command[1]];
    const size_t at = std::stoull(command[2]);
    if (value.size() < at + command[3].size()) value.resize(at + command[3].size(), '\0');
    value.replace(at, command[3].size(), command[3]);
  }

  static std::string Bulk(const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  }

  std::string Exec() {
    in_transaction_ = false;
    const std::vector<RedisCommand> queued = std::exchange(queued_, {});
    if (std::exchange(aborted_, false)) {
      return "-EXECABORT Transaction discarded because of previous errors.\r\n";
    }
    if (!exec_error.empty()) return "-" + exec_error + "\r\n";
    std::string results = "*" + std::to_string(queued.size()) + "\r\n";
    for (const RedisCommand& command : queued) {
      const auto refusal = refused_in_exec.find(command[1]);
      if (refusal != refused_in_exec.end()) {
        results += "-" + refusal->second + "\r\n";
        continue;
      }
      applied.push_back(command);
      if (command.front() == "SETRANGE") SetRange(command);
      results += command.front() == "XADD"   ? "$3\r\n1-1\r\n"
                 : command.front() == "EVAL" ? ":" + std::to_string(repeated) + "\r\n"
                                             : "+OK\r\n";
    }
    return results;
  }

  FakeWire& wire_;
  size_t read_ = 0;
  bool in_transaction_ = false;
  bool aborted_ = false;
  std::vector<RedisCommand> queued_;
};

}  // namespace sluice
