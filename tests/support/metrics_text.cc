#include "support/metrics_text.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace sluice {
namespace {

// `name="value",...` up to the closing brace; the gate's values hold no escapes.
MetricsText::Labels ReadLabels(std::string_view text) {
  MetricsText::Labels labels;
  while (!text.empty()) {
    const size_t quote = text.find("=\"");
    const size_t end = quote == text.npos ? text.npos : text.find('"', quote + 2);
    if (end == text.npos) throw std::runtime_error("bad labels: " + std::string(text));
    labels[std::string(text.substr(0, quote))] = text.substr(quote + 2, end - quote - 2);
    text.remove_prefix(std::min(text.size(), end + 2));  // and the comma behind it
  }
  return labels;
}

}  // namespace

MetricsText::MetricsText(std::string_view text) {
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    const size_t space = line.rfind(' ');
    if (space == line.npos) throw std::runtime_error("no sample: " + line);
    Sample& sample = samples_.emplace_back();
    sample.value = std::stod(line.substr(space + 1));
    const std::string series = line.substr(0, space);
    const size_t brace = series.find('{');
    sample.name = series.substr(0, brace);
    if (brace == series.npos) continue;
    if (series.back() != '}') throw std::runtime_error("no sample: " + line);
    sample.labels =
        ReadLabels(std::string_view(series).substr(brace + 1, series.size() - brace - 2));
  }
}

double MetricsText::Sum(std::string_view name, const Labels& labels) const {
  double sum = 0;
  for (const Sample& sample : samples_) {
    const bool matches =
        sample.name == name && std::all_of(labels.begin(), labels.end(), [&](const auto& label) {
          const auto found = sample.labels.find(label.first);
          return found != sample.labels.end() && found->second == label.second;
        });
    if (matches) sum += sample.value;
  }
  return sum;
}

bool MetricsText::Has(std::string_view name) const {
  return std::any_of(samples_.begin(), samples_.end(),
                     [&](const Sample& sample) { return sample.name == name; });
}

}  // namespace sluice
