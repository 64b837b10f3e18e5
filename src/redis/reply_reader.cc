#include "sluice/redis/reply_reader.h"

#include <hiredis/hiredis.h>

#include <utility>

#include "redis/error_text.h"
#include "redis/plain_reply.h"
#include "sluice/base/check.h"

namespace sluice {

// Every function returns kSeen: hiredis wants an object, and there is none.
struct ReplyFunctions {
  static void* Seen() {
    static char seen;
    return &seen;
  }
  static ReplyReader& Owner(const redisReadTask* task) {
    return *static_cast<ReplyReader*>(task->privdata);
  }
  static void* String(const redisReadTask* task, char* text, size_t length) {
    Owner(task).NoteText(*task, {text, length});
    return Seen();
  }
  static void* Array(const redisReadTask* task, int elements) {
    if (task->parent != nullptr) return Seen();
    Reply& reply = Owner(task).reply_;
    reply.kind = Reply::Kind::kArray;
    reply.elements = static_cast<size_t>(elements);
    reply.errors.clear();
    reply.integers.clear();
    return Seen();
  }
  static void* Integer(const redisReadTask* task, long long integer) {
    Reply& reply = Owner(task).reply_;
    if (task->parent == nullptr) {
      reply.kind = Reply::Kind::kInteger;
      reply.integer = integer;
    } else if (task->parent->parent == nullptr && integer > 0) {
      reply.integers.push_back({static_cast<size_t>(task->idx), integer});
    }
    return Seen();
  }
  static void* Nil(const redisReadTask* task) {
    if (task->parent == nullptr) Owner(task).reply_.kind = Reply::Kind::kNil;
    return Seen();
  }
  static void Free(void*) {}

  static redisReplyObjectFunctions* Table() {
    static redisReplyObjectFunctions table = {String, Array, Integer, Nil, Free};
    return &table;
  }
};

ReplyReader::ReplyReader() : reader_(redisReaderCreateWithFunctions(ReplyFunctions::Table())) {
  SLUICE_CHECK(reader_ != nullptr);
  reader_->privdata = this;
  reader_->maxbuf = 0;  // keep the buffer between reads instead of allocating it anew
}

ReplyReader::~ReplyReader() { redisReaderFree(reader_); }

void ReplyReader::NoteText(const redisReadTask& task, std::string_view text) {
  if (task.type == REDIS_REPLY_ERROR) text = WithoutArguments(text);
  text = text.substr(0, Reply::kTextBytesMax);
  if (task.parent == nullptr) {
    reply_.kind = task.type == REDIS_REPLY_STATUS  ? Reply::Kind::kStatus
                  : task.type == REDIS_REPLY_ERROR ? Reply::Kind::kError
                                                   : Reply::Kind::kText;
    reply_.text.assign(text);
  } else if (task.type == REDIS_REPLY_ERROR && task.parent->parent == nullptr) {
    reply_.errors.push_back({static_cast<size_t>(task.idx), std::string(text)});
  }
}

void ReplyReader::Feed(std::string_view bytes) {
  SLUICE_CHECK(fed_.empty());
  if (!failed_) fed_ = bytes;
}

const Reply* ReplyReader::Next() {
  if (failed_) return nullptr;
  const bool between = reader_->ridx == -1 && reader_->pos == reader_->len;
  if (between) {
    if (fed_.empty()) return nullptr;
    const size_t taken = ReadPlainReply(fed_, reply_);
    fed_.remove_prefix(taken);
    if (taken > 0) return &reply_;
  }
  if (!fed_.empty()) {
    const std::string_view bytes = std::exchange(fed_, {});
    failed_ = redisReaderFeed(reader_, bytes.data(), bytes.size()) != REDIS_OK;
  }
  return NextOfReader();
}

const Reply* ReplyReader::NextOfReader() {
  if (failed_) return nullptr;
  void* whole = nullptr;
  reply_.times = 1;
  if (redisReaderGetReply(reader_, &whole) != REDIS_OK) {
    failed_ = true;
    return nullptr;
  }
  return whole != nullptr ? &reply_ : nullptr;
}

}  // namespace sluice
