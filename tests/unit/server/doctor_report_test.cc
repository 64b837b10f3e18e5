#include "server/doctor_report.h"

#include <gtest/gtest.h>

#include <sstream>

#include "support/json.h"

namespace sluice {
namespace {

const Findings kFindings = {
    {Verdict::kOk, "redis", "answers", "", "127.0.0.1:6379"},
    {Verdict::kWarning, "redis memory", "80%", "trim", "127.0.0.1:6379"},
    {Verdict::kSkipped, "tokens", "there are \"none\""},
    {Verdict::kProblem, "journal.dir", "cannot be made", "make it"},
    {Verdict::kProblem, "open files", "few", "raise it"},
};

std::string Printed(void (*print)(const Findings&, std::ostream&), const Findings& findings) {
  std::ostringstream out;
  print(findings, out);
  return out.str();
}

TEST(DoctorReportTest, IsALineAFindingInColumnsAndTheirSum) {
  EXPECT_EQ(Printed(PrintReport, kFindings),
            "ok       redis         answers\n"
            "warning  redis memory  80%\n"
            "                       -> trim\n"
            "skipped  tokens        there are \"none\"\n"
            "problem  journal.dir   cannot be made\n"
            "                       -> make it\n"
            "problem  open files    few\n"
            "                       -> raise it\n"
            "sluice doctor: 2 problems, 1 warning, 1 ok, 1 skipped\n");
}

TEST(DoctorReportTest, AsJsonSaysTheSame) {
  const Json report = Json::Parse(Printed(PrintJsonReport, kFindings));
  const auto& findings = report.Find("findings")->elements();
  ASSERT_EQ(findings.size(), kFindings.size());
  for (size_t i = 0; i < findings.size(); ++i) {
    EXPECT_EQ(findings[i].Text("check"), kFindings[i].check);
    EXPECT_EQ(findings[i].Text("status"), NameOf(kFindings[i].verdict));
    EXPECT_EQ(findings[i].Text("found"), kFindings[i].found);
    EXPECT_EQ(findings[i].Text("remedy"), kFindings[i].remedy);
    EXPECT_EQ(findings[i].Text("node"), kFindings[i].node);
    EXPECT_EQ(findings[i].Find("remedy") == nullptr, kFindings[i].remedy.empty());
  }
  const Json& sum = *report.Find("sum");
  EXPECT_EQ(sum.Text("problem") + sum.Text("warning") + sum.Text("ok") + sum.Text("skipped"),
            "2111");
}

TEST(DoctorReportTest, AProblemIsOneAndNothingElseIs) {
  EXPECT_TRUE(HasProblem(kFindings));
  EXPECT_FALSE(HasProblem({kFindings[0], kFindings[1], kFindings[2]}));
}

}  // namespace
}  // namespace sluice
