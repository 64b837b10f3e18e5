#include "redis/stream_writer.h"

#include "sluice/base/check.h"

namespace sluice {

StreamWriter::StreamWriter(const StreamSinkOptions& options, const std::vector<StreamSpec>& streams,
                           Lane& lane)
    : lane_(lane),
      request_bytes_max_(options.request_bytes_max),
      guarded_request_(options.dedupe_window_s) {
  for (const StreamSpec& spec : streams) {
    encoders_.emplace_back(spec);
    guarded_streams_.emplace_back(spec);
  }
}

void StreamWriter::Begin(uint32_t stream, const RequestKey* key) {
  bytes_ = &lane_.Begin();
  const GuardedStream& guarded = guarded_streams_[stream];
  const bool plain = key == nullptr && !guarded.has_identity();
  encoder_ = plain ? &encoders_[stream] : nullptr;
  if (!plain) guarded_request_.Begin(guarded, key);
}

void StreamWriter::Append(std::span<const std::string_view> values) {
  if (encoded_bytes() > request_bytes_max_) return;
  if (encoder_ != nullptr) {
    encoder_->Append(values, *bytes_);
  } else {
    guarded_request_.Append(values);
  }
}

Digest StreamWriter::Fingerprint() {
  return encoder_ == nullptr ? guarded_request_.Fingerprint() : Digest();
}

size_t StreamWriter::Finish(const Digest& fingerprint) {
  if (encoder_ == nullptr) guarded_request_.Encode(fingerprint, *bytes_);
  return lane_.request_bytes();
}

void StreamWriter::Commit(const Ticket& ticket) {
  SLUICE_CHECK(lane_.request_bytes() <= request_bytes_max_);
  constexpr uint32_t kGuardedCommands = 1;
  lane_.Commit(ticket, encoder_ != nullptr ? ticket.records : kGuardedCommands);
}

}  // namespace sluice
