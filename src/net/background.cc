#include "sluice/net/background.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "sluice/base/check.h"

namespace sluice {
namespace {

constexpr size_t kPoolThreadsMin = 4;  // libuv's own

}  // namespace

void Background::SizePool(size_t job_count) {
  // libuv lets name lookups, which take seconds where a name server is away, have half of them.
  const size_t threads = std::max(2 * job_count, kPoolThreadsMin);
  ::setenv("UV_THREADPOOL_SIZE", std::to_string(threads).c_str(), 0);
}

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
