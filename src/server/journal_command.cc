#include "server/journal_command.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "server/command_words.h"
#include "server/journal_survey.h"
#include "sluice/base/utf8.h"

namespace sluice {
namespace {

constexpr int kAllWell = 0;
constexpr int kDamage = 1;
constexpr int kUsage = 2;
constexpr size_t kColumns = 8;
using Row = std::array<std::string, kColumns>;

std::string JsonText(std::string_view text) {
  std::string json;
  AppendJsonString(text, SIZE_MAX, json);
  return json;
}

std::string Member(std::string_view name, std::string_view text) {
  return JsonText(name) + ":" + JsonText(text);
}

std::string Member(std::string_view name, uint64_t number) {
  return JsonText(name) + ":" + std::to_string(number);
}

// What each line of JSON begins with.
std::string FileMembers(const SurveyedFile& file) {
  return Member("file", file.file) + "," + Member("lane", LaneName(file.name.lane));
}

void ListAsTable(const std::vector<SurveyedFile>& files, std::ostream& out) {
  std::vector<Row> rows = {
      {"FILE", "LANE", "STATE", "FRAMES", "RECORDS", "BYTES", "SEQUENCES", "LEDGER"}};
  for (const SurveyedFile& file : files) {
    const std::string sequences = file.frames == 0 ? "-"
                                                   : std::to_string(file.first_sequence) + ".." +
                                                         std::to_string(file.last_sequence);
    rows.push_back({file.file, std::string(LaneName(file.name.lane)), std::string(file.state()),
                    std::to_string(file.frames), std::to_string(file.records),
                    std::to_string(file.bytes), sequences,
                    file.ledger.empty() ? "-" : file.ledger});
  }
  std::array<size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const Row& row : rows) {
    for (size_t i = 0; i + 1 < kColumns; ++i) {
      out << row[i] << std::string(widths[i] - row[i].size() + 2, ' ');
    }
    out << row.back() << "\n";
  }
}

void ListAsJson(const std::vector<SurveyedFile>& files, std::ostream& out) {
  for (const SurveyedFile& file : files) {
    out << "{" << FileMembers(file) << "," << Member("state", file.state()) << ","
        << Member("frames", file.frames) << "," << Member("records", file.records) << ","
        << Member("bytes", file.bytes) << "," << Member("first_sequence", file.first_sequence)
        << "," << Member("last_sequence", file.last_sequence) << ","
        << Member("ledger", file.ledger) << "}\n";
  }
}

int Verify(const std::vector<SurveyedFile>& files, bool json, std::ostream& out) {
  int code = kAllWell;
  for (const SurveyedFile& file : files) {
    for (const SurveyedFile::Run& run : file.damage) {
      code = kDamage;
      const bool is_tail = file.torn && &run == &file.damage.back();
      const std::string_view what = is_tail ? "torn" : "damaged";
      if (json) {
        out << "{" << FileMembers(file) << "," << Member("state", what) << ","
            << Member("offset", run.offset) << "," << Member("bytes", run.bytes) << "}\n";
      } else {
        out << file.file << ": " << what << ": " << run.bytes << " bytes at offset " << run.offset
            << "\n";
      }
    }
  }
  return code;
}

// Where an XADD's fields begin: behind the stream, its trimming and the id. 0 for another command.
size_t FieldsAt(std::span<const std::string_view> words) {
  if (words.size() < 3 || words[0] != "XADD") return 0;
  const size_t id_at = words[2] == "MAXLEN" ? 5 : 2;
  const bool has_fields = words.size() > id_at + 1 && (words.size() - id_at) % 2 == 1;
  return has_fields && words[id_at] == "*" ? id_at + 1 : 0;
}

void PrintCommand(const SurveyedFile& file, uint64_t sequence,
                  std::span<const std::string_view> words, std::ostream& out) {
  out << "{" << FileMembers(file) << "," << Member("sequence", sequence) << ",";
  const size_t fields_at = FieldsAt(words);
  if (fields_at > 0) {
    out << Member("stream", words[1]) << ",\"fields\":{";
    for (size_t i = fields_at; i < words.size(); i += 2) {
      out << (i == fields_at ? "" : ",") << Member(words[i], words[i + 1]);
    }
    out << "}}\n";
    return;
  }
  out << "\"command\":[";
  for (size_t i = 0; i < words.size(); ++i) out << (i == 0 ? "" : ",") << JsonText(words[i]);
  out << "]}\n";
}

void PrintFrame(const SurveyedFile& file, const SegmentPiece& frame, std::ostream& out) {
  std::string_view bytes = frame.payload;
  while (const auto words = TakeCommand(bytes)) {
    PrintCommand(file, frame.header.sequence, *words, out);
  }
}

}  // namespace

int RunJournalCommand(const JournalCommand& command, std::ostream& out, std::ostream& err) {
  using Verb = JournalCommand::Verb;
  const auto files =
      SurveyJournal(command.dir, [&](const SurveyedFile& file, const SegmentPiece& frame) {
        if (command.verb == Verb::kPrint) PrintFrame(file, frame, out);
      });
  if (!files.ok()) {
    err << "sluice: journal: " << files.error() << "\n";
    return kUsage;
  }
  int code = kAllWell;
  if (command.verb == Verb::kVerify) code = Verify(files.value(), command.json, out);
  if (command.verb == Verb::kList && command.json) ListAsJson(files.value(), out);
  if (command.verb == Verb::kList && !command.json) ListAsTable(files.value(), out);
  if (!out.flush()) {  // half of it must not pass for all of it
    err << "sluice: journal: cannot write the output; give it room\n";
    return kUsage;
  }
  return code;
}

}  // namespace sluice
