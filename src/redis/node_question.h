// NodeQuestion: how those that a redis+cluster:// or redis+sentinel:// URL names are asked where
// the nodes are, and what their answer says. A plain value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/base/result.h"
#include "sluice/net/address.h"
#include "sluice/redis/node_map.h"
#include "sluice/redis/redis_url.h"
#include "sluice/redis/reply_value.h"

namespace sluice {

class NodeQuestion {
 public:
  // Of a single Redis's URL there is nothing to ask.
  explicit NodeQuestion(const RedisUrl& url);

  // As an Inquiry takes them.
  std::string_view bytes() const { return bytes_.view(); }
  uint32_t passed_over() const { return passed_over_; }
  // Of the answer of who is at `asked`.
  Result<NodeMap> Read(const ReplyValue& answer, const Address& asked) const;

 private:
  bool is_cluster_;
  Buffer bytes_;
  uint32_t passed_over_ = 0;
};

}  // namespace sluice
