#include "sluice/journal/frame.h"

#include <cstring>

#include "sluice/base/check.h"
#include "sluice/hash/checksum.h"

namespace sluice {
namespace {

constexpr size_t kChecksumAt = 24;  // in a frame

template <typename T>
void Put(T value, Buffer& out) {
  char* at = out.Prepare(sizeof value);
  for (size_t i = 0; i < sizeof value; ++i) at[i] = static_cast<char>(value >> (8 * i));
  out.Advance(sizeof value);
}

template <typename T>
T Get(std::string_view bytes, size_t at) {
  T value = 0;
  for (size_t i = 0; i < sizeof value; ++i) {
    value |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[at + i])) << (8 * i));
  }
  return value;
}

}  // namespace

std::string EncodeSegmentHeader(std::string_view ledger) {
  SLUICE_CHECK(ledger.size() <= kLedgerBytesMax);
  Buffer out;
  out.Append(kSegmentMagic);
  Put(kSegmentVersion, out);
  Put(static_cast<uint32_t>(ledger.size()), out);
  out.Append(ledger);
  Put(Checksum({out.view()}), out);
  return std::string(out.view());
}

std::optional<SegmentHeader> ParseSegmentHeader(std::string_view bytes) {
  constexpr size_t kLedgerAt = 16;
  if (bytes.size() < kSegmentHeaderFixedBytes || !bytes.starts_with(kSegmentMagic)) return {};
  const auto ledger_bytes = Get<uint32_t>(bytes, 12);
  if (ledger_bytes > kLedgerBytesMax) return {};
  if (bytes.size() < kSegmentHeaderFixedBytes + ledger_bytes) return {};
  const size_t checksum_at = kLedgerAt + ledger_bytes;
  if (Get<uint64_t>(bytes, checksum_at) != Checksum({bytes.substr(0, checksum_at)})) return {};
  return SegmentHeader{.version = Get<uint32_t>(bytes, 8),
                       .ledger = bytes.substr(kLedgerAt, ledger_bytes),
                       .bytes = kSegmentHeaderFixedBytes + ledger_bytes};
}

void AppendFrame(const FrameHeader& header, std::string_view payload, Buffer& out) {
  SLUICE_CHECK(payload.size() <= kFramePayloadBytesMax);
  const size_t begin = out.size();
  out.Append(kFrameMarker);
  Put(static_cast<uint32_t>(payload.size()), out);
  Put(header.sequence, out);
  Put(header.records, out);
  Put(header.commands, out);
  Put(Checksum({out.view().substr(begin), payload}), out);
  out.Append(payload);
}

std::optional<FrameHeader> ParseFrameHeader(std::string_view bytes) {
  if (bytes.size() < kFrameHeaderBytes || !bytes.starts_with(kFrameMarker)) return {};
  const FrameHeader header{.payload_bytes = Get<uint32_t>(bytes, 4),
                           .sequence = Get<uint64_t>(bytes, 8),
                           .records = Get<uint32_t>(bytes, 16),
                           .commands = Get<uint32_t>(bytes, 20)};
  if (header.payload_bytes > kFramePayloadBytesMax) return {};
  return header;
}

bool FrameChecksOut(std::string_view frame) {
  return Get<uint64_t>(frame, kChecksumAt) ==
         Checksum({frame.substr(0, kChecksumAt), frame.substr(kFrameHeaderBytes)});
}

}  // namespace sluice
