// LayoutRule shows that each rule fails where it should; LayoutTree holds this tree to them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <vector>

#include "layout/layout_rules.h"

namespace sluice::layout {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(LayoutRule, AnIncludePointsDownOrStays) {
  EXPECT_THAT(CheckIncludes("src/net/loop.cc", "#include \"sluice/base/clock.h\"\n"), IsEmpty());
  EXPECT_THAT(CheckIncludes("src/net/loop.cc", "#include \"net/handle.h\"\n"), IsEmpty());
  EXPECT_THAT(CheckIncludes("include/sluice/net/loop.h", "#include \"sluice/gateway/route.h\"\n"),
              ElementsAre(HasSubstr("not a lower layer")));
  EXPECT_THAT(CheckIncludes("src/base/log.cc", "#include \"sluice/net/loop.h\"\n"),
              ElementsAre(HasSubstr("not a lower layer")));
  EXPECT_THAT(CheckIncludes("src/net/loop.cc", "#include \"gateway/session.h\"\n"),
              ElementsAre(HasSubstr("not a lower layer")));
  EXPECT_THAT(CheckIncludes("src/util/x.cc", ""), ElementsAre(HasSubstr("in no layer")));
}

TEST(LayoutRule, PeersDoNotIncludeEachOther) {
  for (const char* header : {"redis/link.h", "metrics/exposition.h"}) {
    EXPECT_THAT(
        CheckIncludes("src/gateway/route.cc", "#include \"sluice/" + std::string(header) + "\"\n"),
        ElementsAre(HasSubstr("not a lower layer")));
  }
  EXPECT_THAT(CheckIncludes("src/redis/lane.cc", "#include \"sluice/record/record_sink.h\"\n"),
              IsEmpty());
  EXPECT_THAT(CheckIncludes("src/redis/lane.cc", "#include \"sluice/record/schema.h\"\n"),
              ElementsAre(HasSubstr("not a lower layer")));
  EXPECT_THAT(CheckIncludes("src/main.cc", "#include \"sluice/gateway/route.h\"\n"),
              ElementsAre(HasSubstr("not a lower layer")));
}

TEST(LayoutRule, AHeaderBesideItsSourceIsItsFoldersOwn) {
  EXPECT_THAT(CheckIncludes("src/server/worker.cc", "#include \"redis/lane.h\"\n"),
              ElementsAre(HasSubstr("private header")));
  EXPECT_THAT(CheckIncludes("src/main.cc", "#include \"server/server.h\"\n"), IsEmpty());
  EXPECT_THAT(CheckIncludes("src/server/worker.cc", "#include \"../redis/lane.h\"\n"),
              ElementsAre(HasSubstr("no such folder")));
}

TEST(LayoutRule, ALibraryBelongsToOneFolder) {
  EXPECT_THAT(CheckIncludes("src/net/loop.cc", "#include <uv.h>\n#include <map>\n"), IsEmpty());
  EXPECT_THAT(CheckIncludes("src/redis/link.cc", "#include <uv.h>\n"),
              ElementsAre(HasSubstr("belongs to net only")));
  EXPECT_THAT(CheckIncludes("src/net/a.cc", "#include <openssl/ssl.h>\n"), IsEmpty());
  EXPECT_THAT(CheckIncludes("src/hash/a.cc", "#include <openssl/ssl.h>\n"),
              ElementsAre(HasSubstr("belongs to net only")));
  EXPECT_THAT(CheckIncludes("src/net/a.cc", "#include <openssl/sha.h>\n"),
              ElementsAre(HasSubstr("belongs to hash only")));
  EXPECT_THAT(CheckIncludes("src/gateway/a.cc", "#include \"hiredis/read.h\"\n"),
              ElementsAre(HasSubstr("belongs to redis only")));
  EXPECT_THAT(CheckIncludes("src/base/a.cc", "#include <bzlib.h>\n#include <sys/stat.h>\n"),
              ElementsAre(HasSubstr("unknown library")));
  EXPECT_THAT(CheckNames("src/redis/link.cc", "  my_uv_t x;\n  f();  // uv_close\n"), IsEmpty());
  EXPECT_THAT(CheckNames("src/redis/link.cc", "  uv_close(h);\n"),
              ElementsAre(HasSubstr("belongs to net only")));
}

TEST(LayoutRule, AFileHasItsShape) {
  EXPECT_THAT(CheckShape("src/net/a.h", "// A.\n#pragma once\n"), IsEmpty());
  EXPECT_THAT(CheckShape("src/net/a.h", "#pragma once\n"),
              ElementsAre(HasSubstr("no contract"), HasSubstr("no #pragma once")));
  EXPECT_THAT(CheckShape("src/net/a.cc", std::string(300, '\n')), IsEmpty());
  for (const char* path : {"src/net/a.cc", "perf/a.py"}) {
    EXPECT_THAT(CheckShape(path, std::string(301, '\n')), ElementsAre(HasSubstr("300")));
  }
}

TEST(LayoutRule, ASourceIsBuiltAndHasItsHeaderAndPlace) {
  const std::string commands = R"([{"directory": "/b", "file": "/top/tests/unit/net/a_test.cc"}])";
  EXPECT_THAT(CheckBuilt({"tests/unit/net/a_test.cc"}, "/top", commands), IsEmpty());
  EXPECT_THAT(CheckBuilt({"tests/unit/net/b_test.cc"}, "/top", commands),
              ElementsAre(HasSubstr("no target builds it")));
  EXPECT_THAT(CheckMirror({"src/net/a.cc", "include/sluice/net/a.h", "tests/unit/net/a_test.cc"}),
              IsEmpty());
  EXPECT_THAT(CheckMirror({"src/net/a.cc", "src/http/a.h", "tests/unit/net/b_test.cc"}),
              ElementsAre(HasSubstr("src/net/a.cc"), HasSubstr("tests/unit/net/b_test.cc")));
  EXPECT_THAT(CheckTopLevel({".git", "src", "Makefile", "build"}), IsEmpty());
  EXPECT_THAT(CheckTopLevel({"src", "scripts"}), ElementsAre(HasSubstr("scripts")));
}

class LayoutTree : public testing::Test {
 protected:
  static std::string Read(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  static std::string ReadOurs(const std::string& path) { return Read(fs::path(kTop) / path); }
  // Our C++ files under these folders, or others by their endings.
  static Paths Files(std::initializer_list<const char*> folders,
                     const std::vector<std::string>& endings = {".h", ".cc"}) {
    Paths paths;
    for (const char* folder : folders) {
      for (const auto& entry : fs::recursive_directory_iterator(fs::path(kTop) / folder)) {
        if (std::count(endings.begin(), endings.end(), entry.path().extension()) == 0) continue;
        paths.insert(entry.path().lexically_relative(kTop).generic_string());
      }
    }
    EXPECT_FALSE(paths.empty());
    return paths;
  }

  static constexpr const char* kTop = SLUICE_SOURCE_DIR;
};

TEST_F(LayoutTree, IncludesPointDown) {
  for (const std::string& path : Files({"include", "src"})) {
    EXPECT_THAT(CheckIncludes(path, ReadOurs(path)), IsEmpty());
    EXPECT_THAT(CheckNames(path, ReadOurs(path)), IsEmpty());
  }
}

TEST_F(LayoutTree, FilesHaveTheirShape) {
  for (const std::string& path : Files({"include", "src", "tests", "perf"})) {
    EXPECT_THAT(CheckShape(path, ReadOurs(path)), IsEmpty());
  }
  const std::vector<std::string> scripts = {".py", ".sh", ".lua", ".go", ".js"};
  for (const std::string& path : Files({"deploy", "perf", "tests"}, scripts)) {
    EXPECT_THAT(CheckShape(path, ReadOurs(path)), IsEmpty());
  }
}

TEST_F(LayoutTree, EverySourceIsBuiltAndInItsPlace) {
  const std::string commands = Read(fs::path(SLUICE_BINARY_DIR) / "compile_commands.json");
  EXPECT_THAT(CheckBuilt(Files({"src", "tests", "perf"}), kTop, commands), IsEmpty());
  EXPECT_THAT(CheckMirror(Files({"include", "src", "tests"})), IsEmpty());
  Paths names;
  for (const auto& entry : fs::directory_iterator(kTop)) names.insert(entry.path().filename());
  EXPECT_THAT(CheckTopLevel(names), IsEmpty());
}

}  // namespace
}  // namespace sluice::layout
