#include "sluice/redis/reply_value.h"

#include <hiredis/hiredis.h>

#include <utility>

#include "redis/error_text.h"
#include "sluice/base/check.h"

namespace sluice {
namespace {

// hiredis's objects are our values, each where its parent holds it: an array is made with all its
// elements before any of them is read, so they stay where they are.
ReplyValue& PlaceOf(const redisReadTask* task) {
  if (task->parent == nullptr) return *static_cast<ReplyValue*>(task->privdata);
  return static_cast<ReplyValue*>(task->parent->obj)->elements[static_cast<size_t>(task->idx)];
}

ReplyValue* Put(const redisReadTask* task, ReplyValue::Kind kind) {
  ReplyValue& value = PlaceOf(task);
  value.kind = kind;
  return &value;
}

void* PutText(const redisReadTask* task, char* text, size_t length) {
  ReplyValue* value = Put(task, task->type == REDIS_REPLY_ERROR    ? ReplyValue::Kind::kError
                                : task->type == REDIS_REPLY_STATUS ? ReplyValue::Kind::kStatus
                                                                   : ReplyValue::Kind::kText);
  const std::string_view whole(text, length);
  value->text = value->is_error() ? WithoutArguments(whole) : whole;
  return value;
}

void* PutArray(const redisReadTask* task, int count) {
  ReplyValue* value = Put(task, ReplyValue::Kind::kArray);
  value->elements.resize(static_cast<size_t>(count));
  return value;
}

void* PutInteger(const redisReadTask* task, long long integer) {
  ReplyValue* value = Put(task, ReplyValue::Kind::kInteger);
  value->integer = integer;
  return value;
}

void* PutNil(const redisReadTask* task) { return Put(task, ReplyValue::Kind::kNil); }

void FreeNothing(void*) {}  // the root is ours

redisReplyObjectFunctions* Functions() {
  static redisReplyObjectFunctions functions = {PutText, PutArray, PutInteger, PutNil, FreeNothing};
  return &functions;
}

}  // namespace

const ReplyValue* ReplyValue::Find(std::string_view name) const {
  for (size_t i = 0; i + 1 < elements.size(); i += 2) {
    if (elements[i].text == name) return &elements[i + 1];
  }
  return nullptr;
}

ValueReader::ValueReader()
    : reader_(redisReaderCreateWithFunctions(Functions())), root_(std::make_unique<ReplyValue>()) {
  SLUICE_CHECK(reader_ != nullptr);
  reader_->privdata = root_.get();
}

ValueReader::~ValueReader() { redisReaderFree(reader_); }

void ValueReader::Feed(std::string_view bytes) {
  if (redisReaderFeed(reader_, bytes.data(), bytes.size()) != REDIS_OK) failed_ = true;
}

bool ValueReader::Next(ReplyValue& value) {
  if (failed_) return false;
  void* whole = nullptr;
  failed_ = redisReaderGetReply(reader_, &whole) != REDIS_OK;
  if (failed_ || whole == nullptr) return false;
  value = std::exchange(*root_, ReplyValue());
  return true;
}

}  // namespace sluice
