// AdminHandler: the admin port's three pages, through the same sessions as the data port:
//   GET /metrics  Prometheus text    GET /healthz  200 while alive    GET /readyz  200 or 503
// Takes no bodies. Runs on the main loop.
#pragma once

#include <optional>
#include <string_view>

#include "sluice/gateway/request_handler.h"
#include "sluice/metrics/metrics_page.h"

namespace sluice {

class Readiness {
 public:
  virtual ~Readiness() = default;
  virtual bool ready() const = 0;
};

class AdminHandler final : public RequestHandler {
 public:
  AdminHandler(const MetricsPage& page, const Readiness& readiness)
      : page_(page), readiness_(readiness) {}

  std::optional<Answer> OnHead(const RequestHead& head, Exchange& exchange) override;
  std::optional<Answer> OnBodyGrown(Exchange&, size_t) override { return std::nullopt; }
  std::optional<Answer> OnBodyWaits(Exchange&) override { return std::nullopt; }
  std::optional<Answer> OnRequest(Exchange&, std::string_view) override;
  void OnAbandoned(Exchange&) override {}
  void OnReadEnd() override {}
  bool HoldUnread(size_t) override { return true; }  // the admin port's connections are few
  void ReleaseUnread(size_t) override {}
  void OnAnswered(uint32_t, uint16_t, uint64_t) override {}

 private:
  const MetricsPage& page_;
  const Readiness& readiness_;
};

}  // namespace sluice
