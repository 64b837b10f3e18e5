#include "server/journal_survey.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

namespace sluice {
namespace {

using Kind = SegmentPiece::Kind;

Error CannotRead(const std::string& what) {
  return Error{"cannot read " + what + ": " + std::strerror(errno)};
}

// Nothing: it has gone.
Result<std::optional<SurveyedFile>> Survey(const std::string& dir, const std::string& file,
                                           const FrameVisitor& visit) {
  const std::string path = dir + "/" + file;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return std::optional<SurveyedFile>();
  struct stat info {};
  if (fd < 0 || ::fstat(fd, &info) != 0) return CannotRead(path);
  SurveyedFile found{.file = file,
                     .name = *SegmentName::Parse(file),
                     .ledger = {},
                     .bytes = static_cast<uint64_t>(info.st_size)};
  SegmentScanner scanner(fd, 0, found.bytes);
  if (const auto header = scanner.ReadHeader()) found.ledger = header->ledger;
  SegmentPiece piece = scanner.Next();
  for (; piece.kind == Kind::kFrame || piece.kind == Kind::kDamage; piece = scanner.Next()) {
    if (piece.kind == Kind::kDamage) {
      found.damage.push_back({piece.offset, piece.bytes});
      continue;
    }
    if (found.frames++ == 0) found.first_sequence = piece.header.sequence;
    found.last_sequence = piece.header.sequence;
    found.records += piece.header.records;
    visit(found, piece);
  }
  ::close(fd);
  errno = scanner.error();
  if (piece.kind == Kind::kError) return CannotRead(path);
  return std::optional(std::move(found));
}

bool EndsDamaged(const SurveyedFile& file) {
  return !file.damage.empty() && file.damage.back().offset + file.damage.back().bytes == file.bytes;
}

}  // namespace

std::string_view SurveyedFile::state() const {
  if (name.kind == SegmentName::Kind::kDamaged) return "set aside";
  if (damage.size() > (torn ? 1 : 0)) return "damaged";
  if (torn) return "torn";
  return name.kind == SegmentName::Kind::kRefused ? "refused" : "ok";
}

Result<std::vector<SurveyedFile>> SurveyJournal(const std::string& dir, const FrameVisitor& visit) {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator at(dir, error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename();
    const auto parsed = SegmentName::Parse(name);
    if (parsed && parsed->kind != SegmentName::Kind::kRepaired) names.push_back(name);
  }
  if (error) return Error{"cannot read the directory " + dir + ": " + error.message()};
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return *SegmentName::Parse(a) < *SegmentName::Parse(b);
  });
  std::vector<SurveyedFile> files;
  for (const std::string& name : names) {
    auto surveyed = Survey(dir, name, visit);
    if (!surveyed.ok()) return Error{surveyed.error()};
    if (surveyed.value()) files.push_back(std::move(*surveyed.value()));
  }
  for (SurveyedFile& file : files) {
    const bool is_last = std::none_of(files.begin(), files.end(), [&](const SurveyedFile& other) {
      return other.name.kind == SegmentName::Kind::kSegment && other.name.SameWriter(file.name) &&
             other.name.number > file.name.number;
    });
    file.torn = file.name.kind == SegmentName::Kind::kSegment && is_last && EndsDamaged(file);
  }
  return files;
}

}  // namespace sluice
