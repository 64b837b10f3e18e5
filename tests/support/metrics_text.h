// A scrape in Prometheus's text format: its samples by name and labels. Comments are skipped; a
// line that is no sample throws.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class MetricsText {
 public:
  using Labels = std::map<std::string, std::string>;

  explicit MetricsText(std::string_view text);

  // The sum over the samples of that name that carry at least these labels; 0 without any.
  double Sum(std::string_view name, const Labels& labels = {}) const;
  bool Has(std::string_view name) const;

 private:
  struct Sample {
    std::string name;
    Labels labels;
    double value = 0;
  };
  std::vector<Sample> samples_;
};

}  // namespace sluice
