// What the gate's answers must look like (README "Answers", RFC 9457), as predicates for
// EXPECT_TRUE: a failure says what differs and shows the whole answer.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "support/http_response.h"

namespace sluice {

// One of a 400's errors.
struct AnsweredError {
  size_t index = 0;
  std::string pointer;
  std::string code;
  std::string detail;
};

// 200, or 202 where the route acknowledges from memory, and exactly {"success":true,"accepted":N}.
testing::AssertionResult IsAccepted(const HttpResponse& response, size_t records, int status = 200);

// A problem+json of that status: type, title, status, detail, success:false.
testing::AssertionResult IsProblem(const HttpResponse& response, int status);

// A 503 with a Retry-After of at least 1 and that outcome: "not_stored" or "unknown".
testing::AssertionResult IsUnavailable(const HttpResponse& response, std::string_view outcome);

// A Date of RFC 9110 section 5.6.7's preferred form, which every answer carries.
testing::AssertionResult HasDate(const HttpResponse& response);

bool ClosesConnection(const HttpResponse& response);

// The errors of a 400; throws when they are not of the promised shape.
std::vector<AnsweredError> AnsweredErrors(const HttpResponse& response);

// The answer's member of that name as text; empty without it.
std::string BodyText(const HttpResponse& response, std::string_view name);

}  // namespace sluice
