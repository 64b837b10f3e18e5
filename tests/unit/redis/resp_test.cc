#include "sluice/redis/resp.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/limits.h"

namespace sluice {
namespace {

constexpr std::string_view kAbsent;

std::string Entry(const StreamSpec& spec, const std::vector<std::string_view>& values) {
  Buffer out;
  EntryEncoder(spec).Append(values, out);
  return std::string(out.view());
}

TEST(Resp, ACommandIsAnArrayOfBulkStrings) {
  Buffer out;
  AppendCommand({"SET", "key", "a b"}, out);
  EXPECT_EQ(out.view(), "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$3\r\na b\r\n");
}

TEST(Resp, ABulkStringMayBeEmptyAndHoldAnyByte) {
  Buffer out;
  AppendBulk("", out);
  EXPECT_EQ(out.view(), "$0\r\n\r\n");
  out.Clear();
  const std::string any("\r\n\0\xff$*", 6);
  AppendBulk(any, out);
  EXPECT_EQ(out.view(), "$6\r\n" + any + "\r\n");
}

TEST(Resp, ANumberIsItsDigits) {
  Buffer out;
  AppendArrayHeader(12, out);
  AppendBulk(uint64_t{0}, out);
  AppendBulk(UINT64_MAX, out);
  EXPECT_EQ(out.view(), "*12\r\n$1\r\n0\r\n$20\r\n18446744073709551615\r\n");
}

TEST(Resp, CommandsFollowEachOtherInTheBuffer) {
  Buffer out;
  out.Append("before");
  AppendCommand({"MULTI"}, out);
  AppendCommand({"EXEC"}, out);
  EXPECT_EQ(out.view(), "before*1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n");
}

TEST(GrowingBulk, ItsLengthIsThatOfTheBytesWhateverItsWidthWasBefore) {
  GrowingBulk bulk;
  Buffer out;
  std::string expected;
  // Each width behind each other: the bytes stay, move up or move down.
  for (const size_t size : {0u, 9u, 10u, 5u, 1'234u, 99u, 100u, 100'000u, 100'001u, 0u, 7u}) {
    const std::string bytes(size, static_cast<char>('a' + size % 26));
    bulk.Begin(out);
    out.Append(bytes.substr(0, size / 3));
    out.Append(bytes.substr(size / 3));
    bulk.End(out);
    Buffer usual;
    AppendBulk(bytes, usual);
    expected += usual.view();
    ASSERT_EQ(out.view(), expected) << size;
  }
}

TEST(GrowingBulk, OneThatIsCutOffLeavesNoTrace) {
  GrowingBulk bulk;
  Buffer out;
  out.Append("before");
  bulk.Begin(out);
  out.Append("half of it");
  out.Truncate(6);
  bulk.Begin(out);
  out.Append("x");
  bulk.End(out);
  EXPECT_EQ(out.view(), "before$1\r\nx\r\n");
}

TEST(EntryEncoder, ARecordIsOneXaddWithItsFieldsInOrder) {
  EXPECT_EQ(Entry({.stream = "vitals", .fields = {"device_id", "timestamp"}}, {"dev-1", "17"}),
            "*7\r\n$4\r\nXADD\r\n$6\r\nvitals\r\n$1\r\n*\r\n"
            "$9\r\ndevice_id\r\n$5\r\ndev-1\r\n$9\r\ntimestamp\r\n$2\r\n17\r\n");
}

TEST(EntryEncoder, AnAbsentValueIsLeftOutWithItsNameButAnEmptyOneIsKept) {
  const StreamSpec spec{.stream = "s", .fields = {"a", "b", "c"}};
  EXPECT_EQ(
      Entry(spec, {"1", kAbsent, ""}),
      "*7\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nc\r\n$0\r\n\r\n");
  EXPECT_EQ(Entry(spec, {kAbsent, "2", kAbsent}),
            "*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n$1\r\nb\r\n$1\r\n2\r\n");
}

TEST(EntryEncoder, ATrimmedStreamSaysSoInEachCommand) {
  EXPECT_EQ(Entry({.stream = "s", .fields = {"a"}, .maxlen = 100'000}, {"1"}),
            "*8\r\n$4\r\nXADD\r\n$1\r\ns\r\n$6\r\nMAXLEN\r\n$1\r\n~\r\n$6\r\n100000\r\n$1\r\n*\r\n"
            "$1\r\na\r\n$1\r\n1\r\n");
}

// Names and values are copied in pieces that depend on how long they are.
TEST(EntryEncoder, NamesAndValuesOfAnyLengthStayWhole) {
  std::string letters;
  for (size_t i = 0; i < 130; ++i) letters += static_cast<char>('a' + i % 26);
  const auto bulk = [](const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  };
  for (size_t name_bytes = 1; name_bytes <= kFieldNameBytesMax; ++name_bytes) {
    const std::string name = letters.substr(0, name_bytes);
    for (size_t bytes = 0; bytes <= letters.size(); ++bytes) {
      const std::string value = letters.substr(letters.size() - bytes);
      EXPECT_EQ(Entry({.stream = "s", .fields = {name}}, {value}),
                "*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n" + bulk(name) + bulk(value));
    }
  }
}

TEST(EntryEncoder, LengthsHaveAsManyDigitsAsTheyNeed) {
  std::vector<std::string> fields;
  std::vector<std::string_view> values;
  const std::string value(12'345, 'v');
  for (int i = 0; i < 12; ++i) {
    fields.push_back("field_" + std::to_string(i));
    values.push_back(value);
  }
  const std::string entry = Entry({.stream = "s", .fields = fields}, values);
  EXPECT_TRUE(entry.starts_with("*27\r\n$4\r\nXADD\r\n")) << entry.substr(0, 20);
  EXPECT_TRUE(entry.ends_with("$8\r\nfield_11\r\n$12345\r\n" + value + "\r\n"));
}

}  // namespace
}  // namespace sluice
