#include "redis/stream_writer.h"

#include "sluice/base/check.h"

namespace sluice {

StreamWriter::Stream::Stream(const StreamSpec& spec) : entries(spec), guarded(spec) {
  if (!spec.packed.empty()) packed.emplace(spec);
}

StreamWriter::StreamWriter(const StreamSinkOptions& options, const std::vector<StreamSpec>& streams,
                           Lane& lane)
    : lane_(lane),
      request_bytes_max_(options.request_bytes_max),
      streams_(streams.begin(), streams.end()),
      guarded_request_(options.dedupe_window_s) {}

void StreamWriter::Begin(uint32_t stream, const RequestKey* key) {
  bytes_ = &lane_.Begin();
  entries_ = nullptr;
  packed_ = nullptr;
  Stream& to = streams_[stream];
  if (key != nullptr || to.guarded.has_identity()) {
    guarded_request_.Begin(to.guarded, key);
  } else if (to.packed) {
    packed_ = &*to.packed;
    packed_->Begin(*bytes_);
  } else {
    entries_ = &to.entries;
  }
}

void StreamWriter::Append(std::span<const std::string_view> values) {
  if (encoded_bytes() > request_bytes_max_) return;
  if (entries_ != nullptr) {
    entries_->Append(values, *bytes_);
  } else if (packed_ != nullptr) {
    packed_->Append(values, *bytes_);
  } else {
    guarded_request_.Append(values);
  }
}

Digest StreamWriter::Fingerprint() { return guarded() ? guarded_request_.Fingerprint() : Digest(); }

size_t StreamWriter::Finish(const Digest& fingerprint) {
  if (packed_ != nullptr) {
    packed_->End(*bytes_);
  } else if (guarded()) {
    guarded_request_.Encode(fingerprint, *bytes_);
  }
  return lane_.request_bytes();
}

void StreamWriter::Commit(const Ticket& ticket) {
  SLUICE_CHECK(lane_.request_bytes() <= request_bytes_max_);
  lane_.Commit(ticket, entries_ != nullptr ? ticket.records : 1);
}

}  // namespace sluice
