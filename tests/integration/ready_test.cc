// `sluice ready`: what it says of a gate, asked as that gate was started.
#include "integration/gate_fixture.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

class ReadyTest : public GateTest {
 protected:
  static ProgramRun AskAt(const std::string& admin) {
    return RunSluice({"ready", "--admin", admin});
  }
  std::string admin() const { return "127.0.0.1:" + std::to_string(gate_->admin_port()); }
};

TEST_F(ReadyTest, AGateThatIsReady) {
  StartAll();
  EXPECT_EQ(AskAt(admin()).exit_code, 0);
  const std::string port = std::to_string(gate_->admin_port());
  EXPECT_EQ(AskAt("localhost:" + port).exit_code, 0);
  // As it would be given to a gate that listens on all addresses.
  const ProgramRun everywhere = RunSluice({"ready"}, {"SLUICE_ADMIN_LISTEN=0.0.0.0:" + port});
  EXPECT_EQ(everywhere.exit_code, 0) << everywhere.err;
}

TEST_F(ReadyTest, OnAUnixSocket) {
  const TempDir dir;
  redis_.Start();
  const std::string socket = "unix://" + dir.File("admin.sock");
  Gate::Options options;
  options.redis_url = redis_.url();
  options.admin = socket;
  gate_ = std::make_unique<Gate>(options);
  EXPECT_TRUE(WaitFor([&] { return AskAt(socket).exit_code == 0; }, "readiness"));
}

TEST_F(ReadyTest, AGateWithoutItsRedis) {
  StartGate();
  const ProgramRun run = AskAt(admin());
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("sluice: not ready: " + admin() + ": it answered HTTP/1.1 503"),
            std::string::npos)
      << run.err;
}

TEST_F(ReadyTest, NobodyThere) {
  StartAll();
  const std::string at = admin();
  StopGate();
  const ProgramRun run = AskAt(at);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("Connection refused"), std::string::npos) << run.err;
}

TEST_F(ReadyTest, SettingsThatAreWrongAreUsage) {
  EXPECT_EQ(RunSluice({"ready", "--admin", "nowhere"}).exit_code, 2);
}

}  // namespace
}  // namespace sluice
