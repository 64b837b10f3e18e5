// The settings of TLS: what is refused before anything starts, and with which words.
#include <gmock/gmock.h>

#include "integration/tls_gate_fixture.h"

namespace sluice {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class TlsSettingsTest : public testing::Test {
 protected:
  using Environment = std::vector<std::string>;
  Environment With(const CertificateFiles& files) const {
    return {"SLUICE_TLS_CERTIFICATE=" + files.certificate, "SLUICE_TLS_KEY=" + files.key};
  }
  // Both when checked and when started.
  void ExpectRefused(const Environment& environment, const std::string& words) {
    for (const std::vector<std::string>& args :
         {std::vector<std::string>{"--check"}, std::vector<std::string>{}}) {
      const ProgramRun run = RunSluice(args, environment);
      EXPECT_EQ(run.exit_code, 2);
      EXPECT_THAT(run.err, AllOf(HasSubstr(words), Not(HasSubstr("PRIVATE"))));
      EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    }
  }

  TempDir dir_;
  CertificateAuthority ca_{dir_, "ca"};
  CertificateFiles files_ = ca_.Server();
};

TEST_F(TlsSettingsTest, WhatCannotBeUsedIsOneLineThatNamesSettingAndFile) {
  const std::string none = dir_.File("none");
  ExpectRefused({"SLUICE_TLS_CERTIFICATE=" + files_.certificate},
                "tls.certificate is set and tls.key is not; give both, or neither");
  ExpectRefused({"SLUICE_TLS_KEY=" + files_.key}, "tls.key is set and tls.certificate is not");
  ExpectRefused({"SLUICE_TLS_CLIENT_CA=" + ca_.file()},
                "tls.client_ca is set and tls.certificate is not");
  ExpectRefused(With({files_.certificate, none}), "tls.key: cannot use \"" + none + "\": No such");
  ExpectRefused(With({none, files_.key}), "tls.certificate: cannot use \"" + none + "\": No such");
  ExpectRefused(With({files_.certificate, ca_.Server("other").key}), "mismatch");
  Environment bad_ca = With(files_);
  bad_ca.push_back("SLUICE_TLS_CLIENT_CA=" + none);
  ExpectRefused(bad_ca, "tls.client_ca: cannot use \"" + none + "\": No such");
  ExpectRefused({"SLUICE_REDIS_CA=" + ca_.file()}, "redis.ca is set and redis.url is no rediss://");
  ExpectRefused({"SLUICE_REDIS_URL=rediss://host", "SLUICE_REDIS_CA=" + none},
                "redis.ca: cannot use \"" + none + "\": No such");
}

TEST_F(TlsSettingsTest, ACheckSaysWhenTheCertificateEndsSoon) {
  const ProgramRun good = RunSluice({"--check"}, With(files_));
  EXPECT_EQ(good.exit_code, 0);
  EXPECT_EQ(good.err, "");
  EXPECT_THAT(good.out, HasSubstr("certificate = \"" + files_.certificate + "\""));
  const ProgramRun soon = RunSluice(
      {"--check"}, With(ca_.Issue("soon", {.common_names = {}, .for_server = true, .to_days = 9})));
  EXPECT_EQ(soon.exit_code, 0);
  EXPECT_THAT(soon.err, HasSubstr("warning: tls.certificate expires soon"));
  const ProgramRun late = RunSluice(
      {"--check"},
      With(ca_.Issue("late",
                     {.common_names = {}, .for_server = true, .from_days = -9, .to_days = -1})));
  EXPECT_EQ(late.exit_code, 0);
  EXPECT_THAT(late.err, HasSubstr("warning: tls.certificate has expired"));
}

}  // namespace
}  // namespace sluice
