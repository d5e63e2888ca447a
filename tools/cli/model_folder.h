// The files of a model's folder, in the Hugging Face layout. Errors name the file with its folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model.h"
#include "core/tokenizer.h"

namespace glassformer::cli {

Result<Config> load_config(const std::string& folder);

struct LoadedModel {
  Model model;
  uint64_t file_bytes = 0;  // of model.safetensors
};
// storage: as in WeightsReader.
Result<LoadedModel> load_model(const std::string& folder,
                               std::optional<Storage> storage = std::nullopt);

// From vocab.json and merges.txt, or else tokenizer.json. bad_tokenizer also where it has more
// tokens than config.json says, if there is a config.json.
Result<Tokenizer> load_tokenizer(const std::string& folder);

// The files that a tokenizer is made of, as far as they are there.
std::vector<std::string> tokenizer_files(const std::string& folder);

}  // namespace glassformer::cli
