#include "redis/guarded_request.h"

#include "sluice/base/check.h"
#include "sluice/base/limits.h"
#include "sluice/redis/guard_name.h"

namespace sluice {
namespace {

// KEYS: the stream, the request's guard if it has one, each record's if they have. ARGV: window in
// seconds, the stream's MAXLEN or 0, the request's fingerprint or nothing, how many records; then
// of each entry how many words, and the words. A guard is set behind what it guards, so that
// whatever fails leaves no guard of what is not stored; should Redis take the record and refuse the
// guard (a user without SET), the error says so, since "not stored" would be untrue.
constexpr std::string_view kScript =
    R"(local window, maxlen, print, count = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local keyed = print ~= ''
if keyed then
  local seen = redis.call('GET', KEYS[2])
  if seen == print then return count end
  if seen then return redis.error_reply('SLUICEKEYREUSED the key was used with other records') end
end
local function set(guard, value)
  local err = redis.pcall('SET', guard, value, 'EX', window).err
  return err and redis.error_reply('SLUICEUNGUARDED stored, but without a guard: ' .. err)
end
local guards = keyed and 2 or 1
local repeated, at = 0, 5
while at <= #ARGV do
  local last = at + ARGV[at]
  guards = guards + 1
  local guard = KEYS[guards]
  if guard and redis.call('EXISTS', guard) == 1 then
    repeated = repeated + 1
  else
    if maxlen == '0' then
      redis.call('XADD', KEYS[1], '*', unpack(ARGV, at + 1, last))
    else
      redis.call('XADD', KEYS[1], 'MAXLEN', '~', maxlen, '*', unpack(ARGV, at + 1, last))
    end
    local failed = guard and set(guard, 1)
    if failed then return failed end
  end
  at = last + 1
end
return keyed and set(KEYS[2], print) or repeated)";
static_assert(kScript.find(kKeyReusedError) != std::string_view::npos);
static_assert(kScript.find(kUnguardedError) != std::string_view::npos);

constexpr size_t kWordsBeforeKeys = 3;      // EVAL, script, how many keys
constexpr size_t kWordsBeforeRecords = 4;   // window, maxlen, fingerprint, how many records
constexpr size_t kKeptBytesMax = 2 * kMiB;  // of each buffer, from one request to the next

std::string_view View(const HexDigest& hex) { return {hex.data(), hex.size()}; }

}  // namespace

GuardedStream::GuardedStream(const StreamSpec& spec)
    : fields_(spec.fields),
      lines_(spec.packed.empty() ? std::nullopt : std::optional<LineEncoder>(spec)),
      identity_(spec.identity),
      identity_name_(spec.stream),
      stream_(spec.stream),
      maxlen_(std::to_string(spec.maxlen)) {
  const std::string prefix = GuardPrefix(spec.stream);
  guard_begin_ =
      "$" + std::to_string(prefix.size() + std::tuple_size_v<HexDigest>) + "\r\n" + prefix;
  for (const size_t field : identity_) identity_name_ += " " + spec.fields[field];
}

std::string_view GuardedRequest::script() { return kScript; }

void GuardedRequest::Begin(const GuardedStream& stream, const RequestKey* key) {
  SLUICE_CHECK(key != nullptr || stream.has_identity());
  stream_ = &stream;
  keyed_ = key != nullptr;
  for (Buffer* buffer : {&guards_, &records_}) {
    if (buffer->capacity() > kKeptBytesMax) *buffer = Buffer();
  }
  guards_.Clear();
  guard_count_ = 0;
  records_.Clear();
  record_words_ = 0;
  record_count_ = 0;
  if (keyed_) AppendGuard(*key);
  if (!stream_->packed()) return;
  record_words_ = 2;
  AppendBulk(record_words_++, records_);  // its own word too
  AppendBulk(kPackedField, records_);
  lines_.Begin(records_);
}

void GuardedRequest::AppendGuard(const Digest& digest) {
  const HexDigest hex = Hex(digest);
  guards_.Append(stream_->guard_begin_);
  guards_.Append(View(hex));
  guards_.Append("\r\n");
  ++guard_count_;
}

void GuardedRequest::Append(std::span<const std::string_view> values) {
  ++record_count_;
  if (stream_->packed()) return stream_->lines_->Append(values, records_);
  const EntryFields& fields = stream_->fields_;
  const EntryFields::Extent extent = fields.Measure(values);
  AppendBulk(extent.words, records_);
  char* const begin = records_.Prepare(extent.bytes_max);
  records_.Advance(static_cast<size_t>(fields.Put(values, begin) - begin));
  record_words_ += 1 + extent.words;
  if (!stream_->has_identity()) return;
  // Begins unlike a RequestKey's: neither can be made to look like the other.
  digester_.Add("record").Add(stream_->identity_name_);
  for (const size_t field : stream_->identity_) digester_.Add(values[field]);
  AppendGuard(digester_.Finish());
}

Digest GuardedRequest::Fingerprint() {
  if (stream_->packed()) lines_.End(records_);
  return keyed_ ? digester_.Add(records_.view()).Finish() : Digest();
}

void GuardedRequest::Encode(const Digest& fingerprint, Buffer& out) {
  const HexDigest hex = Hex(fingerprint);
  const size_t keys = 1 + guard_count_;
  AppendArrayHeader(kWordsBeforeKeys + keys + kWordsBeforeRecords + record_words_, out);
  AppendBulk("EVAL", out);
  AppendBulk(kScript, out);
  AppendBulk(keys, out);
  AppendBulk(stream_->stream_, out);
  out.Append(guards_.view());
  AppendBulk(window_, out);
  AppendBulk(stream_->maxlen_, out);
  AppendBulk(keyed_ ? View(hex) : "", out);
  AppendBulk(record_count_, out);
  out.Append(records_.view());
}

}  // namespace sluice
