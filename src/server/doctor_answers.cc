#include "server/doctor_answers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "sluice/redis/refusal.h"

namespace sluice {
namespace {

constexpr size_t kPings = 7;
constexpr uint64_t kNsPerUs = 1'000;
constexpr uint64_t kUsPerMs = 1'000;
// No Redis has it: the command that spoils a transaction.
constexpr std::string_view kUnknownCommand = "SLUICE-DOCTOR";
constexpr std::array<std::string_view, 7> kSettings = {
    "appendfsync",           "no-appendfsync-on-rewrite", "aof-load-truncated", "timeout",
    "stream-node-max-bytes", "stream-node-max-entries",   "tcp-backlog"};

std::vector<std::string_view> Views(const std::vector<std::string>& words) {
  return {words.begin(), words.end()};
}

Status MeasureRoundTrip(BlockingLink& link, const Clock& clock, NodeAnswers& answers) {
  std::array<uint64_t, kPings> took_us{};
  for (uint64_t& one : took_us) {
    const uint64_t before_ns = clock.MonotonicNs();
    if (const auto reply = link.Do({"PING"}); !reply) return Error{reply.error()};
    one = (clock.MonotonicNs() - before_ns) / kNsPerUs;
  }
  std::sort(took_us.begin(), took_us.end());
  answers.round_trip_us = took_us[kPings / 2];
  return {};
}

Status AskInfo(BlockingLink& link, const Clock& clock, NodeAnswers& answers) {
  const uint64_t before_ns = clock.MonotonicNs();
  const uint64_t before_ms = clock.WallMs();
  const auto reply = link.Do({"INFO"});
  if (!reply) return Error{reply.error()};
  answers.info_took_us = (clock.MonotonicNs() - before_ns) / kNsPerUs;
  answers.asked_at_ms = static_cast<int64_t>(before_ms + answers.info_took_us / 2 / kUsPerMs);
  if (!reply.value().is_error()) answers.info = NamedTexts::OfInfo(reply.value().text);
  return {};
}

Status AskSettings(BlockingLink& link, NodeAnswers& answers) {
  for (const std::string_view name : kSettings) {
    const auto reply = link.Do({"CONFIG", "GET", name});
    if (!reply) return Error{reply.error()};
    if (reply.value().is_error()) {
      answers.settings_refusal = reply.value().text;
      return {};
    }
    if (reply.value().is_array(2)) answers.settings.Set(name, reply.value().elements[1].text);
  }
  return {};
}

// MULTI and EXEC are probes themselves: without the first nothing else is sent, since it would be
// carried out.
Status AskRights(BlockingLink& link, const std::vector<Probe>& probes, NodeAnswers& answers) {
  const auto ask = [&](const Probe& probe) -> Result<bool> {
    const std::vector<std::string_view> words = Views(probe.words);
    const auto reply = link.Do(std::span(words));
    if (!reply) return Error{reply.error()};
    if (!reply.value().is_error()) return false;
    const std::string reason(RefusalReason(reply.value().text));
    if (!reason.empty()) answers.refusals.push_back({probe, reason});
    return true;
  };
  const auto refused = ask({{"MULTI"}, "+multi", "", "batches"});
  if (!refused) return Error{refused.error()};
  if (refused.value()) return {};
  const auto spoilt = link.Do({kUnknownCommand});
  if (!spoilt) return Error{spoilt.error()};
  if (!spoilt.value().is_error()) {
    return Error{"Redis took a command that there is none of, so nothing else was tried"};
  }
  for (const Probe& probe : probes) {
    if (const auto asked = ask(probe); !asked) return Error{asked.error()};
  }
  const auto ended = ask({{"EXEC"}, "+exec", "", "batches"});
  return ended ? Status() : Status(Error{ended.error()});
}

}  // namespace

NamedTexts NamedTexts::OfInfo(std::string_view info) {
  NamedTexts named;
  while (!info.empty()) {
    const size_t end = std::min(info.find('\n'), info.size() - 1);
    std::string_view line = info.substr(0, end + 1);
    info.remove_prefix(end + 1);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || line.starts_with('#')) continue;
    named.Set(line.substr(0, colon), line.substr(colon + 1));
  }
  return named;
}

void NamedTexts::Set(std::string_view name, std::string_view value) {
  texts_.insert_or_assign(std::string(name), std::string(value));
}

std::string_view NamedTexts::Text(std::string_view name) const {
  const auto found = texts_.find(name);
  return found == texts_.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<int64_t> NamedTexts::Number(std::string_view name) const {
  const std::string_view text = Text(name);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> NamedTexts::Decimal(std::string_view name) const {
  const std::string_view text = Text(name);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<NodeAnswers> AskNode(BlockingLink& link, const std::vector<Probe>& probes,
                            const Clock& clock) {
  NodeAnswers answers;
  answers.certificate_end = link.peer_expires_at();
  Status asked = MeasureRoundTrip(link, clock, answers);
  if (asked) asked = AskInfo(link, clock, answers);
  if (asked) asked = AskSettings(link, answers);
  if (asked) asked = AskRights(link, probes, answers);
  link.Close();
  if (!asked) return Error{asked.error()};
  return answers;
}

}  // namespace sluice
