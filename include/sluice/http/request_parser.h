// RequestParser: one connection's bytes as requests (RFC 9112), on llhttp in its strict mode.
//
// Feed takes whatever was read, cut anywhere; the callbacks and the verdict are the same for any
// cut. It stops early when the handler asks it to (Pause) or when a request is not acceptable: then
// `problem()` says why and the connection cannot go on. Bounds: the request line
// (kRequestLineBytesMax), the head in bytes and fields, and what a chunked body has beside its data
// (ChunkLines: as much as a head). A body's bound is the handler's business. Trailers, chunk
// extensions and Upgrade are read past. Allocates only for heads cut by a read.
//
// A request that lies whole in a read and whose head is known (KnownHeads) does not go through
// llhttp: only heads that cannot change what follows are learnt (one Content-Length, keep-alive).
#pragma once

#include <llhttp.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "sluice/base/limits.h"
#include "sluice/base/pool.h"
#include "sluice/http/chunk_lines.h"
#include "sluice/http/gathered_head.h"
#include "sluice/http/known_heads.h"
#include "sluice/http/problem.h"
#include "sluice/http/request.h"

namespace sluice {

class RequestEvents {
 public:
  virtual ~RequestEvents() = default;
  virtual void OnRequestStart() = 0;  // the first byte of a request
  virtual void OnHead(const RequestHead& head) = 0;
  virtual void OnBody(std::string_view bytes) = 0;
  virtual void OnRequestEnd() = 0;
};

struct ParserLimits {
  size_t head_bytes_max;
  uint32_t header_count_max;
};

// What the parsers of one worker share. All of them have the same limits.
struct ParserRoom {
  KnownHeads known;
  Pool<GatheredHead> heads{kSpareHeadsMax};
};

class RequestParser {
 public:
  // All outlive the parser.
  RequestParser(const ParserLimits& limits, ParserRoom& room, RequestEvents& events);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Returns how many bytes were taken: all of them, unless paused or failed.
  size_t Feed(std::string_view bytes);

  // From OnRequestEnd: Feed returns behind this request. The next Feed goes on.
  void Pause() { pause_ = true; }

  bool failed() const { return problem_.has_value(); }
  Problem problem() const { return *problem_; }

 private:
  static const llhttp_settings_t& Settings();

  size_t TakeKnown(std::string_view bytes);
  size_t Parse(std::string_view bytes);
  void KeepPart();

  int OnMethod(const char* at);
  int OnUrl(std::string_view piece);
  int OnFieldEnd();
  int OnValue(std::string_view piece);
  int OnValueEnd();
  int OnHeadersComplete();
  void EndHead(const char* at);
  int FinishHead();
  int OnBody(std::string_view piece);
  int OnMessageComplete();
  void EndChunks(const char* read_start, const char* at);
  int FinishRequest();
  int Refuse(Problem problem);
  void Classify(llhttp_errno_t error, const char* at);
  size_t PartBytesAt(const char* at) const {
    return part_bytes_ + static_cast<size_t>(at - part_start_);
  }
  bool MayBeKnown() const;

  const ParserLimits& limits_;
  ParserRoom& room_;
  RequestEvents& events_;
  llhttp_t parser_;
  std::unique_ptr<GatheredHead> gathered_;  // from a request's first byte to its body
  KnownHeads::Hint hint_ = 0;
  bool between_ = true;     // llhttp is at the start of a request
  bool keep_alive_ = true;  // the running request's word
  bool learns_ = false;     // its head is worth knowing, once it is clear where it ended
  bool in_head_ = false;
  bool check_head_ = false;  // stopped behind the head to learn where it ended
  bool in_chunks_ = false;   // behind the head of a chunked request and not behind its end
  bool pause_ = false;
  char last_byte_ = 0;  // of the read before, while in_chunks_
  std::optional<Problem> problem_;
  ChunkLines chunk_lines_;
  // The running part: a head, or in chunks what stands between their data.
  size_t part_bytes_ = 0;             // from earlier reads
  const char* part_start_ = nullptr;  // where it starts in this read
  const char* read_end_ = nullptr;
};

}  // namespace sluice
