// The one table of a GPT-2's weights: name, shape and destination of every tensor that a model with
// a given Config stores. The reader, the converter and the parameter counts all follow it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/weights.h"

namespace glassformer {

struct WeightSlot {
  std::string name;       // Hugging Face's, without "transformer."
  ConstTensorView* view;  // the member of Weights that it fills; its shape is set, its data is not
  uint64_t offset;        // in floats from the start of Weights::memory
};

// Sizes weights.blocks, sets the shape of every view in `weights`, and returns the slots in the
// model's own order. The slots point into `weights`, which must stay where it is.
std::vector<WeightSlot> lay_out_weights(const Config& config, Weights& weights);

// The floats that all slots hold together.
uint64_t total_floats(const std::vector<WeightSlot>& slots);

// Allocates weights.memory and points every view and weights.named into it. False where there is
// not enough memory.
bool allocate_weights(const Config& config, const std::vector<WeightSlot>& slots, Weights& weights);

}  // namespace glassformer
