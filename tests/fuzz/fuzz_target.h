// FuzzTarget: a noun that is fuzzed, and what must hold of any bytes. Defined once, as a constant
// of the noun's file, it makes itself known; the files of corpus/<noun>/ are its inputs.
//
// A body says what must hold with gtest's EXPECT. It lets nothing outlive a call that an outcome
// could depend on, so that an input that fails does so by itself, too. One thread.
#pragma once

#include <string_view>
#include <vector>

namespace sluice {

class FuzzTarget {
 public:
  using Body = void (*)(std::string_view bytes);

  FuzzTarget(std::string_view noun, Body body) : noun_(noun), body_(body) { All().push_back(this); }
  FuzzTarget(const FuzzTarget&) = delete;
  FuzzTarget& operator=(const FuzzTarget&) = delete;

  static std::vector<const FuzzTarget*>& All();

  std::string_view noun() const { return noun_; }
  void Run(std::string_view bytes) const { body_(bytes); }

 private:
  const std::string_view noun_;
  const Body body_;
};

}  // namespace sluice
