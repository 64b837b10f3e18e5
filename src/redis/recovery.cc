#include "redis/recovery.h"

#include "sluice/redis/resp.h"

namespace sluice {
namespace {

constexpr uint64_t kLinkTtls = 12;
// As Redis itself says it of several keys of which some have not arrived.
constexpr char kNotYetThere[] = "TRYAGAIN the ledger may still be where its slot is leaving";

}  // namespace

void Recovery::Start(const LedgerOptions& ledger, std::string_view link_name, bool inherited,
                     bool arriving) {
  ledger_ = ledger;
  link_name_ = link_name;
  arriving_ = arriving;
  old_client_.clear();
  committed_ = {};
  confirmed_ = true;
  if (inherited) {
    Ask(State::kReadLink);
  } else {
    Ask(link_name.empty() ? State::kReadLedger : State::kWriteLink);
  }
}

Recovery::Step Recovery::Ask(State state) {
  state_ = state;
  question_.Clear();
  const std::string link_key = ledger_.key + ":link";
  const std::string ttl = std::to_string(ledger_.ttl_seconds);
  switch (state) {
    case State::kReadLink:
      AppendCommand({"GET", link_key}, question_);
      break;
    case State::kKill:
      AppendCommand({"CLIENT", "KILL", "ID", old_client_}, question_);
      break;
    case State::kWriteLink:
      // Not written again while the connection lives, which may be longer than any ledger.
      AppendCommand(
          {"SET", link_key, link_name_, "EX", std::to_string(kLinkTtls * ledger_.ttl_seconds)},
          question_);
      break;
    case State::kReadLedger:
      AppendCommand({"GET", ledger_.key}, question_);
      break;
    case State::kWrite:
      AppendCommand({"EXPIRE", ledger_.key, ttl}, question_);
      break;
    case State::kWait:
      AppendCommand(
          {"WAIT", std::to_string(ledger_.replicas), std::to_string(ledger_.replica_wait_ms)},
          question_);
      break;
  }
  return Step::kAsk;
}

Recovery::Step Recovery::Take(const Reply& reply) {
  if (reply.kind == Reply::Kind::kError) {
    complaint_ = reply.text;
    return Step::kRefused;
  }
  switch (state_) {
    case State::kReadLink:
      return TakeLink(reply);
    case State::kKill:
      return Ask(State::kWriteLink);
    case State::kWriteLink:
      return Ask(State::kReadLedger);
    case State::kReadLedger:
      return TakeLedger(reply);
    case State::kWrite:
      return Ask(State::kWait);
    case State::kWait:
      confirmed_ = reply.kind == Reply::Kind::kInteger &&
                   reply.integer >= static_cast<int64_t>(ledger_.replicas);
      return Step::kDone;
  }
  return Step::kRefused;
}

// The connection that was left behind matters only to the server that has it.
Recovery::Step Recovery::TakeLink(const Reply& reply) {
  const std::string_view old = reply.kind == Reply::Kind::kText ? reply.text : std::string_view();
  const size_t space = old.find(' ');
  const bool same_server = space != std::string_view::npos && space > 0 &&
                           link_name_.starts_with(old.substr(0, space + 1));
  if (!same_server) return Ask(State::kWriteLink);
  old_client_ = old.substr(space + 1);
  return Ask(State::kKill);
}

Recovery::Step Recovery::TakeLedger(const Reply& reply) {
  if (reply.kind == Reply::Kind::kNil && arriving_) {
    complaint_ = kNotYetThere;
    return Step::kRefused;
  }
  if (reply.kind == Reply::Kind::kNil) return Step::kDone;
  const auto committed = CommittedBatches::Parse(reply.text);
  if (reply.kind != Reply::Kind::kText || !committed) {
    complaint_ = "the key " + ledger_.key + " holds no ledger";
    return Step::kRefused;
  }
  committed_ = *committed;
  return ledger_.replicas > 0 ? Ask(State::kWrite) : Step::kDone;
}

}  // namespace sluice
