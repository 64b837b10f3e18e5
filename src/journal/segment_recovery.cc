#include "journal/segment_recovery.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "journal/file.h"
#include "sluice/base/log.h"

namespace sluice {
namespace {

using Kind = SegmentPiece::Kind;

constexpr size_t kCopyBytes = 1 * kMiB;

Error Failure(const std::string& what, const std::string& name, int error) {
  return Error{"cannot " + what + " " + name + ": " + ErrorText(error)};
}

}  // namespace

Status SegmentRecovery::Recover(std::span<const SegmentName> writer,
                                std::vector<StoredSegment>& stored) {
  const std::string ledger = FindLedger(writer);
  for (const SegmentName& name : writer) {
    Status status = RecoverOne(name.ToString(), &name == &writer.back(), ledger, stored);
    if (!status.ok()) return status;
  }
  return {};
}

std::string SegmentRecovery::FindLedger(std::span<const SegmentName> writer) const {
  for (const SegmentName& name : writer) {
    const File file = File::Open(dir_fd_, name.ToString(), O_RDONLY);
    uint64_t bytes = 0;
    if (!file.is_open() || file.Size(bytes) != 0) continue;
    SegmentScanner scanner(file.fd(), 0, bytes);
    if (const auto header = scanner.ReadHeader()) return std::string(header->ledger);
  }
  return "";
}

Result<SegmentRecovery::Survey> SegmentRecovery::Look(const File& file, const std::string& name,
                                                      bool is_last) {
  Survey survey;
  StoredSegment& segment = survey.segment;
  segment.name = name;
  if (const int error = file.Size(segment.file_bytes); error != 0) {
    return Failure("read", name, error);
  }
  SegmentScanner scanner(file.fd(), 0, segment.file_bytes);
  if (const auto header = scanner.ReadHeader()) {
    if (header->version != kSegmentVersion) {
      return Error{"cannot read " + name + ": another version of sluice wrote it (format " +
                   std::to_string(header->version) + "); let that one send it first"};
    }
    segment.ledger = header->ledger;
    segment.header_bytes = header->bytes;
  }
  survey.torn_at = segment.file_bytes;
  for (;;) {
    const SegmentPiece piece = scanner.Next();
    if (piece.kind == Kind::kEnd) return survey;
    if (piece.kind == Kind::kError) return Failure("read", name, scanner.error());
    if (piece.kind == Kind::kFrame) {
      ++segment.frames;
      segment.frame_bytes += piece.bytes;
      segment.records += piece.header.records;
      segment.last_sequence = std::max(segment.last_sequence, piece.header.sequence);
    } else if (is_last && segment.header_bytes > 0 &&
               piece.offset + piece.bytes == segment.file_bytes) {
      survey.torn_at = piece.offset;
    } else {
      survey.damage.push_back({piece.offset, piece.bytes});
    }
  }
}

Status SegmentRecovery::RecoverOne(const std::string& name, bool is_last, const std::string& ledger,
                                   std::vector<StoredSegment>& stored) {
  File file = File::Open(dir_fd_, name, O_RDWR);
  if (!file.is_open()) return Failure("read", name, errno);
  auto looked = Look(file, name, is_last);
  if (!looked.ok()) return Error{looked.error()};
  Survey& survey = looked.value();
  StoredSegment& segment = survey.segment;
  if (segment.header_bytes == 0 && segment.frames == 0 && HeaderIsTorn(file, segment.file_bytes)) {
    Log(LogLevel::kInfo, "journal: a segment was only begun, and is removed",
        {{"file", name}, {"bytes", segment.file_bytes}});
    return Remove(name);
  }
  SayDamage(survey);
  if (segment.ledger.empty()) segment.ledger = ledger;
  if (!survey.damage.empty() && (segment.frames == 0 || segment.ledger.empty())) {
    return SetAside(name);
  }
  if (survey.torn_at < segment.file_bytes) {
    if (Status status = CutTail(file, survey); !status.ok()) return status;
  }
  if (segment.frames == 0) return Remove(name);
  if (!survey.damage.empty()) Repair(file, survey);
  stored.push_back(std::move(segment));
  return {};
}

void SegmentRecovery::SayDamage(const Survey& survey) {
  for (const Run& run : survey.damage) {
    Log(LogLevel::kError,
        "journal: a segment is damaged; it is kept aside, and the frames around are sent",
        {{"file", survey.segment.name}, {"offset", run.offset}, {"bytes", run.bytes}});
    damaged_bytes_ += run.bytes;
  }
}

// A header that was cut while it was written; zeros are what some file systems leave after a crash.
bool SegmentRecovery::HeaderIsTorn(const File& file, uint64_t file_bytes) const {
  std::string begin(std::min<uint64_t>(file_bytes, kSegmentHeaderBytesMax), '\0');
  const ssize_t n = ::pread(file.fd(), begin.data(), begin.size(), 0);
  if (n != static_cast<ssize_t>(begin.size())) return false;
  if (begin.find_first_not_of('\0') == std::string::npos) return true;
  const size_t known = std::min(begin.size(), kSegmentMagic.size());
  return file_bytes < kSegmentHeaderBytesMax &&
         begin.substr(0, known) == kSegmentMagic.substr(0, known) &&
         begin.find(kFrameMarker) == std::string::npos;
}

Status SegmentRecovery::CutTail(File& file, Survey& survey) {
  StoredSegment& segment = survey.segment;
  int error = file.Truncate(survey.torn_at);
  if (error == 0) error = file.SyncData();
  if (error != 0) return Failure("cut the torn tail of", segment.name, error);
  Log(LogLevel::kWarning, "journal: a tail torn by a crash is cut at the last whole frame",
      {{"file", segment.name},
       {"offset", survey.torn_at},
       {"bytes", segment.file_bytes - survey.torn_at}});
  segment.file_bytes = survey.torn_at;
  return {};
}

Status SegmentRecovery::Remove(const std::string& name) {
  if (::unlinkat(dir_fd_, name.c_str(), 0) != 0) return Failure("remove", name, errno);
  return {};
}

Status SegmentRecovery::SetAside(const std::string& name) {
  int error = LinkAside(dir_fd_, name);
  if (error == 0 && ::unlinkat(dir_fd_, name.c_str(), 0) != 0) error = errno;
  if (error != 0) return Failure("set aside", name, error);
  Log(LogLevel::kError,
      "journal: nothing of a damaged segment can be sent (see `sluice journal cat`)",
      {{"file", name}});
  return {};
}

void SegmentRecovery::Repair(const File& file, Survey& survey) {
  StoredSegment& segment = survey.segment;
  const std::string repaired = segment.name + ".repaired";
  int error = WriteRepaired(file, survey, repaired);
  if (error == 0) error = LinkAside(dir_fd_, segment.name);
  if (error == 0 && ::renameat(dir_fd_, repaired.c_str(), dir_fd_, segment.name.c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    ::unlinkat(dir_fd_, repaired.c_str(), 0);
    segment.damaged = true;
    Log(LogLevel::kWarning,
        "journal: a damaged segment could not be repaired, and is read as it is",
        {{"file", segment.name}, {"reason", ErrorText(error)}});
    return;
  }
  segment.header_bytes = EncodeSegmentHeader(segment.ledger).size();
  segment.file_bytes = segment.header_bytes + segment.frame_bytes;
}

int SegmentRecovery::WriteRepaired(const File& file, const Survey& survey,
                                   const std::string& name) {
  File to = File::Open(dir_fd_, name, O_WRONLY | O_CREAT | O_TRUNC);
  if (!to.is_open()) return errno;
  Buffer bytes;
  bytes.Append(EncodeSegmentHeader(survey.segment.ledger));
  uint64_t written = 0;
  SegmentScanner scanner(file.fd(), survey.segment.header_bytes, survey.segment.file_bytes);
  for (;;) {
    const SegmentPiece piece = scanner.Next();
    if (piece.kind == Kind::kError) return scanner.error();
    if (piece.kind == Kind::kFrame) AppendFrame(piece.header, piece.payload, bytes);
    if (piece.kind != Kind::kEnd && bytes.size() < kCopyBytes) continue;
    if (const int error = to.Write(bytes.view(), written); error != 0) return error;
    written += bytes.size();
    bytes.Clear();
    if (piece.kind == Kind::kEnd) return to.SyncData();
  }
}

}  // namespace sluice
