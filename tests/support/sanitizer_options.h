// How a child that was built with a sanitizer is to behave, as environment variables over the
// test's own; a program built without one reads none of them. The suppressions are written into
// `dir`, which must outlive the child.
#pragma once

#include <string>
#include <vector>

#include "support/temp_dir.h"

namespace sluice {

std::vector<std::string> SanitizerOptions(const TempDir& dir);

}  // namespace sluice
