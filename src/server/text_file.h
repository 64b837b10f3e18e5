// A file's text, whole. For start-up, reloads and commands. The error is one line: the file and
// why.
#pragma once

#include <string>

#include "sluice/base/result.h"

namespace sluice {

Result<std::string> ReadTextFile(const std::string& file);

}  // namespace sluice
