#include "redis/stream_writer.h"

namespace sluice {

StreamWriter::StreamWriter(uint64_t dedupe_window_s, const std::vector<StreamSpec>& streams,
                           Lane& lane)
    : lane_(lane), guarded_request_(dedupe_window_s) {
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
  constexpr uint32_t kGuardedCommands = 1;
  lane_.Commit(ticket, encoder_ != nullptr ? ticket.records : kGuardedCommands);
}

}  // namespace sluice
