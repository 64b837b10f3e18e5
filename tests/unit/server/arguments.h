// For the tests of command lines: texts as main() is given them, each list ended by a null pointer.
#pragma once

#include <string>
#include <vector>

namespace sluice {

inline std::vector<const char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace sluice
