#include "support/answer.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <stdexcept>

#include "support/json.h"

namespace sluice {
namespace {

testing::AssertionResult Differs(const std::string& what, const HttpResponse& response) {
  return testing::AssertionFailure() << what << ", in the answer:\n" << response.raw;
}

// A whole number of at least 1.
bool IsWholeSeconds(const std::string& text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && text.front() != '0' && std::all_of(text.begin(), text.end(), is_digit);
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
  if (retry_after == nullptr || !IsWholeSeconds(*retry_after)) {
    return Differs("no Retry-After of at least 1", response);
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult HasDate(const HttpResponse& response) {
  constexpr const char* kForm = "%a, %d %b %Y %H:%M:%S GMT";
  const std::string* date = response.Header("Date");
  std::tm parts{};
  std::array<char, 64> same{};
  if (date == nullptr || strptime(date->c_str(), kForm, &parts) == nullptr) {
    return Differs("no Date", response);
  }
  timegm(&parts);  // sets the weekday right
  std::strftime(same.data(), same.size(), kForm, &parts);
  return *date == same.data() ? testing::AssertionSuccess() : Differs("a bad Date", response);
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
