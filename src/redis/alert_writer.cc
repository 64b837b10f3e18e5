#include "redis/alert_writer.h"

#include <algorithm>
#include <charconv>

namespace sluice {
namespace {

constexpr std::array<std::string_view, 3> kOwnNames = {"rule", "route", "received_ms"};

// What a stream's alerts look like. They are of one rule and route if they are the same.
StreamSpec AlertsOf(const StreamSpec& records, const AlertStreamSpec& to) {
  StreamSpec alerts{
      .stream = to.stream, .fields = {kOwnNames.begin(), kOwnNames.end()}, .maxlen = to.maxlen};
  alerts.fields.insert(alerts.fields.end(), records.fields.begin(), records.fields.end());
  if (records.identity.empty()) return alerts;
  alerts.identity = {0, 1};
  for (const size_t place : records.identity) alerts.identity.push_back(kOwnNames.size() + place);
  return alerts;
}

std::vector<StreamSpec> AlertsOfAll(const std::vector<StreamSpec>& streams,
                                    const AlertStreamSpec& to) {
  std::vector<StreamSpec> alerts;
  for (const StreamSpec& records : streams) alerts.push_back(AlertsOf(records, to));
  return alerts;
}

}  // namespace

AlertWriter::AlertWriter(const StreamSinkOptions& options, const std::vector<StreamSpec>& streams,
                         const AlertWay& way)
    : writer_(options, AlertsOfAll(streams, way.stream), way.lane),
      clock_(way.clock),
      streams_(streams) {
  static_assert(kOwnNames.size() == kOwnFields);
}

void AlertWriter::Begin(uint32_t stream, const RequestKey* key) {
  stream_ = stream;
  key_ = key;
  count_ = 0;
}

void AlertWriter::Append(uint32_t rule, std::span<const std::string_view> values) {
  const StreamSpec& records = streams_[stream_];
  if (count_++ == 0) {
    read_ns_ = clock_.exact_ns();
    char* const begin = received_ms_.data();
    const auto end = std::to_chars(begin, begin + received_ms_.size(), clock_.exact_wall_ms()).ptr;
    received_ms_size_ = static_cast<size_t>(end - begin);
    writer_.Begin(stream_, key_);
  }
  values_[0] = records.alert_rules[rule];
  values_[1] = records.route;
  values_[2] = {received_ms_.data(), received_ms_size_};
  std::copy(values.begin(), values.end(), values_.begin() + kOwnFields);
  writer_.Append({values_.data(), kOwnFields + values.size()});
}

size_t AlertWriter::Finish(const Digest& fingerprint) {
  return count_ == 0 ? 0 : writer_.Finish(fingerprint);
}

void AlertWriter::Commit(Ticket ticket) {
  if (count_ == 0) return;
  ticket.records = count_;
  writer_.Commit(ticket);
}

void AlertWriter::Rollback() {
  if (count_ > 0) writer_.Rollback();
}

}  // namespace sluice
