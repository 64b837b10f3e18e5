// Many keep-alive connections driven by one thread with poll(), each with a fixed number of
// requests on the way. Where the requests come from, and what their answers mean, is the source's
// business. Use one client (and one source) a thread.
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
  LoadClient(uint16_t port, size_t connection_count, size_t pipeline_depth);
  ~LoadClient();
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;

  // Until the source has no more, and every request is answered or its connection closed. Throws
  // when nothing comes for the wait's bound.
  void Run(LoadSource* source);

 private:
  struct Connection {
    int fd = -1;
    std::deque<uint64_t> awaited;  // ids, in the order sent
    std::string unsent;
    HttpResponseReader reader;
  };

  void CloseAll();
  void Fill(Connection* connection, LoadSource* source);
  static void Write(Connection* connection);
  static void Read(Connection* connection, LoadSource* source);
  static void Close(Connection* connection, LoadSource* source);

  size_t pipeline_depth_;
  bool dry_ = false;
  std::vector<Connection> connections_;
};

}  // namespace sluice
