#include "support/redis_sentinels.h"

#include <functional>
#include <stdexcept>
#include <utility>

#include "support/redis_client.h"
#include "support/wait.h"

namespace sluice {
namespace {

constexpr size_t kSentinels = 3;

void Await(const std::function<bool()>& condition, const std::string& what) {
  const auto came = WaitFor(condition, what);
  if (!came) throw std::runtime_error(came.message());
}

// What a question to a sentinel is answered; nothing while it is not up.
RedisReply AskSentinel(const std::string& socket, const std::vector<std::string>& words) {
  try {
    return RedisClient(socket).Command(words);
  } catch (const std::runtime_error&) {
    return {};
  }
}

}  // namespace

void RedisSentinels::Start(const RedisServer& primary) {
  for (size_t i = 0; i < kSentinels; ++i) {
    auto sentinel = std::make_unique<Sentinel>();
    const std::string file = sentinel->dir.Write(
        "sentinel.conf", "port " + std::to_string(sentinel->port.port()) +
                             "\nbind 127.0.0.1\nunixsocket " + sentinel->socket() + "\ndir " +
                             sentinel->dir.path() + "\nsentinel monitor main 127.0.0.1 " +
                             std::to_string(primary.port()) +
                             " 2\nsentinel down-after-milliseconds main 2000\n"
                             "sentinel failover-timeout main 3000\n");
    Process::Command command;
    command.args = {"redis-server", file, "--sentinel"};
    sentinel->process = std::make_unique<Process>(command);
    sentinels_.push_back(std::move(sentinel));
  }
  Await(
      [this] {
        for (const auto& sentinel : sentinels_) {
          const RedisReply state = AskSentinel(sentinel->socket(), {"INFO", "sentinel"});
          if (state.text.find("status=ok") == state.text.npos ||
              state.text.find("slaves=1,sentinels=3") == state.text.npos) {
            return false;
          }
        }
        return true;
      },
      "the sentinels to know each other and the replica");
}

std::string RedisSentinels::url() const {
  std::string url = "redis+sentinel://";
  for (const auto& sentinel : sentinels_) {
    url +=
        (url.ends_with('/') ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(sentinel->port.port());
  }
  return url + "/main";
}

std::string RedisSentinels::Primary() {
  const RedisReply place =
      AskSentinel(sentinels_.front()->socket(), {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"});
  if (place.elements.size() != 2) return "";
  return place.elements[0].text + ":" + place.elements[1].text;
}

void RedisSentinels::WaitPrimary(const std::string& address) {
  Await([&] { return Primary() == address; }, "the sentinels to make " + address + " the primary");
}

void RedisSentinels::FailOver() {
  RedisClient(sentinels_.front()->socket()).Do({"SENTINEL", "FAILOVER", "main"});
}

}  // namespace sluice
