#include "sluice/journal/journal_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "journal/file.h"
#include "journal/segment_recovery.h"
#include "sluice/base/clock.h"
#include "sluice/base/log.h"

namespace sluice {
namespace {

constexpr uint64_t kSayProgressNs = 2'000 * kNsPerMs;

struct Listed {
  SegmentName name;
  std::string file;
};

// All files of the journal, sorted; false, and errno, when the directory cannot be read.
bool List(int dir_fd, std::vector<Listed>& files) {
  const int fd = ::openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* dir = fd >= 0 ? ::fdopendir(fd) : nullptr;
  if (dir == nullptr) return false;
  while (const dirent* entry = ::readdir(dir)) {
    if (const auto name = SegmentName::Parse(entry->d_name))
      files.push_back({*name, entry->d_name});
  }
  ::closedir(dir);
  std::sort(files.begin(), files.end(),
            [](const Listed& a, const Listed& b) { return a.name < b.name; });
  return true;
}

uint64_t FileBytes(int dir_fd, const std::string& name) {
  struct stat info {};
  return ::fstatat(dir_fd, name.c_str(), &info, 0) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

// Says from time to time how far a long start has come.
class Progress {
 public:
  explicit Progress(uint64_t bytes_total) : bytes_total_(bytes_total) {}
  void Add(uint64_t bytes) {
    bytes_ += bytes;
    const uint64_t now_ns = clock_.MonotonicNs();
    if (now_ns - said_ns_ < kSayProgressNs) return;
    said_ns_ = now_ns;
    Log(LogLevel::kInfo, "journal: checking what earlier processes left",
        {{"bytes", bytes_}, {"of_bytes", bytes_total_}});
  }

 private:
  const SystemClock clock_;
  const uint64_t bytes_total_;
  uint64_t bytes_ = 0;
  uint64_t said_ns_ = clock_.MonotonicNs();
};

}  // namespace

Result<std::unique_ptr<JournalDirectory>> JournalDirectory::Open(const Options& options) {
  const std::string& dir = options.dir;
  const auto failure = [&dir](const std::string& what) {
    return Error{"journal.dir: cannot " + what + " " + dir + ": " + ErrorText(errno) +
                 "; give a directory that sluice may write to"};
  };
  const bool made = ::mkdir(dir.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return failure("make");
  File opened(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) return failure("open");
  if (made) {
    const File parent = File::Open(opened.fd(), "..", O_RDONLY | O_DIRECTORY);
    if (!parent.is_open() || SyncDirectory(parent.fd()) != 0) return failure("make");
  }
  File lock = File::Open(opened.fd(), "lock", O_RDWR | O_CREAT);
  if (!lock.is_open()) return failure("write to");
  if (::flock(lock.fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failure("lock");
    return Error{"journal.dir: " + dir +
                 " is in use by another sluice; give each process its own journal.dir"};
  }
  std::unique_ptr<JournalDirectory> directory(
      new JournalDirectory(options, opened.Release(), lock.Release()));
  if (Status status = directory->TakeStock(); !status.ok()) return Error{status.error()};
  return directory;
}

JournalDirectory::JournalDirectory(const Options& options, int dir_fd, int lock_fd)
    : options_(options),
      dir_fd_(dir_fd),
      lock_fd_(lock_fd),
      start_ms_(options.start_ms),
      stored_(options.worker_count) {
  SLUICE_CHECK(dir_fd >= 0 && lock_fd >= 0 && options.worker_count > 0);
}

JournalDirectory::~JournalDirectory() {
  ::close(lock_fd_);
  ::close(dir_fd_);
}

Error JournalDirectory::Failure(const std::string& what, int error) const {
  return Error{"journal.dir: " + options_.dir + ": " + what +
               (error == 0 ? "" : ": " + ErrorText(error)) +
               "; mend or move the file, or give another journal.dir"};
}

Status JournalDirectory::TakeStock() {
  std::vector<Listed> files;
  if (!List(dir_fd_, files)) return Failure("cannot be listed", errno);
  std::vector<SegmentName> segments;
  uint64_t bytes = 0;
  for (const Listed& file : files) {
    start_ms_ = std::max(start_ms_, file.name.start_ms + 1);
    if (file.name.kind == SegmentName::Kind::kSegment) {
      segments.push_back(file.name);
      bytes += FileBytes(dir_fd_, file.file);
    } else if (file.name.kind == SegmentName::Kind::kRepaired) {
      ::unlinkat(dir_fd_, file.file.c_str(), 0);
    }
  }
  Progress progress(bytes);
  SegmentRecovery recovery(dir_fd_);
  for (auto begin = segments.begin(); begin != segments.end();) {
    const auto end = std::find_if(
        begin, segments.end(), [&](const SegmentName& name) { return !name.SameWriter(*begin); });
    uint64_t writer_bytes = 0;
    for (auto at = begin; at != end; ++at) writer_bytes += FileBytes(dir_fd_, at->ToString());
    // In the order of names, which is urgent lanes first.
    const LaneKind lane = options_.urgent_lanes ? begin->lane : LaneKind::kBulk;
    auto& stored = stored_[begin->worker % options_.worker_count][static_cast<size_t>(lane)];
    Status status = recovery.Recover({begin, end}, stored);
    if (!status.ok()) return Failure(status.error(), 0);
    progress.Add(writer_bytes);
    begin = end;
  }
  damaged_bytes_ = recovery.damaged_bytes();
  if (const int error = SyncDirectory(dir_fd_); error != 0) {
    return Failure("cannot be synced", error);
  }
  return CountBytes();
}

Status JournalDirectory::CountBytes() {
  std::vector<Listed> files;
  if (!List(dir_fd_, files)) return Failure("cannot be listed", errno);
  for (const Listed& file : files) ReserveAnyway(FileBytes(dir_fd_, file.file));
  return {};
}

bool JournalDirectory::Reserve(LaneKind lane, uint64_t bytes) {
  const uint64_t max = bytes_max(lane);
  uint64_t used = used_bytes();
  do {
    if (used > max || bytes > max - used) return false;
  } while (!used_bytes_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return true;
}

}  // namespace sluice
