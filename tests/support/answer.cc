#include "support/answer.h"

#include <regex>
#include <stdexcept>

#include "support/json.h"

namespace sluice {
namespace {

testing::AssertionResult Differs(const std::string& what, const HttpResponse& response) {
  return testing::AssertionFailure() << what << ", in the answer:\n" << response.raw;
}

// Empty when all is as promised.
std::string ProblemFault(const HttpResponse& response, const Json& body) {
  if (!response.Says("Content-Type", "application/problem+json")) return "no problem+json";
  for (const char* name : {"type", "title", "detail"}) {
    const Json* member = body.Find(name);
    if (member == nullptr || !member->IsString() || member->text().empty()) {
      return std::string("no text in ") + name;
    }
  }
  if (body.Text("status") != std::to_string(response.status)) return "another status in the body";
  const Json* success = body.Find("success");
  if (success == nullptr || !success->IsFalse()) return "no success:false";
  return "";
}

}  // namespace

testing::AssertionResult IsAccepted(const HttpResponse& response, size_t records, int status) {
  const std::string body = R"({"success":true,"accepted":)" + std::to_string(records) + "}";
  if (response.status != status) return Differs("not " + std::to_string(status), response);
  if (response.body != body) return Differs("the body is not " + body, response);
  if (!response.Says("Content-Type", "application/json")) {
    return Differs("not application/json", response);
  }
  return HasDate(response);
}

testing::AssertionResult IsProblem(const HttpResponse& response, int status) {
  if (response.status != status) return Differs("not " + std::to_string(status), response);
  try {
    const std::string fault = ProblemFault(response, Json::Parse(response.body));
    if (!fault.empty()) return Differs(fault, response);
  } catch (const std::runtime_error& error) {
    return Differs(error.what(), response);
  }
  return HasDate(response);
}

testing::AssertionResult IsUnavailable(const HttpResponse& response, std::string_view outcome) {
  const testing::AssertionResult problem = IsProblem(response, 503);
  if (!problem) return problem;
  if (BodyText(response, "outcome") != outcome) {
    return Differs("the outcome is not " + std::string(outcome), response);
  }
  const std::string* retry_after = response.Header("Retry-After");
  if (retry_after == nullptr || !std::regex_match(*retry_after, std::regex("[1-9][0-9]{0,3}"))) {
    return Differs("no Retry-After of at least 1", response);
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult HasDate(const HttpResponse& response) {
  static const std::regex form(
      "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] "
      "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
      "[0-9]{4} [0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT");
  const std::string* date = response.Header("Date");
  if (date == nullptr || !std::regex_match(*date, form)) return Differs("no good Date", response);
  return testing::AssertionSuccess();
}

bool ClosesConnection(const HttpResponse& response) { return response.Says("Connection", "close"); }

std::vector<AnsweredError> AnsweredErrors(const HttpResponse& response) {
  const Json body = Json::Parse(response.body);
  const Json* errors = body.Find("errors");
  if (errors == nullptr || errors->kind() != Json::Kind::kArray) {
    throw std::runtime_error("no errors in the answer:\n" + response.raw);
  }
  std::vector<AnsweredError> result;
  for (const Json& error : errors->elements()) {
    const Json* index = error.Find("index");
    const Json* pointer = error.Find("pointer");
    if (index == nullptr || index->kind() != Json::Kind::kNumber || pointer == nullptr ||
        !pointer->IsString() || error.Text("code").empty() || error.Text("detail").empty()) {
      throw std::runtime_error("an error of another shape in the answer:\n" + response.raw);
    }
    result.push_back(
        {std::stoul(index->text()), pointer->text(), error.Text("code"), error.Text("detail")});
  }
  return result;
}

std::string BodyText(const HttpResponse& response, std::string_view name) {
  return Json::Parse(response.body).Text(name);
}

}  // namespace sluice
