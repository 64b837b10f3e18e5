#include "sluice/redis/hash_slot.h"

namespace sluice {
namespace {

// CRC-16/XMODEM, bit by bit: a handful of keys are hashed when the program starts.
uint16_t Crc16(std::string_view bytes) {
  constexpr uint32_t kPolynomial = 0x1021;
  uint32_t crc = 0;
  for (const char byte : bytes) {
    crc ^= static_cast<uint32_t>(static_cast<uint8_t>(byte)) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = crc << 1 ^ ((crc & 0x8000) != 0 ? kPolynomial : 0);
  }
  return static_cast<uint16_t>(crc);
}

}  // namespace

std::string_view HashTag(std::string_view key) {
  const size_t open = key.find('{');
  if (open == std::string_view::npos) return key;
  const size_t close = key.find('}', open);
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

uint16_t HashSlot(std::string_view key) {
  return static_cast<uint16_t>(Crc16(HashTag(key)) % kHashSlots);
}

}  // namespace sluice
