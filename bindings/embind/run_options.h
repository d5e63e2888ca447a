// The options of a run as JavaScript hands them over: CoreRun in glassformer.d.mts.
#pragma once

#include <emscripten/val.h>

#include <vector>

#include "core/run_plan.h"

namespace glassformer {

// All but the residual stream, which RunOptions only refers to.
Result<RunOptions> run_options(const emscripten::val& js, const Config& config);

// The residual stream that a run starts with; empty where it does not.
std::vector<float> residual_of(const emscripten::val& js);

}  // namespace glassformer
