#include "sluice/sql/database_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct Understood {
  const char* url;
  DatabaseKind kind;
  const char* connect;
  const char* shown;
};

class DatabaseUrlFormTest : public testing::TestWithParam<Understood> {};

TEST_P(DatabaseUrlFormTest, IsUnderstood) {
  const auto url = DatabaseUrl::Parse(GetParam().url);
  ASSERT_TRUE(url.ok()) << GetParam().url << ": " << url.error();
  EXPECT_EQ(url.value().kind, GetParam().kind);
  EXPECT_EQ(url.value().connect, GetParam().connect);
  EXPECT_EQ(url.value().shown, GetParam().shown);
}

constexpr auto kSqlite = DatabaseKind::kSqlite;
constexpr auto kPostgresql = DatabaseKind::kPostgresql;
constexpr auto kMariadb = DatabaseKind::kMariadb;

INSTANTIATE_TEST_SUITE_P(
    Sqlite, DatabaseUrlFormTest,
    testing::Values(Understood{"sqlite:///var/a.db", kSqlite, "/var/a.db", "SQLite at /var/a.db"},
                    Understood{"sqlite:/var/a.db", kSqlite, "/var/a.db", "SQLite at /var/a.db"},
                    Understood{"sqlite:a.db", kSqlite, "a.db", "SQLite at a.db"},
                    Understood{"sqlite:a%20b%3f.db", kSqlite, "a b?.db", "SQLite at a b?.db"},
                    Understood{"sqlite:/a=b c", kSqlite, "db=\"/a=b c\"", "SQLite at /a=b c"}));

INSTANTIATE_TEST_SUITE_P(
    Postgresql, DatabaseUrlFormTest,
    testing::Values(
        Understood{"postgresql://u:s3cret@db.local:5433/x", kPostgresql,
                   "user='u' password='s3cret' dbname='x' host='db.local' port='5433'",
                   "PostgreSQL at db.local:5433/x"},
        Understood{"postgres://h/x", kPostgresql, "dbname='x' host='h'", "PostgreSQL at h:5432/x"},
        Understood{"postgresql:///x", kPostgresql, "dbname='x'", "PostgreSQL at localhost:5432/x"},
        Understood{"postgresql://u:a%27%5C%20@h/x?sslmode=require", kPostgresql,
                   "user='u' password='a\\'\\\\ ' dbname='x' host='h' "
                   "sslmode='require'",
                   "PostgreSQL at h:5432/x"},
        Understood{"postgresql://u:p?w@/x?host=/run/pg", kPostgresql,
                   "user='u' password='p?w' dbname='x' host='/run/pg'",
                   "PostgreSQL at unix:/run/pg/x"}));

INSTANTIATE_TEST_SUITE_P(
    Mariadb, DatabaseUrlFormTest,
    testing::Values(
        Understood{"mariadb://u:s3cret@db.local:3307/x", kMariadb,
                   "user='u' password='s3cret' host='db.local' port='3307' db='x'",
                   "MariaDB at db.local:3307/x"},
        Understood{"mysql:///x", kMariadb, "host='localhost' port='3306' db='x'",
                   "MariaDB at localhost:3306/x"},
        Understood{"mariadb://u@[::1]:3307/x", kMariadb, "user='u' host='::1' port='3307' db='x'",
                   "MariaDB at ::1:3307/x"},
        Understood{"mariadb://u:a%27%5C%20%40@[::1]/x%2fy", kMariadb,
                   "user='u' password='a\\'\\\\ @' host='::1' port='3306' db='x/y'",
                   "MariaDB at ::1:3306/x/y"},
        Understood{"mariadb://u:@h/x?socket=/run/m.sock&ssl_ca=/etc/ca.pem", kMariadb,
                   "user='u' password='' host='h' port='3306' db='x' unix_socket='/run/m.sock' "
                   "sslca='/etc/ca.pem'",
                   "MariaDB at unix:/run/m.sock/x"}));

TEST(DatabaseUrl, AnAuthorityMustBeAsked) {
  EXPECT_TRUE(DatabaseUrl::Parse("mariadb://h/x?ssl_ca=/ca").value().must_encrypt);
  EXPECT_FALSE(DatabaseUrl::Parse("mariadb://h/x").value().must_encrypt);
}

struct Refused {
  const char* url;
  const char* why;
};

class DatabaseUrlErrorTest : public testing::TestWithParam<Refused> {};

TEST_P(DatabaseUrlErrorTest, SaysWhatIsWrongAndNeverThePassword) {
  const auto url = DatabaseUrl::Parse(GetParam().url);
  ASSERT_FALSE(url.ok()) << GetParam().url;
  EXPECT_THAT(url.error(), AllOf(HasSubstr(GetParam().why), Not(HasSubstr("s3cret"))));
}

constexpr const char* kForms = "give sqlite:///path, postgresql://";
constexpr const char* kHex = "a % needs two hex digits, and not 00";
constexpr const char* kLibpq = "libpq does not read it";
constexpr const char* kName = "the database's name is missing";
constexpr const char* kPort = "the port is not a number from 1 to 65535";

INSTANTIATE_TEST_SUITE_P(
    , DatabaseUrlErrorTest,
    testing::Values(
        Refused{"", kForms}, Refused{"/var/a.db", kForms}, Refused{"oracle://u:s3cret@h/x", kForms},
        Refused{"SQLITE:a", kForms}, Refused{"sqlite:", "the path is empty"},
        Refused{"sqlite://", "SQLite has no host"}, Refused{"sqlite://a.db", "SQLite has no host"},
        Refused{"sqlite::memory:", "SQLite needs a file"},
        Refused{"sqlite:///a.db?mode=ro", "SQLite takes no options"},
        Refused{"sqlite:///a%2", kHex}, Refused{"sqlite:///a%00b", kHex},
        Refused{"sqlite:///a\"b", "cannot have a \""}, Refused{"postgresql:x", kLibpq},
        Refused{"postgresql://u:s3cret%2@h/x", kLibpq},
        Refused{"postgresql://u:s3cret@h/x?colour=s3cret", kLibpq},
        Refused{"postgresql://u:s3cret@h", kName}, Refused{"postgresql://u:s3cret@h/", kName},
        Refused{"mariadb:x", "its form is mariadb://"}, Refused{"mariadb://u:s3cret@h", kName},
        Refused{"mariadb://u:s3cret@h/", kName}, Refused{"mariadb://u:s3cret@h/?socket=/s", kName},
        Refused{"mariadb://u:s3cret%@h/x", kHex}, Refused{"mariadb://u%:s3cret@h/x", kHex},
        Refused{"mariadb://h%00/x", kHex}, Refused{"mariadb://h/x%zz", kHex},
        Refused{"mariadb://h:/x", kPort}, Refused{"mariadb://h:0/x", kPort},
        Refused{"mariadb://h:65536/x", kPort}, Refused{"mariadb://h:s3cret/x", kPort},
        Refused{"mariadb://[::1/x", "the host's [ needs a ]"},
        Refused{"mariadb://[::1]x:1/x", "behind the host's ]"},
        Refused{"mariadb://h/x?", "an option has no value"},
        Refused{"mariadb://h/x?socket", "an option has no value"},
        Refused{"mariadb://h/x?socket=/s&", "an option has no value"},
        Refused{"mariadb://h/x?password=s3cret", "the options are socket=PATH and ssl_ca=FILE"}));

TEST(DatabaseUrl, HasNoNul) {
  EXPECT_FALSE(DatabaseUrl::Parse(std::string_view("sqlite:a\0b", 10)).ok());
  EXPECT_FALSE(DatabaseUrl::Parse(std::string_view("postgresql://h/x\0y", 18)).ok());
}

}  // namespace
}  // namespace sluice
