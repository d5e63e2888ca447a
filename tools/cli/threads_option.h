// --threads N, for the verbs that compute.
#pragma once

#include "core/result.h"
#include "tools/cli/arguments.h"

namespace glassformer::cli {

inline constexpr Option kThreadsOption = {"--threads", "N",
                                          "compute on N cores (default: all, up to 8)"};

// From now on so many threads compute, never more than there are cores. bad_option.
Status use_threads(const Arguments& arguments);

}  // namespace glassformer::cli
