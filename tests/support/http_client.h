// One keep-alive connection to a loopback port or a unix socket, blocking, for requests whose every
// byte the test chooses. Every wait is bounded; what breaks the conversation (no answer, a close in
// its middle) throws with what had come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "support/http_response.h"

namespace sluice {

// Requests as text.
std::string PostRequest(std::string_view path, std::string_view body,
                        std::string_view content_type = "application/json",
                        std::string_view more_headers = "");
std::string GetRequest(std::string_view path);
// `body` in chunks of `chunk_bytes`, without the head.
std::string Chunked(std::string_view body, size_t chunk_bytes);

class HttpClient {
 public:
  explicit HttpClient(uint16_t port);
  explicit HttpClient(const std::string& socket_path);
  ~HttpClient();
  HttpClient(HttpClient&& other) noexcept;
  HttpClient& operator=(HttpClient&&) = delete;

  // Whether a listener takes a connection at the port.
  static bool CanConnect(uint16_t port);

  // Bytes that the other side no longer takes are given up silently: the answer tells why.
  void Send(std::string_view bytes);
  // One byte a segment, each read by the other side before the next is sent (see tcp_table.h).
  void SendByteByByte(std::string_view bytes);
  // Sends RST and is of no further use.
  void Reset();
  // Sends FIN; answers can still be read.
  void FinishSending();

  // The next answer, interim ones (1xx) included.
  HttpResponse ReadResponse(HttpResponseReader::Body body = HttpResponseReader::Body::kMeasured);
  HttpResponse Post(std::string_view path, std::string_view body,
                    std::string_view content_type = "application/json");
  HttpResponse Get(std::string_view path);

  // Whether something (an answer, a close) waits to be read, without waiting for it.
  bool Readable() const;
  // Waits for the close; false if bytes come instead. A reset is not a clean close: false too.
  bool ReadClose();

 private:
  bool ReadMore();  // false at a clean close
  bool PeerStillReads() const;

  int fd_ = -1;
  uint16_t port_ = 0;
  uint16_t local_port_ = 0;
  HttpResponseReader reader_;
};

}  // namespace sluice
