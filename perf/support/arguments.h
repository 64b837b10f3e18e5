// The arguments of a measuring program: each `--name value`.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>

#include "support/socket.h"

namespace perf {

class Arguments {
 public:
  // `known` has every name with its default; one without must be given. What cannot be understood
  // prints the names and ends the program.
  Arguments(int argc, char** argv, std::map<std::string, std::string> known)
      : values_(std::move(known)) {
    const auto defaults = values_;
    bool understood = true;
    for (int i = 1; i < argc && understood; i += 2) {
      const auto found = values_.find(argv[i]);
      understood = found != values_.end() && i + 1 < argc;
      if (understood) found->second = argv[i + 1];
    }
    for (const auto& [name, value] : values_) understood = understood && !value.empty();
    if (understood) return;
    std::fprintf(stderr, "usage: %s", argv[0]);
    for (const auto& [name, value] : defaults) {
      std::fprintf(stderr, value.empty() ? " %s VALUE" : " [%s %s]", name.c_str(), value.c_str());
    }
    std::fprintf(stderr, "\n");
    std::exit(2);
  }

  const std::string& Text(const std::string& name) const { return values_.at(name); }

  double Number(const std::string& name, double least, double most) const {
    const std::string& text = Text(name);
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (end == text.c_str() || *end != '\0' || !(number >= least && number <= most)) {
      std::fprintf(stderr, "%s takes a number from %g to %g\n", name.c_str(), least, most);
      std::exit(2);
    }
    return number;
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace perf
