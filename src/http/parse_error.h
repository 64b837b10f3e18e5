// What a fault that llhttp found is answered with. `parser` stopped with `error` at `at`;
// `line_is_long` says that this is beyond what a request line may have.
#pragma once

#include <llhttp.h>

#include "sluice/http/problem.h"

namespace sluice {

Problem ProblemOf(const llhttp_t& parser, llhttp_errno_t error, const char* at, bool line_is_long);

}  // namespace sluice
