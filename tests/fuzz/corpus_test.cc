// The fuzzers' corpora as tests: what was found once stays mended, with every compiler.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.h"

namespace sluice {

static void PrintTo(const FuzzTarget* target, std::ostream* out) { *out << target->noun(); }

namespace {

namespace fs = std::filesystem;

const fs::path kCorpora = fs::path(SLUICE_SOURCE_DIR) / "tests/fuzz/corpus";

std::vector<fs::path> FilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

class FuzzCorpusTest : public testing::TestWithParam<const FuzzTarget*> {};

TEST_P(FuzzCorpusTest, HoldsWhatTheTargetSays) {
  const std::vector<fs::path> files = FilesIn(kCorpora / GetParam()->noun());
  EXPECT_FALSE(files.empty());
  for (const fs::path& path : files) {
    SCOPED_TRACE(path);
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    GetParam()->Run(bytes);
  }
}

INSTANTIATE_TEST_SUITE_P(, FuzzCorpusTest, testing::ValuesIn(FuzzTarget::All()),
                         [](const auto& instance) { return std::string(instance.param->noun()); });

TEST(FuzzCorporaTest, AreEachATargets) {
  std::set<std::string> targets;
  for (const FuzzTarget* target : FuzzTarget::All()) targets.emplace(target->noun());
  std::set<std::string> corpora;
  for (const fs::path& path : FilesIn(kCorpora)) corpora.insert(path.filename());
  EXPECT_EQ(corpora, targets);
}

}  // namespace
}  // namespace sluice
