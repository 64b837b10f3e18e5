// deploy/redis.acl as its users' lines.
#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace sluice {

// `user NAME ...`, as it stands there.
inline std::string AclLine(const std::string& user) {
  std::ifstream file(SLUICE_SOURCE_DIR "/deploy/redis.acl");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("user " + user + " ")) return line;
  }
  throw std::runtime_error("deploy/redis.acl has no user " + user);
}

// What stands behind the name.
inline std::vector<std::string> AclWords(const std::string& user) {
  std::istringstream line(AclLine(user));
  std::vector<std::string> words;
  for (std::string word; line >> word;) words.push_back(word);
  words.erase(words.begin(), words.begin() + 2);
  return words;
}

// A word without which all works at one Redis, and not in a cluster.
inline bool IsForClusters(const std::string& word) {
  return word == "+cluster|slots" || word == "+asking" || word.starts_with("~{");
}

}  // namespace sluice
