// Session: the HTTP view of one connection. Bytes go through the parser; each request gets a slot
// in the answer queue, its body (in place, or gathered when a read cut it) goes to the handler, and
// finished answers at the queue's head are written together, once a turn.
//
// Full is an answer: with pipeline_max answers owed it stops reading until one is written. What it
// had read by then waits, if the memory budget has room; else the connection ends behind the
// answers owed. Its life only moves forward:
//
//   kOpen ------> kLastAnswers -----------> kLingering -----------> kClosed
//   takes requests  takes no more; owed       all written; reads     the stream is closing
//                   answers are written       past what still comes
//
// Belongs to its SessionTable and the loop's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "sluice/base/buffer.h"
#include "sluice/base/slot_table.h"
#include "sluice/gateway/answer_queue.h"
#include "sluice/gateway/peer.h"
#include "sluice/gateway/request_body.h"
#include "sluice/gateway/request_handler.h"
#include "sluice/gateway/unread_bytes.h"
#include "sluice/http/request_parser.h"
#include "sluice/net/byte_stream.h"

namespace sluice {

class SessionTable;

class Session final : public StreamHandler, public RequestEvents {
 public:
  // `address` is the client's in the address table, or null.
  Session(SessionTable& table, SlotHandle handle, std::unique_ptr<ByteStream> stream,
          ClientAddress* address);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  SlotHandle handle() const { return handle_; }
  Peer& peer() { return peer_; }

  // An answer for a slot of OnHead's. The slot is not finished yet.
  void Finish(uint32_t answer_number, Answer answer);
  // Writes what is finished; goes on reading if there is room again.
  void Flush();
  // Says `problem` as the last answer. For faults of the connection rather than of a request.
  void Refuse(Problem problem);
  // No new request but one in hand: closes if nothing is owed, else behind the last answer.
  void Drain();
  // Nor one in hand whose body is not whole.
  void TakeNoMore();
  void Close();
  void Sweep(uint64_t now_ns);

  bool dirty = false;  // in the table's list of sessions to flush
  bool shed = false;   // over a maximum of connections, and counted apart

  size_t owed_count() const { return answers_.size(); }

 private:
  enum class Life : uint8_t { kOpen, kLastAnswers, kLingering, kClosed };
  enum class Phase : uint8_t { kBetween, kHead, kBody };

  // From the stream.
  void OnRead(std::string_view bytes) override;
  void OnEnd() override;
  void OnWritten() override;
  void OnClosed(std::string_view reason) override;
  // From the parser.
  void OnRequestStart() override;
  void OnHead(const RequestHead& head) override;
  void OnBody(std::string_view bytes) override;
  void OnRequestEnd() override;

  size_t Parse(std::string_view bytes);
  void KeepBody();
  void Resume();
  void EnterPhase(Phase phase);
  void AnswerCurrent(Answer answer);
  void EndBody() {
    taking_body_ = false;
    body_.Clear();
  }
  void FormatAnswers(Buffer& out);
  void WriteOut(Buffer& out);
  void MaybeLinger();
  // A request has begun and is not handed over yet.
  bool in_hand() const { return phase_ != Phase::kBetween || !unread_.empty(); }

  SessionTable& table_;
  const SlotHandle handle_;
  std::unique_ptr<ByteStream> stream_;
  Peer peer_;
  RequestParser parser_;
  AnswerQueue answers_;
  Life life_ = Life::kOpen;
  Phase phase_ = Phase::kBetween;
  bool read_stopped_ = false;  // as many answers are owed as may be
  bool taking_body_ = false;   // the current request is not answered yet
  bool last_request_ = false;  // the client, or a drain, wants no other behind the current one
  bool grows_ = false;         // nobody announced how long its body is
  const uint64_t ages_at_ns_;  // from then on an answer behind which nothing is owed is its last
  uint64_t since_ns_;          // when phase_ or life_ changed
  uint64_t stuck_ns_ = 0;      // when the write of unsent_ began
  Exchange exchange_;          // of the current request
  size_t body_bytes_ = 0;
  RequestBody body_;
  UnreadBytes unread_;              // while read_stopped_
  std::unique_ptr<Buffer> unsent_;  // what the socket has not taken
};

}  // namespace sluice
