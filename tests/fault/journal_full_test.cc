// A journal without room: a file-size limit, a full file system, journal.bytes_max. 503 and never
// 200, the gate lives on, and what was answered before is there afterwards.
#include <sys/mount.h>
#include <sys/stat.h>

#include "fault/journal_fixture.h"

namespace sluice {
namespace {

class JournalFullTest : public JournalTest {
 protected:
  // Redis is away: loads the gate until it refuses, and then for some more answers.
  void FillJournal() {
    StartLoad({.connections = 8, .records_max = 50});
    ASSERT_TRUE(WaitFor([this] { return load_->unavailable_count() > 20; }, "answers that say 503"))
        << load_->stored_count() << " answered 200";
    EXPECT_TRUE(gate_->Running());
    EXPECT_EQ(Admin("/healthz").status, 200);
    load_->Stop();
    EXPECT_EQ(load_->unanswered_count(), 0u);
    EXPECT_GT(witness_.Count(Told::kJournal), 0u) << "it had some room";
    EXPECT_EQ(witness_.Count(Told::kStored), 0u) << "Redis is away";
  }
};

constexpr char kShort[] = "[delivery]\ndeadline_ms = 800\n";

TEST_F(JournalFullTest, AFileSizeLimitIs503) {
  Gate::Options options;
  options.redis_url = redis_.url();
  options.config = std::string(kShort) + "[journal]\ndir = \"" + journal_dir_ + "\"\n";
  options.workers = 1;
  options.file_bytes_max = 256 * kKiB;
  gate_ = std::make_unique<Gate>(options);
  FillJournal();
  redis_.Start();
  ExpectAllInRedisOnce();
}

TEST_F(JournalFullTest, ItsOwnBoundIs503) {
  StartGateOn(redis_.url(),
              std::string(kShort) +
                  "[journal]\nbytes_max = \"4MiB\"\nsegment_bytes = \"1MiB\"\ndir = \"" +
                  journal_dir_ + "\"\n",
              1);
  FillJournal();
  redis_.Start();
  ExpectAllInRedisOnce();
}

TEST_F(JournalFullTest, AFullFileSystemIs503AndHealsWhenThereIsRoomAgain) {
  mkdir(journal_dir_.c_str(), 0700);
  if (mount("tmpfs", journal_dir_.c_str(), "tmpfs", 0, "size=2m") != 0) {
    GTEST_SKIP() << "no right to mount a tmpfs here";
  }
  const std::unique_ptr<const std::string, void (*)(const std::string*)> mounted(
      &journal_dir_, [](const std::string* dir) { umount2(dir->c_str(), MNT_DETACH); });
  StartGateOn(redis_.url(), std::string(kShort) + "[journal]\ndir = \"" + journal_dir_ + "\"\n", 1);
  FillJournal();
  redis_.Start();
  ASSERT_TRUE(WaitAllInRedis());
  ASSERT_TRUE(WaitReady());
  // Room again: with Redis away the journal takes over once more.
  redis_.Kill();
  const uint64_t before = witness_.stored_count();
  HttpClient client = Connect();
  ASSERT_TRUE(WaitFor(
      [&] {
        const uint64_t first = witness_.Ask(1);
        const std::string record = Vital(std::to_string(first), 1);
        return witness_.Answer(first, 1, client.Post(kVitals, record)) == Told::kJournal;
      },
      "the journal to take records again"));
  EXPECT_EQ(witness_.stored_count(), before + 1);
}

}  // namespace
}  // namespace sluice
