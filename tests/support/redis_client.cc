#include "support/redis_client.h"

#include <hiredis/hiredis.h>

#include <stdexcept>

#include "support/wait.h"

namespace sluice {
namespace {

constexpr const char* kPageEntries = "10000";

RedisReply FromHiredis(const redisReply& from) {
  RedisReply reply;
  switch (from.type) {
    case REDIS_REPLY_STATUS:
      reply.kind = RedisReply::Kind::kStatus;
      break;
    case REDIS_REPLY_ERROR:
      reply.kind = RedisReply::Kind::kError;
      break;
    case REDIS_REPLY_STRING:
      reply.kind = RedisReply::Kind::kString;
      break;
    case REDIS_REPLY_INTEGER:
      reply.kind = RedisReply::Kind::kInteger;
      reply.integer = from.integer;
      return reply;
    case REDIS_REPLY_ARRAY:
      reply.kind = RedisReply::Kind::kArray;
      for (size_t i = 0; i < from.elements; ++i) {
        reply.elements.push_back(FromHiredis(*from.element[i]));
      }
      return reply;
    default:
      return reply;
  }
  reply.text.assign(from.str, static_cast<size_t>(from.len));
  return reply;
}

}  // namespace

void RedisClient::Closer::operator()(redisContext* context) const { redisFree(context); }

RedisClient::RedisClient(const std::string& socket_path) {
  const timeval bound{kWaitBound.count(), 0};
  context_.reset(redisConnectUnixWithTimeout(socket_path.c_str(), bound));
  if (!context_ || context_->err != 0) {
    throw std::runtime_error("cannot connect to Redis at " + socket_path);
  }
  redisSetTimeout(context_.get(), bound);
}

RedisClient::~RedisClient() = default;

RedisReply RedisClient::Command(const std::vector<std::string>& words) {
  std::vector<const char*> argv;
  std::vector<size_t> sizes;
  for (const std::string& word : words) {
    argv.push_back(word.data());
    sizes.push_back(word.size());
  }
  void* raw =
      redisCommandArgv(context_.get(), static_cast<int>(argv.size()), argv.data(), sizes.data());
  if (raw == nullptr) throw std::runtime_error("Redis gone at " + words[0]);
  const std::unique_ptr<void, void (*)(void*)> owner(raw, freeReplyObject);
  return FromHiredis(*static_cast<redisReply*>(raw));
}

RedisReply RedisClient::Do(const std::vector<std::string>& words) {
  RedisReply reply = Command(words);
  if (reply.kind == RedisReply::Kind::kError) {
    throw std::runtime_error(words[0] + ": " + reply.text);
  }
  return reply;
}

std::vector<StreamEntry> RedisClient::ReadStream(const std::string& stream) {
  std::vector<StreamEntry> entries;
  std::string from = "-";
  for (;;) {
    const RedisReply page = Do({"XRANGE", stream, from, "+", "COUNT", kPageEntries});
    if (page.elements.empty()) return entries;
    for (const RedisReply& raw : page.elements) {
      StreamEntry& entry = entries.emplace_back();
      entry.id = raw.elements.at(0).text;
      const std::vector<RedisReply>& flat = raw.elements.at(1).elements;
      for (size_t i = 0; i + 1 < flat.size(); i += 2) {
        entry.fields.emplace_back(flat[i].text, flat[i + 1].text);
      }
    }
    from = "(" + entries.back().id;
  }
}

int64_t RedisClient::Length(const std::string& stream) { return Do({"XLEN", stream}).integer; }

}  // namespace sluice
