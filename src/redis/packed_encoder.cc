#include "redis/packed_encoder.h"

namespace sluice {

PackedEncoder::PackedEncoder(const StreamSpec& spec) : lines_(spec) {
  const EntryCommand command(spec);
  Buffer bytes;
  AppendArrayHeader(command.words + 2, bytes);
  bytes.Append(command.bytes);
  AppendBulk(kPackedField, bytes);
  command_ = bytes.view();
}

void PackedEncoder::Begin(Buffer& out) {
  out.Append(command_);
  records_.Begin(out);
}

}  // namespace sluice
