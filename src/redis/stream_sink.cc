#include "sluice/redis/stream_sink.h"

#include "redis/guarded_request.h"

namespace sluice {

StreamSink::StreamSink(const StreamSinkOptions& options, const std::vector<StreamSpec>& streams,
                       Lane& lane)
    : lane_(lane), guarded_request_(std::make_unique<GuardedRequest>(options.dedupe_window_s)) {
  for (const StreamSpec& spec : streams) {
    encoders_.emplace_back(spec);
    guarded_streams_.emplace_back(spec);
  }
}

StreamSink::~StreamSink() = default;

void StreamSink::Begin(uint32_t stream, const RequestKey* key) {
  bytes_ = &lane_.Begin();
  const GuardedStream& guarded = guarded_streams_[stream];
  const bool plain = key == nullptr && !guarded.has_identity();
  encoder_ = plain ? &encoders_[stream] : nullptr;
  if (!plain) guarded_request_->Begin(guarded, key);
}

void StreamSink::Append(std::span<const std::string_view> values) {
  if (encoder_ != nullptr) {
    encoder_->Append(values, *bytes_);
  } else {
    guarded_request_->Append(values);
  }
}

size_t StreamSink::Finish() {
  if (encoder_ == nullptr) guarded_request_->Encode(*bytes_);
  return lane_.request_bytes();
}

void StreamSink::Commit(const Ticket& ticket) {
  constexpr uint32_t kGuardedCommands = 1;
  lane_.Commit(ticket, encoder_ != nullptr ? ticket.records : kGuardedCommands);
}

}  // namespace sluice
