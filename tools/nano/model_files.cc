#include "tools/nano/model_files.h"

#include <nlohmann/json.hpp>

#include "core/half.h"
#include "core/safetensors.h"
#include "tools/cli/output_file.h"

namespace glassformer::nano {
namespace {

using Json = nlohmann::ordered_json;

Status write_file(const std::string& path, std::string_view text) {
  Result<cli::OutputFile> file = cli::OutputFile::create(path);
  if (!file) return file.error();
  if (Status status = file->write(text); !status) return status;
  return file->finish();
}

std::string config_json(const Config& config) {
  const Json json = {{"model_type", "gpt2"},
                     {"architectures", Json::array({"GPT2LMHeadModel"})},
                     {"activation_function", activation_name(config.activation)},
                     {"n_layer", config.n_layer},
                     {"n_head", config.n_head},
                     {"n_embd", config.n_embd},
                     {"n_positions", config.n_positions},
                     {"n_ctx", config.n_positions},
                     {"n_inner", config.n_inner},
                     {"vocab_size", config.vocab_size},
                     {"layer_norm_epsilon", 1e-5},
                     {"bos_token_id", *config.bos_token_id},
                     {"eos_token_id", *config.eos_token_id},
                     {"tie_word_embeddings", true},
                     {"torch_dtype", "float16"}};
  return json.dump(2) + "\n";
}

std::string safetensors(const Parameters& parameters, std::span<const float> weights) {
  std::vector<SafetensorsEntry> entries;
  for (const Parameter& parameter : parameters.all()) {
    entries.push_back({.name = parameter.name, .dtype = Dtype::f16, .shape = parameter.shape});
  }
  std::string file = make_safetensors_header(entries, {{"format", "pt"}});
  for (const float weight : weights) {
    const uint16_t bits = f32_to_f16(weight);
    file += static_cast<char>(bits & 0xff);
    file += static_cast<char>(bits >> 8);
  }
  return file;
}

std::string vocab_json(const std::vector<std::string>& spellings) {
  Json json = Json::object();
  for (size_t id = 0; id < spellings.size(); ++id) json[spellings[id]] = id;
  return json.dump(2) + "\n";
}

}  // namespace

Status write_model(const std::string& folder, const Config& config, const Parameters& parameters,
                   std::span<const float> weights, const std::vector<std::string>& spellings) {
  const std::pair<const char*, std::string> files[] = {
      {"config.json", config_json(config)},
      {"model.safetensors", safetensors(parameters, weights)},
      {"vocab.json", vocab_json(spellings)},
      {"merges.txt", "#version: 0.2\n"},
  };
  for (const auto& [name, text] : files) {
    if (Status status = write_file(folder + "/" + name, text); !status) return status;
  }
  return {};
}

}  // namespace glassformer::nano
