#include "redis/packed_encoder.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice {
namespace {

using Values = std::vector<std::string_view>;

TEST(PackedEncoder, ARequestIsOneXaddOfOneField) {
  PackedEncoder encoder({.stream = "vitals",
                         .fields = {"id", "rate"},
                         .packed = {JsonForm::kQuoted, JsonForm::kBare}});
  Buffer out;
  out.Append("before");
  for (int request = 0; request < 2; ++request) {
    encoder.Begin(out);
    encoder.Append(Values{"dev-1", "61"}, out);
    encoder.Append(Values{"dev-2", {}}, out);
    encoder.End(out);
  }
  const std::string command =
      "*5\r\n$4\r\nXADD\r\n$6\r\nvitals\r\n$1\r\n*\r\n$7\r\nrecords\r\n"
      "$40\r\n{\"id\":\"dev-1\",\"rate\":61}\n{\"id\":\"dev-2\"}\n\r\n";
  EXPECT_EQ(out.view(), "before" + command + command);
}

TEST(PackedEncoder, ATrimmedStreamSaysSo) {
  PackedEncoder encoder(
      {.stream = "s", .fields = {"n"}, .maxlen = 500, .packed = {JsonForm::kBare}});
  Buffer out;
  encoder.Begin(out);
  encoder.Append(Values{"1"}, out);
  encoder.End(out);
  EXPECT_EQ(out.view(),
            "*8\r\n$4\r\nXADD\r\n$1\r\ns\r\n$6\r\nMAXLEN\r\n$1\r\n~\r\n$3\r\n500\r\n$1\r\n*\r\n"
            "$7\r\nrecords\r\n$8\r\n{\"n\":1}\n\r\n");
}

}  // namespace
}  // namespace sluice
