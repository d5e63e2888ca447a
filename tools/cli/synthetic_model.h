// A model of GPT-2 small's shape with made-up weights, for measuring speed where there is no other.
#pragma once

#include "core/model.h"

namespace glassformer::cli {

// The dimensions of GPT-2 small (Radford et al. 2019, table 2).
Config gpt2_small_config();

// Weights from a fixed seed, with GPT-2's initial spread (standard deviation 0.02), so that
// activations have sensible sizes. The same numbers on every machine.
Result<Model> make_synthetic_model(const Config& config, Storage storage);

}  // namespace glassformer::cli
