#include "redis/node_question.h"

#include <optional>
#include <utility>

#include "sluice/redis/resp.h"

namespace sluice {

NodeQuestion::NodeQuestion(const RedisUrl& url)
    : is_cluster_(url.mode == RedisUrl::Mode::kCluster) {
  if (url.is_single()) return;
  // Sentinels have passwords of their own, or none: whether this one is theirs shows by what they
  // say next.
  if (!url.user.empty()) {
    AppendCommand({"AUTH", url.user, url.password}, bytes_);
  } else if (!url.password.empty()) {
    AppendCommand({"AUTH", url.password}, bytes_);
  }
  passed_over_ = url.password.empty() ? 0 : 1;
  if (is_cluster_) {
    AppendCommand({"CLUSTER", "SLOTS"}, bytes_);
  } else {
    AppendCommand({"SENTINEL", "MASTER", url.primary}, bytes_);
  }
}

Result<NodeMap> NodeQuestion::Read(const ReplyValue& answer, const Address& asked) const {
  auto map = is_cluster_ ? NodeMap::OfCluster(answer, asked) : NodeMap::OfPrimary(answer);
  if (map) return std::move(*map);
  return Error{is_cluster_ ? "no slot has a node" : "the answer names no primary"};
}

}  // namespace sluice
