// --threads N, for the verbs that compute.
#pragma once

#include "core/result.h"
#include "tools/cli/arguments.h"

namespace glassformer::cli {

#ifdef __EMSCRIPTEN__
inline constexpr Option kThreadsOption = {"--threads", "N",
                                          "1; in WebAssembly this program has one thread"};
#else
inline constexpr Option kThreadsOption = {"--threads", "N",
                                          "compute on N cores (default: all, up to 8)"};
#endif

// From now on so many threads compute, never more than there are cores; in WebAssembly it is one,
// and more are answered with a line on standard error. bad_option.
Status use_threads(const Arguments& arguments);

}  // namespace glassformer::cli
