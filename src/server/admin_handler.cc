#include "server/admin_handler.h"

#include <string>

#include "sluice/base/check.h"

namespace sluice {

std::optional<Answer> AdminHandler::OnHead(const RequestHead& head, Exchange&) {
  const bool metrics = head.path == "/metrics";
  const bool ready = head.path == "/readyz";
  if (!metrics && !ready && head.path != "/healthz") return Answer::Refusal(Problem::kNotFound);
  if (head.method != Method::kGet && head.method != Method::kHead) {
    Answer answer = Answer::Refusal(Problem::kMethodNotAllowed);
    answer.allow = "GET, HEAD";
    return answer;
  }
  if (head.chunked || head.content_length.value_or(0) > 0) {
    return Answer::Refusal(Problem::kContentTooLarge);
  }
  if (metrics) return Answer::Text(200, MetricsPage::kContentType, page_.Render());
  if (ready && !readiness_.ready()) {
    Answer answer = Answer::Refusal(Problem::kNotReady);
    answer.retry_after_seconds = 1;
    return answer;
  }
  return Answer::Text(200, "text/plain; charset=utf-8", "ok\n");
}

std::optional<Answer> AdminHandler::OnRequest(Exchange&, std::string_view) {
  CheckFailed(__FILE__, __LINE__, "every admin request is answered at its head");
}

}  // namespace sluice
