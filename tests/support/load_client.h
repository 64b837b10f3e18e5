// Many keep-alive connections driven by one thread with poll(), each with a fixed number of
// requests on the way. Where the requests come from, and what their answers mean, is the source's
// business. Use one client (and one source) a thread.
//
// With Told::kReconnect it does what RFC 9112 section 9.6 lets it do behind an answer with
// `Connection: close`: it connects again and sends what has no answer yet once more, and only then.
// A connection that is refused, or ends in another way, throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "support/http_response.h"

namespace sluice {

class LoadSource {
 public:
  virtual ~LoadSource() = default;
  // Appends the next request's bytes to `*bytes` and names it; false when there is no more.
  virtual bool Next(std::string* bytes, uint64_t* id) = 0;
  // For how long Next is better not asked; 0 unless overridden.
  virtual int PauseMs() { return 0; }
  virtual void OnAnswer(uint64_t id, const HttpResponse& response) = 0;
  // The gate closed the connection that awaited this answer. Throws unless overridden.
  virtual void OnUnanswered(uint64_t id);
};

class LoadClient {
 public:
  enum class Told : uint8_t { kStop, kReconnect };

  LoadClient(uint16_t port, size_t connection_count, size_t pipeline_depth,
             Told told = Told::kStop);
  ~LoadClient();
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;

  // Until the source has no more, and every request is answered or its connection closed. Throws
  // when nothing comes for the wait's bound.
  void Run(LoadSource* source);

 private:
  struct Request {
    uint64_t id = 0;
    std::string bytes;  // to be sent again; empty unless told is kReconnect
  };
  struct Connection {
    int fd = -1;
    std::deque<Request> awaited;  // in the order sent
    std::string unsent;
    HttpResponseReader reader;
  };

  void CloseAll();
  std::string Waiting() const;  // who waits, for the reader of a failure
  void Fill(Connection* connection, LoadSource* source);
  static void Write(Connection* connection);
  void Read(Connection* connection, LoadSource* source);
  void Reconnect(Connection* connection);
  static void Close(Connection* connection, LoadSource* source);

  uint16_t port_;
  size_t pipeline_depth_;
  Told told_;
  bool dry_ = false;
  std::vector<Connection> connections_;
};

}  // namespace sluice
