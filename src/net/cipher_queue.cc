#include "net/cipher_queue.h"

#include <utility>

#include "sluice/base/limits.h"

namespace sluice {

bool CipherQueue::Send(std::string_view bytes, CipherWay way, ByteStream& below) {
  if (bytes.empty()) return true;
  if (in_flight_) {
    if (!behind_) behind_ = buffers_.Take();
    behind_->Append(bytes);
    return behind_->size() <= kTlsBehindBytesMax;
  }
  if (way == CipherWay::kTried) bytes.remove_prefix(below.TryWrite(bytes));
  if (bytes.empty()) return true;
  in_flight_ = buffers_.Take();
  in_flight_->Append(bytes);
  below.Write(in_flight_->view());
  return true;
}

bool CipherQueue::OnWritten(ByteStream& below) {
  buffers_.Give(std::move(in_flight_));
  if (!behind_) return true;
  in_flight_ = std::move(behind_);
  below.Write(in_flight_->view());
  return false;
}

}  // namespace sluice
