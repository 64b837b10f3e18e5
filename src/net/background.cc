#include "sluice/net/background.h"

#include <utility>

#include "sluice/base/check.h"

namespace sluice {

Background::~Background() { SLUICE_CHECK(!busy()); }

void Background::Start(BackgroundJob& job) {
  SLUICE_CHECK(!busy());
  job_ = &job;
  request_.data = this;
  const int status = uv_queue_work(
      loop_.uv(), &request_,
      [](uv_work_t* request) { static_cast<Background*>(request->data)->job_->RunInBackground(); },
      [](uv_work_t* request, int) {
        std::exchange(static_cast<Background*>(request->data)->job_, nullptr)->OnDone();
      });
  SLUICE_CHECK(status == 0);
}

}  // namespace sluice
