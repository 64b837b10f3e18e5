// StreamSink: the RecordSink that writes Redis Streams: records become XADDs in a lane's open
// batch. One per worker; its lane outlives it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sluice/record/record_sink.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/resp.h"

namespace sluice {

class StreamSink final : public RecordSink {
 public:
  StreamSink(const std::vector<StreamSpec>& streams, Lane& lane) : lane_(lane) {
    for (const StreamSpec& spec : streams) encoders_.emplace_back(spec);
  }

  void Begin(uint32_t stream, const RequestKey*) override {
    encoder_ = &encoders_[stream];
    bytes_ = &lane_.Begin();
  }
  void Append(std::span<const std::string_view> values) override {
    encoder_->Append(values, *bytes_);
  }
  void Commit(const Ticket& ticket) override { lane_.Commit(ticket, ticket.records); }
  void Rollback() override { lane_.Rollback(); }
  size_t Finish() override { return lane_.request_bytes(); }
  size_t unsettled_bytes() const override { return lane_.unsettled_bytes(); }

 private:
  Lane& lane_;
  std::vector<EntryEncoder> encoders_;
  const EntryEncoder* encoder_ = nullptr;
  Buffer* bytes_ = nullptr;
};

}  // namespace sluice
