#include "sluice/redis/stream_sink.h"

#include "redis/alert_writer.h"
#include "redis/stream_writer.h"
#include "sluice/base/check.h"

namespace sluice {

StreamSink::StreamSink(const StreamSinkOptions& options, const std::vector<StreamSpec>& streams,
                       Lane& lane, const AlertWay* alerts)
    : records_(std::make_unique<StreamWriter>(options, streams, lane)) {
  if (alerts != nullptr) alerts_ = std::make_unique<AlertWriter>(options, streams, *alerts);
}

StreamSink::~StreamSink() = default;

void StreamSink::Begin(uint32_t stream, const RequestKey* key) {
  records_->Begin(stream, key);
  if (alerts_) alerts_->Begin(stream, key);
}

void StreamSink::Append(std::span<const std::string_view> values) { records_->Append(values); }

void StreamSink::AppendAlert(uint32_t rule, std::span<const std::string_view> values) {
  SLUICE_CHECK(alerts_ != nullptr);
  alerts_->Append(rule, values);
}

size_t StreamSink::Finish() {
  const Digest fingerprint = records_->Fingerprint();
  const size_t bytes = records_->Finish(fingerprint);
  return alerts_ ? bytes + alerts_->Finish(fingerprint) : bytes;
}

void StreamSink::Commit(const Ticket& ticket) {
  records_->Commit(alerts_ ? alerts_->Commit(ticket) : ticket);
}

void StreamSink::Rollback() {
  records_->Rollback();
  if (alerts_) alerts_->Rollback();
}

void StreamSink::SendAlerts() {
  if (alerts_) alerts_->Send();
}

size_t StreamSink::unsettled_bytes() const {
  const size_t bytes = records_->lane().unsettled_bytes();
  return alerts_ ? bytes + alerts_->unsettled_bytes() : bytes;
}

}  // namespace sluice
