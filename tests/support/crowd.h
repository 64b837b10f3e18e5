// Crowd: many connections to a loopback port that each send the same bytes and then nothing, and
// wait for what the other side makes of it. Takes a descriptor for each, which the process must be
// allowed to have (AllowDescriptors). One thread; system failures throw.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

// Lets this process, and children that it starts later, have so many; false if it may not.
bool AllowDescriptors(size_t count);

class Crowd {
 public:
  Crowd(uint16_t port, size_t count, std::string_view bytes);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Reads what has come, without waiting; true when all were closed by the other side.
  bool AllClosed();
  size_t reset_count() const { return reset_count_; }
  // What the closed ones were told, as the first line of it ("" where nothing), and how often.
  const std::map<std::string, size_t>& told() const { return told_; }

 private:
  void Read(size_t at);
  void Close(size_t at);

  struct Member {
    int fd = -1;
    std::string heard;
  };
  int epoll_;
  std::vector<Member> members_;
  size_t open_count_ = 0;
  size_t reset_count_ = 0;
  std::map<std::string, size_t> told_;
};

}  // namespace sluice
