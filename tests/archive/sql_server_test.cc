// What only a database on a server has: users and what they may do, packets, TLS, silence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sluice/sql/database.h"
#include "support/certificates.h"
#include "support/loopback.h"
#include "support/mariadb_server.h"
#include "support/postgres_server.h"
#include "support/sql_query.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Outcome = Insertion::Outcome;

const Table kNotes{
    .name = "notes",
    .columns = {{"patient", ColumnType::kText, true, 20}, {"note", ColumnType::kText}}};

Result<std::unique_ptr<Database>> Open(const std::string& url, uint64_t connect_ms = 10'000) {
  return Database::Open(DatabaseUrl::Parse(url).value(), connect_ms);
}

std::unique_ptr<Database> Connect(const std::string& url) {
  auto database = Open(url);
  if (!database.ok()) throw std::runtime_error(database.error());
  return std::move(database.value());
}

std::string WhyNotOpened(const std::string& url) {
  const auto database = Open(url);
  return database.ok() ? "opened" : database.error();
}

// Of a user who may write rows of one table and no more.
void ExpectToWriteAndNothingElse(const std::string& url) {
  const auto database = Connect(url);
  const Status used = database->Use(kNotes);
  ASSERT_TRUE(used.ok()) << used.error();
  for (int i = 0; i < 2; ++i) {
    const Insertion insertion = database->Insert(std::vector<Row>{{"1-0", {"p", {}}}});
    EXPECT_EQ(insertion.outcome, Outcome::kDone) << insertion.reason;
  }
  Table other = kNotes;
  other.name = "other";
  const Status made = Connect(url)->Use(other);
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error(), AllOf(HasSubstr("cannot make table \"other\": "), HasSubstr("denied")));
}

TEST(SqlServerTest, AUserOfPostgresqlNeedsToSelectAndInsert) {
  PostgresServer server;
  server.Start();
  ASSERT_TRUE(Connect(server.url())->Use(kNotes).ok());
  SqlRun(server.url(), "CREATE ROLE writer LOGIN");
  SqlRun(server.url(), "GRANT SELECT, INSERT ON notes TO writer");
  std::string url = server.url();
  url.replace(url.find("postgres@"), 8, "writer");
  ExpectToWriteAndNothingElse(url);

  url.replace(url.find("writer"), 6, "nobody:s3cret");
  EXPECT_THAT(WhyNotOpened(url), AllOf(HasSubstr("cannot open PostgreSQL at unix:/"),
                                       HasSubstr("nobody"), Not(HasSubstr("s3cret"))));
}

TEST(SqlServerTest, AUserOfMariadbNeedsToSelectInsertAndUpdate) {
  MariadbServer server;
  server.Start();
  ASSERT_TRUE(Connect(server.url())->Use(kNotes).ok());
  SqlRun(server.root_url(), "CREATE USER writer@localhost");
  SqlRun(server.root_url(), "GRANT SELECT, INSERT, UPDATE ON archive.notes TO writer@localhost");
  ExpectToWriteAndNothingElse("mariadb://writer@" + server.place("archive"));

  EXPECT_THAT(WhyNotOpened("mariadb://archive:s3cret@" + server.place("archive")),
              AllOf(HasSubstr("cannot open MariaDB at unix:/"), HasSubstr("denied"),
                    Not(HasSubstr("s3cret"))));
}

TEST(SqlServerTest, RowsOfMoreThanAPacketGoInPartsAndOneTooLargeIsRefused) {
  MariadbServer server;
  server.Start({"--max-allowed-packet=1M"});
  const auto database = Connect(server.url());
  ASSERT_TRUE(database->Use(kNotes).ok());
  std::vector<Row> rows;
  // Each byte is two in the statement.
  for (int i = 0; i < 40; ++i) {
    rows.push_back({std::to_string(i) + "-0", {"p", std::string(100'000, '\'')}});
  }
  const Insertion insertion = database->Insert(rows);
  EXPECT_EQ(insertion.outcome, Outcome::kDone) << insertion.reason;
  rows[1] = {"as large as can be", {"p", std::string(1'000'000, 'x')}};
  EXPECT_EQ(database->Insert(rows).outcome, Outcome::kDone);
  rows[1] = {"too large", {"p", std::string(600'000, '\'')}};
  const Insertion large = database->Insert(rows);
  EXPECT_EQ(large.outcome, Outcome::kRefused);
  EXPECT_THAT(large.reason, HasSubstr("bytes of a statement that may have 1032192"));
  EXPECT_EQ(database->Insert({&rows[0], 1}).outcome, Outcome::kDone);
  EXPECT_EQ(SqlQuery(server.url(), "SELECT COUNT(*), MIN(LENGTH(note)) FROM notes").at(0),
            (std::vector<std::string>{"41", "100000"}));
}

TEST(SqlServerTest, MariadbIsSpokenToOverTlsOrNotAtAllWhereAnAuthorityIsGiven) {
  const TempDir dir;
  const CertificateAuthority authority(dir, "authority");
  const CertificateAuthority stranger(dir, "stranger");
  const CertificateFiles files = authority.Server();
  MariadbServer server;
  server.Start({"--ssl-cert=" + files.certificate, "--ssl-key=" + files.key});
  SqlRun(server.root_url(), "ALTER USER archive@localhost REQUIRE SSL");
  EXPECT_THAT(WhyNotOpened(server.url()), HasSubstr("denied"));
  EXPECT_EQ(WhyNotOpened(server.url() + "&ssl_ca=" + authority.file()), "opened");
  EXPECT_THAT(WhyNotOpened(server.url() + "&ssl_ca=" + stranger.file()),
              HasSubstr("cannot open MariaDB"));

  server.Kill();
  server.Start({"--skip-ssl"});
  EXPECT_THAT(WhyNotOpened(server.root_url() + "&ssl_ca=" + authority.file()),
              HasSubstr("the server does not encrypt"));
}

TEST(SqlServerTest, AServerThatSaysNothingIsGivenUp) {
  const TakenPort silent;
  for (const std::string scheme : {"postgresql", "mariadb"}) {
    const auto database = Open(scheme + "://user:s3cret@" + silent.address() + "/name", 1'000);
    ASSERT_FALSE(database.ok());
    EXPECT_THAT(database.error(),
                AllOf(HasSubstr(" at " + silent.address() + "/name: "), Not(HasSubstr("s3cret"))));
  }
}

}  // namespace
}  // namespace sluice
