// MetricsPage: a program's metrics in Prometheus' text format (version 0.0.4), as its admin port
// serves them. Render may be called from any thread while others count.
#pragma once

#include <string>

namespace sluice {

class MetricsPage {
 public:
  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

  virtual ~MetricsPage() = default;
  virtual std::string Render() const = 0;
};

}  // namespace sluice
