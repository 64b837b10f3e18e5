// The bytes of a journal's segment. Little endian throughout; a file of the same shape holds what
// Redis refused.
//
//   file  := header frame...
//   header:= "SLUICEJ1" u32 version u32 ledger_bytes ledger u64 checksum-of-all-before
//   frame := u32 marker u32 payload_bytes u64 sequence u32 records u32 commands
//            u64 checksum-of-the-24-bytes-before-and-the-payload payload
//
// The payload is a batch's commands as RESP. The marker's bytes are no UTF-8, so records cannot
// hold it; should anything else in a payload look like it, the checksum decides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/base/limits.h"

namespace sluice {

inline constexpr std::string_view kSegmentMagic = "SLUICEJ1";
inline constexpr uint32_t kSegmentVersion = 1;
inline constexpr size_t kSegmentHeaderFixedBytes = 24;  // without the ledger
inline constexpr size_t kLedgerBytesMax = 1 * kKiB;
inline constexpr std::string_view kFrameMarker = "\xFFSJ\xFE";
inline constexpr size_t kFrameHeaderBytes = 32;
inline constexpr size_t kFramePayloadBytesMax = 512 * kMiB;

struct SegmentHeader {
  uint32_t version = 0;
  std::string_view ledger;
  size_t bytes = 0;  // of the header itself
};

struct FrameHeader {
  uint32_t payload_bytes = 0;
  uint64_t sequence = 0;
  uint32_t records = 0;
  uint32_t commands = 0;

  uint64_t frame_bytes() const { return kFrameHeaderBytes + payload_bytes; }
};

std::string EncodeSegmentHeader(std::string_view ledger);
// Of a file that begins with `bytes`; nothing when they hold no header that checks out.
std::optional<SegmentHeader> ParseSegmentHeader(std::string_view bytes);
constexpr size_t kSegmentHeaderBytesMax = kSegmentHeaderFixedBytes + kLedgerBytesMax;

// `payload_bytes` is taken from the payload.
void AppendFrame(const FrameHeader& header, std::string_view payload, Buffer& out);
// What the first kFrameHeaderBytes of `bytes` claim; nothing without the marker or out of bounds.
std::optional<FrameHeader> ParseFrameHeader(std::string_view bytes);
// Whether `frame`, header and payload and no more, is what was written.
bool FrameChecksOut(std::string_view frame);

}  // namespace sluice
