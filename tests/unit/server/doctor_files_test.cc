#include "server/doctor_files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/certificates.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"
#include "unit/server/loaded.h"

namespace sluice {
namespace {

using testing::HasSubstr;

class DoctorFilesTest : public testing::Test {
 protected:
  static constexpr int64_t kDay = 86'400;

  int64_t now() const { return static_cast<int64_t>(clock_.WallMs() / kMsPerSecond); }
  Finding Ends(std::vector<int64_t> days, CertificateUse use) {
    for (int64_t& end : days) end = now() + end * kDay;
    return CheckEnds("x", days, use, clock_);
  }
  Findings Journal(const JournalPlace& place) {
    return CheckJournal({.dir = "/j", .bytes_max = 10 * kMiB}, place);
  }
  static const Finding* Find(const Findings& findings, const std::string& check) {
    for (const Finding& finding : findings) {
      if (finding.check == check) return &finding;
    }
    return nullptr;
  }

  const TempDir dir_;
  FakeClock clock_;
};

TEST_F(DoctorFilesTest, AllOfAChainMustBeGood) {
  EXPECT_EQ(Ends({400, 365}, CertificateUse::kChain).verdict, Verdict::kOk);
  EXPECT_THAT(Ends({400, 365}, CertificateUse::kChain).found, HasSubstr("(365 days)"));
  EXPECT_THAT(Ends({400, 20}, CertificateUse::kChain).found, HasSubstr("expires soon"));
  const Finding expired = Ends({400, -1}, CertificateUse::kChain);
  EXPECT_EQ(expired.verdict, Verdict::kProblem);
  EXPECT_THAT(expired.found, HasSubstr("2023-11-13T"));
}

TEST_F(DoctorFilesTest, OfAuthoritiesOneIsEnough) {
  EXPECT_EQ(Ends({400, -1}, CertificateUse::kAuthorities).verdict, Verdict::kWarning);
  EXPECT_EQ(Ends({-2, -1}, CertificateUse::kAuthorities).verdict, Verdict::kProblem);
  EXPECT_EQ(Ends({400}, CertificateUse::kAuthorities).verdict, Verdict::kOk);
  EXPECT_EQ(Ends({}, CertificateUse::kAuthorities).verdict, Verdict::kSkipped);
}

TEST_F(DoctorFilesTest, RedissCertificateIsRedissToRenew) {
  EXPECT_EQ(CheckRedisCertificate(std::nullopt, clock_).verdict, Verdict::kSkipped);
  EXPECT_EQ(CheckRedisCertificate(now() + 365 * kDay, clock_).verdict, Verdict::kOk);
  EXPECT_THAT(CheckRedisCertificate(now() + kDay, clock_).remedy, HasSubstr("tls-cert-file"));
}

TEST_F(DoctorFilesTest, AJournalNeedsAPlaceAndRoom) {
  const JournalPlace good = {.exists = true, .writable = true, .free_bytes = 20 * kMiB};
  EXPECT_EQ(Journal(good).front().found, "can be written; 20 MiB free");
  JournalPlace place = good;
  place.writable = false;
  EXPECT_EQ(Journal(place).front().verdict, Verdict::kProblem);
  place = good;
  place.in_memory = place.open_to_others = true;
  ASSERT_EQ(Journal(place).size(), 2u);
  EXPECT_THAT(Journal(place)[0].found, HasSubstr("tmpfs"));
  EXPECT_EQ(Journal(place)[1].remedy, "chmod 700 \"/j\"");
  place = good;
  place.free_bytes = 9 * kMiB;
  EXPECT_THAT(Journal(place).front().remedy, HasSubstr("journal.bytes_max"));
  place.used_bytes = kMiB;  // counts for bytes_max, too
  EXPECT_EQ(Journal(place).front().verdict, Verdict::kOk);
  EXPECT_EQ(CheckJournal({}, {}).front().verdict, Verdict::kSkipped);
}

TEST_F(DoctorFilesTest, AJournalIsLookedAtWhereItIsOrWouldBe) {
  JournalPlace place = LookAtJournal(dir_.File("new"));
  EXPECT_FALSE(place.exists);
  EXPECT_TRUE(place.writable);
  EXPECT_GT(place.free_bytes, 0u);
  EXPECT_TRUE(LookAtJournal(dir_.File("new/")).writable);
  EXPECT_FALSE(LookAtJournal(dir_.File("no/such/parent")).writable);
  EXPECT_FALSE(LookAtJournal(dir_.Write("file", "")).exists);
  std::filesystem::create_directory(dir_.File("there"));
  ::chmod(dir_.File("there").c_str(), 0755);
  dir_.Write("there/1-0-000001.journal", std::string(100, 'x'));
  place = LookAtJournal(dir_.File("there"));
  EXPECT_TRUE(place.exists && place.writable && place.open_to_others);
  EXPECT_EQ(place.used_bytes, 100u);
}

TEST_F(DoctorFilesTest, TokensAndKeysAreTheirOwnersAndDoorsAreClosed) {
  const CertificateAuthority authority(dir_, "authority");
  const CertificateFiles files = authority.Server();
  Config config = Loaded("");
  Findings findings = CheckFiles(config, clock_);
  EXPECT_THAT(Find(findings, "http.listen")->remedy, HasSubstr("set tls.certificate"));
  EXPECT_EQ(Find(findings, "auth.tokens")->verdict, Verdict::kSkipped);
  EXPECT_EQ(Find(findings, "tls.certificate")->verdict, Verdict::kSkipped);
  EXPECT_EQ(Find(findings, "journal.dir")->verdict, Verdict::kSkipped);
  config.auth.tokens = dir_.Write("tokens", "");
  config.tls = {.certificate = files.certificate, .key = files.key, .client_ca = authority.file()};
  ::chmod(config.auth.tokens.c_str(), 0644);
  ::chmod(files.key.c_str(), 0644);
  findings = CheckFiles(config, clock_);
  EXPECT_EQ(Find(findings, "http.listen")->verdict, Verdict::kOk);
  EXPECT_THAT(Find(findings, "auth.tokens")->remedy, HasSubstr("chmod 600"));
  EXPECT_THAT(Find(findings, "tls.key")->remedy, HasSubstr("chmod 640"));
  EXPECT_EQ(Find(findings, "tls.certificate")->verdict, Verdict::kOk);
  EXPECT_EQ(Find(findings, "tls.client_ca")->verdict, Verdict::kOk);
  ::chmod(config.auth.tokens.c_str(), 0600);
  ::chmod(files.key.c_str(), 0640);
  findings = CheckFiles(config, clock_);
  EXPECT_EQ(Find(findings, "auth.tokens")->verdict, Verdict::kOk);
  EXPECT_EQ(Find(findings, "tls.key")->verdict, Verdict::kOk);
}

}  // namespace
}  // namespace sluice
