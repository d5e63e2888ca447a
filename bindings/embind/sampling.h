// Logits to a token, as outcomes for JavaScript.
#pragma once

#include <emscripten/val.h>

#include <span>

#include "core/sampler.h"

namespace glassformer {

// Every stage; `options` as CoreSampling in glassformer.d.mts.
emscripten::val sample_outcome(std::span<const float> logits, const emscripten::val& options,
                               double step, const SamplingContext& context);

// The token alone, and the most probable ones.
emscripten::val next_token_outcome(std::span<const float> logits, const emscripten::val& options,
                                   double step, int candidates, const SamplingContext& context);

}  // namespace glassformer
