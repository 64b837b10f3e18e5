// Ways to reach Redis: each form of the URL, credentials that fit, and credentials that do not.
#include <algorithm>
#include <sstream>

#include "integration/gate_fixture.h"

namespace sluice {
namespace {

class RedisUrlTest : public GateTest {
 protected:
  RedisUrlTest() : GateTest(RedisServer::Port::kLoopback) {}

  void ExpectStores() {
    ASSERT_TRUE(WaitReady());
    EXPECT_TRUE(IsAccepted(Post(kVitals, Vital("d", 1)), 1));
  }

  // How often Redis was asked to authenticate.
  int AuthCalls(const std::string& password) {
    const std::string stats = redis_.client(password).Do({"INFO", "commandstats"}).text;
    const size_t at = stats.find("cmdstat_auth:calls=");
    return at == stats.npos ? 0 : std::stoi(stats.substr(at + sizeof "cmdstat_auth:calls=" - 1));
  }

  std::vector<std::string> ErrorLinesWith(std::string_view word) const {
    std::vector<std::string> lines;
    std::istringstream err(gate_->err());
    for (std::string line; std::getline(err, line);) {
      if (line.find(word) != line.npos) lines.push_back(line);
    }
    return lines;
  }

  // Not ready, alive, and one line for each lane that says why however often it is tried.
  void ExpectOneClearLine(std::string_view word, const std::string& default_password) {
    const int own_calls = default_password.empty() ? 0 : 1;
    ASSERT_TRUE(WaitFor([&] { return AuthCalls(default_password) - own_calls >= 6; },
                        "the gate to try a third time"));
    EXPECT_EQ(Admin("/readyz").status, 503);
    EXPECT_EQ(Admin("/healthz").status, 200);
    for (const std::string lane : {"bulk", "urgent"}) {
      ASSERT_TRUE(WaitFor([&] { return !ErrorLinesWith("lane=\"" + lane + "\"").empty(); },
                          "the line of the " + lane + " lane"));
      EXPECT_EQ(ErrorLinesWith("lane=\"" + lane + "\"").size(), 1u) << gate_->err();
    }
    EXPECT_EQ(ErrorLinesWith(word).size(), 2u) << gate_->err();
    EXPECT_EQ(gate_->err().find("wrong-secret"), std::string::npos) << gate_->err();
  }
};

TEST_F(RedisUrlTest, IsAUnixSocket) {
  redis_.Start();
  StartGateOn("unix://" + redis_.socket_path(), "", 2);
  ExpectStores();
  EXPECT_EQ(Length("vitals"), 1);
}

TEST_F(RedisUrlTest, IsAHostAndPort) {
  redis_.Start();
  StartGateOn("redis://" + redis_.address(), "", 2);
  ExpectStores();
  EXPECT_EQ(Length("vitals"), 1);
}

TEST_F(RedisUrlTest, NamesAHostByName) {
  redis_.Start();
  StartGateOn("redis://localhost:" + std::to_string(redis_.port()), "", 2);
  ExpectStores();
  EXPECT_EQ(Length("vitals"), 1);
}

TEST_F(RedisUrlTest, NamesADatabase) {
  redis_.Start();
  StartGateOn("redis://" + redis_.address() + "/5", "", 2);
  ExpectStores();
  EXPECT_EQ(Length("vitals"), 0);
  redis_.client().Do({"SELECT", "5"});
  EXPECT_EQ(Length("vitals"), 1);
}

TEST_F(RedisUrlTest, CarriesAPassword) {
  redis_.Start({"--requirepass", "right-secret"});
  StartGateOn("redis://:right-secret@" + redis_.address() + "/1", "", 2);
  ExpectStores();
  redis_.client("right-secret").Do({"SELECT", "1"});
  EXPECT_EQ(Length("vitals"), 1);
}

TEST_F(RedisUrlTest, CarriesAUserAndPasswordWithEscapes) {
  redis_.Start();
  redis_.client().Do({"ACL", "SETUSER", "gate", "on", ">p@ss:/%", "~*", "+@all"});
  StartGateOn("redis://gate:p%40ss%3A%2F%25@" + redis_.address(), "", 2);
  ExpectStores();
  EXPECT_EQ(Length("vitals"), 1);
}

TEST_F(RedisUrlTest, WithAWrongPasswordKeepsTheGateUnreadyAndSaysWhyOnce) {
  redis_.Start({"--requirepass", "right-secret"});
  StartGateOn("redis://:wrong-secret@" + redis_.address(), "[delivery]\ndeadline_ms = 200\n", 1);
  ExpectOneClearLine("WRONGPASS", "right-secret");
  EXPECT_TRUE(IsUnavailable(Post(kVitals, Vital("d", 1)), "not_stored"));
}

TEST_F(RedisUrlTest, WithAnUnknownUserKeepsTheGateUnreadyAndSaysWhyOnce) {
  redis_.Start();
  StartGateOn("redis://nobody:wrong-secret@" + redis_.address(), "", 1);
  ExpectOneClearLine("WRONGPASS", "");
}

TEST_F(RedisUrlTest, WithoutANeededPasswordKeepsTheGateUnreadyAndSaysWhy) {
  redis_.Start({"--requirepass", "right-secret"});
  StartGateOn("redis://" + redis_.address(), "[delivery]\ndeadline_ms = 200\n", 1);
  EXPECT_TRUE(WaitFor([this] { return !ErrorLinesWith("NOAUTH").empty(); }, "a line with NOAUTH"));
  EXPECT_EQ(Admin("/readyz").status, 503);
  EXPECT_TRUE(IsUnavailable(Post(kVitals, Vital("d", 1)), "not_stored"));
  EXPECT_EQ(redis_.client("right-secret").Length("vitals"), 0);
}

TEST_F(RedisUrlTest, BecomesGoodOnceThePasswordFits) {
  redis_.Start({"--requirepass", "right-secret"});
  StartGateOn("redis://:later-secret@" + redis_.address(), "", 1);
  ASSERT_TRUE(WaitFor([this] { return !ErrorLinesWith("WRONGPASS").empty(); }, "the refusal"));
  redis_.client("right-secret").Do({"CONFIG", "SET", "requirepass", "later-secret"});
  ExpectStores();
}

TEST_F(RedisUrlTest, WithADatabaseThatIsNotThereKeepsTheGateUnready) {
  redis_.Start();
  StartGateOn("redis://" + redis_.address() + "/99", "", 1);
  EXPECT_TRUE(WaitFor([this] { return !ErrorLinesWith("DB index").empty(); },
                      "a line with Redis's refusal"));
  EXPECT_EQ(Admin("/readyz").status, 503);
}

}  // namespace
}  // namespace sluice
