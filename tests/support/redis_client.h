// A blocking connection to Redis for a test's questions; thin over hiredis. A reply is a value. An
// error that Redis answers is a reply too; a lost connection, or no answer within the bound,
// throws.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

struct redisContext;

namespace sluice {

struct RedisReply {
  enum class Kind : uint8_t { kNil, kStatus, kError, kInteger, kString, kArray };
  Kind kind = Kind::kNil;
  std::string text;  // of a status, an error or a string
  int64_t integer = 0;
  std::vector<RedisReply> elements;
};

// An entry as it stands in a stream: its fields in order.
struct StreamEntry {
  std::string id;
  std::vector<std::pair<std::string, std::string>> fields;
};

class RedisClient {
 public:
  explicit RedisClient(const std::string& socket_path);
  ~RedisClient();
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  RedisReply Command(const std::vector<std::string>& words);
  // Command for which any error is the test's failure: throws it.
  RedisReply Do(const std::vector<std::string>& words);

  // All entries, oldest first.
  std::vector<StreamEntry> ReadStream(const std::string& stream);
  int64_t Length(const std::string& stream);

 private:
  struct Closer {
    void operator()(redisContext* context) const;
  };
  std::unique_ptr<redisContext, Closer> context_;
};

}  // namespace sluice
