// A segment's file as a script writes it: frames, headers and bytes that are neither, cut and
// flipped. The scanner yields exactly the frames that check out, each of them, and the damage
// between; recovery keeps all of these frames and, done again, has nothing left to do.
//
//   choices (bit 0: a sound segment of the same writer follows, bit 1: the file was cut meanwhile,
//   bit 2: recovery, which is slow, too), then steps: what to do, its operands, the bytes they name

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/fuzz_input.h"
#include "fuzz/fuzz_target.h"
#include "journal/file.h"
#include "journal/segment_reader.h"
#include "journal/segment_recovery.h"
#include "sluice/base/check.h"
#include "sluice/hash/checksum.h"
#include "sluice/journal/segment_scanner.h"

namespace sluice {
namespace {

constexpr size_t kFileBytesMax = 300 * kKiB;      // more than the scanner's window
constexpr size_t kRecoveredBytesMax = 16 * kKiB;  // larger files say nothing more, slowly

struct Frame {
  uint64_t offset = 0;
  uint64_t bytes = 0;
  uint64_t sequence = 0;
  bool operator==(const Frame&) const = default;
};

// A directory in memory, gone when the process ends well.
class MemoryDir {
 public:
  MemoryDir() {
    SLUICE_CHECK(mkdtemp(path_.data()) != nullptr);
    fd_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    SLUICE_CHECK(fd_ >= 0);
  }
  ~MemoryDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
    ::close(fd_);
  }
  MemoryDir(const MemoryDir&) = delete;
  MemoryDir& operator=(const MemoryDir&) = delete;

  int fd() const { return fd_; }
  void Clear() const {
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      std::filesystem::remove(entry.path());
    }
  }

 private:
  std::string path_ = "/dev/shm/sluice-fuzz-XXXXXX";
  int fd_ = -1;
};

std::string EncodedFrame(uint64_t sequence, std::string_view payload) {
  Buffer out;
  AppendFrame({.sequence = sequence, .records = 1, .commands = 1}, payload, out);
  return std::string(out.view());
}

std::string Written(FuzzInput& input) {
  std::string file;
  for (uint64_t sequence = 1; !input.empty() && file.size() < kFileBytesMax; ++sequence) {
    switch (input.Byte() % 8) {
      case 0:
        file += EncodedFrame(sequence, input.Take(input.Byte()));
        break;
      case 1:
        file += input.Take(input.Byte());
        break;
      case 2:
        file += kFrameMarker;
        break;
      case 3:
        file.resize(file.size() - std::min<size_t>(input.Byte(), file.size()));
        break;
      case 4: {
        const size_t at = input.Word();
        const int flipped = input.Byte() | 1;
        if (at < file.size()) file[at] = static_cast<char>(file[at] ^ flipped);
        break;
      }
      case 5:
        file += EncodeSegmentHeader(input.Take(input.Byte() % 32));
        break;
      case 6:
        file.append(input.Word(), '\0');
        break;
      default:
        file += EncodedFrame(sequence, file.substr(0, kKiB));
    }
  }
  return file;
}

template <typename T>
T Number(std::string_view bytes, size_t at) {  // little endian, as this machine is
  T number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

std::optional<Frame> FrameAt(std::string_view file, size_t at) {
  std::string_view frame = file.substr(at);
  if (frame.size() < 32 || !frame.starts_with("\xFFSJ\xFE")) return {};
  const uint64_t bytes = 32 + uint64_t{Number<uint32_t>(frame, 4)};
  if (bytes > frame.size()) return {};
  const uint64_t checksum = Checksum({frame.substr(0, 24), frame.substr(32, bytes - 32)});
  if (Number<uint64_t>(frame, 24) != checksum) return {};
  return Frame{at, bytes, Number<uint64_t>(frame, 8)};
}

// All frames from `at` on, in order; what lies between them is damage.
std::vector<Frame> FramesOf(std::string_view file, size_t at) {
  std::vector<Frame> frames;
  while (at < file.size()) {
    const std::optional<Frame> frame = FrameAt(file, at);
    if (frame) frames.push_back(*frame);
    at = frame ? at + frame->bytes : std::min(file.find('\xFF', at + 1), file.size());
  }
  return frames;
}

void ExpectScanned(std::string_view file, bool was_cut) {
  static const int fd = ::memfd_create("segment", MFD_CLOEXEC);
  SLUICE_CHECK(::ftruncate(fd, 0) == 0);
  SLUICE_CHECK(::pwrite(fd, file.data(), file.size(), 0) == static_cast<ssize_t>(file.size()));
  const uint64_t end = file.size() + (was_cut ? 100 : 0);
  SegmentScanner scanner(fd, 0, end);
  const std::optional<SegmentHeader> header = scanner.ReadHeader();
  uint64_t at = header ? header->bytes : 0;
  const std::vector<Frame> expected = FramesOf(file, at);
  std::vector<Frame> frames;
  bool damage = false;  // the last piece was
  for (;;) {
    const SegmentPiece piece = scanner.Next();
    EXPECT_EQ(piece.offset, at) << "a gap";
    if (piece.kind == SegmentPiece::Kind::kEnd) break;
    ASSERT_NE(piece.kind, SegmentPiece::Kind::kError) << std::strerror(scanner.error());
    ASSERT_GT(piece.bytes, 0u);
    at = piece.offset + piece.bytes;
    EXPECT_FALSE(damage && piece.kind == SegmentPiece::Kind::kDamage) << "a run in two pieces";
    damage = piece.kind == SegmentPiece::Kind::kDamage;
    if (damage) continue;
    frames.push_back({piece.offset, piece.bytes, piece.header.sequence});
    EXPECT_EQ(piece.payload, file.substr(piece.offset + 32, piece.bytes - 32));
  }
  EXPECT_EQ(at, end);
  EXPECT_EQ(frames, expected);
}

void Write(const MemoryDir& dir, const std::string& name, std::string_view bytes) {
  File file = File::Open(dir.fd(), name, O_WRONLY | O_CREAT | O_TRUNC);
  SLUICE_CHECK(file.is_open() && file.Write(bytes, 0) == 0);
}

std::vector<StoredSegment> Recovered(const MemoryDir& dir, const std::vector<SegmentName>& writer,
                                     uint64_t& damaged_bytes) {
  SegmentRecovery recovery(dir.fd());
  std::vector<StoredSegment> stored;
  const Status status = recovery.Recover(writer, stored);
  EXPECT_TRUE(status.ok()) << status.error();
  damaged_bytes = recovery.damaged_bytes();
  return stored;
}

std::vector<std::string> Payloads(const MemoryDir& dir, const StoredSegment& segment) {
  std::vector<std::string> payloads;
  SegmentReader reader;
  for (uint64_t at = segment.header_bytes; at < segment.file_bytes; at = reader.next_at()) {
    reader.Read(dir.fd(), segment.name, at, segment.file_bytes);
    EXPECT_TRUE(reader.damage().empty());
    EXPECT_GT(reader.next_at(), at);
    for (const SegmentReader::Frame& frame : reader.frames()) {
      payloads.emplace_back(reader.payload(frame));
    }
  }
  return payloads;
}

void ExpectRecovered(const std::string& file, bool one_follows) {
  static const MemoryDir dir;
  dir.Clear();
  std::vector<SegmentName> writer = {{.start_ms = 1'700'000'000'000, .number = 1}};
  Write(dir, writer[0].ToString(), file);
  const std::optional<SegmentHeader> header = ParseSegmentHeader(file);
  // The first header that checks out names the writer's ledger; an empty one no writer leaves.
  const bool has_ledger = header ? !header->ledger.empty() : one_follows;
  if (one_follows) {
    writer.push_back({.start_ms = 1'700'000'000'000, .number = 2});
    Write(dir, writer[1].ToString(), EncodeSegmentHeader("ledger") + EncodedFrame(900, "last"));
  }
  std::vector<std::string> expected;
  for (const Frame& frame : FramesOf(file, header ? header->bytes : 0)) {
    expected.push_back(file.substr(frame.offset + 32, frame.bytes - 32));
  }
  if (one_follows) expected.emplace_back("last");

  uint64_t damaged_bytes = 0;
  const std::vector<StoredSegment> stored = Recovered(dir, writer, damaged_bytes);
  EXPECT_LE(damaged_bytes, file.size());
  std::vector<std::string> payloads;
  std::vector<SegmentName> left;
  for (const StoredSegment& segment : stored) {
    EXPECT_FALSE(segment.damaged);
    for (std::string& payload : Payloads(dir, segment)) payloads.push_back(std::move(payload));
    left.push_back(*SegmentName::Parse(segment.name));
  }
  // Frames whose ledger nobody knows cannot be sent; they are kept aside.
  if (has_ledger) {
    EXPECT_EQ(payloads, expected);
  }
  if (left.empty()) return;
  const std::vector<StoredSegment> again = Recovered(dir, left, damaged_bytes);
  EXPECT_EQ(damaged_bytes, 0u);
  ASSERT_EQ(again.size(), stored.size());
  for (size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i].frames, stored[i].frames);
    EXPECT_EQ(again[i].file_bytes, stored[i].file_bytes);
    EXPECT_EQ(again[i].last_sequence, stored[i].last_sequence);
  }
}

void Fuzz(std::string_view bytes) {
  FuzzInput input(bytes);
  const uint8_t choices = input.Byte();
  const std::string file = Written(input);
  ExpectScanned(file, (choices & 2) != 0);
  if ((choices & 4) == 0 || file.size() > kRecoveredBytesMax) return;
  ExpectRecovered(file, (choices & 1) != 0);
}

const FuzzTarget kTarget("segment", Fuzz);

}  // namespace
}  // namespace sluice
