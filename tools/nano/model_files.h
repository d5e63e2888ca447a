// Writes a model in the Hugging Face layout.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/result.h"
#include "tools/nano/parameters.h"

namespace glassformer::nano {

// config.json, model.safetensors with float16 weights, vocab.json and merges.txt without merges, in
// a folder that is there.
Status write_model(const std::string& folder, const Config& config, const Parameters& parameters,
                   std::span<const float> weights, const std::vector<std::string>& spellings);

}  // namespace glassformer::nano
