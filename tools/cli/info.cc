#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/grouped_number.h"
#include "tools/cli/files.h"
#include "tools/cli/model_folder.h"
#include "tools/cli/verbs.h"

namespace glassformer::cli {
namespace {

using nlohmann::ordered_json;

// The shortest decimal that is this float: 1e-05, and not the float's own 9.99999975e-06.
double shortest(float value) {
  char digits[32];
  *std::to_chars(digits, digits + sizeof digits - 1, value).ptr = 0;
  return std::strtod(digits, nullptr);  // libc++ has no from_chars for floats yet
}

ordered_json config_json(const Config& config) {
  const auto token = [](std::optional<int> id) { return id ? ordered_json(*id) : nullptr; };
  return {{"n_layer", config.n_layer},
          {"n_head", config.n_head},
          {"n_embd", config.n_embd},
          {"n_positions", config.n_positions},
          {"n_inner", config.n_inner},
          {"vocab_size", config.vocab_size},
          {"activation_function", activation_name(config.activation)},
          {"layer_norm_epsilon", shortest(config.layer_norm_epsilon)},
          {"scale_attn_weights", config.scale_attn_weights},
          {"scale_attn_by_inverse_layer_idx", config.scale_attn_by_inverse_layer_idx},
          {"tie_word_embeddings", config.tie_word_embeddings},
          {"bos_token_id", token(config.bos_token_id)},
          {"eos_token_id", token(config.eos_token_id)}};
}

// The tensors that every block has one of, as one row: "h.*.attn.c_attn.weight".
struct MatrixKind {
  std::string name;
  std::vector<int64_t> shape;
  int count = 0;
  int64_t parameters = 0;
};

std::vector<MatrixKind> matrix_kinds(const Weights& weights) {
  std::vector<MatrixKind> kinds;
  for (const NamedWeight& weight : weights.named) {
    std::string name = weight.name;
    if (name.starts_with("h.")) name = "h.*" + name.substr(name.find('.', 2));
    auto kind = std::find_if(kinds.begin(), kinds.end(),
                             [&](const MatrixKind& other) { return other.name == name; });
    if (kind == kinds.end()) {
      kinds.push_back({name, weight.shape});
      kind = kinds.end() - 1;
    }
    ++kind->count;
    kind->parameters += weight.size();
  }
  return kinds;
}

ordered_json info_json(const std::string& folder, const LoadedModel& loaded) {
  const Weights& weights = loaded.model.weights;
  ordered_json matrices = ordered_json::array();
  for (const MatrixKind& kind : matrix_kinds(weights)) {
    matrices.push_back({{"name", kind.name},
                        {"shape", kind.shape},
                        {"count", kind.count},
                        {"parameters", kind.parameters}});
  }
  return {{"model", folder},
          {"config", config_json(loaded.model.config)},
          {"parameters", weights.parameter_count()},
          {"matrices", matrices},
          {"dtype", weights.file_dtype},
          {"file_bytes", loaded.file_bytes},
          {"memory_dtype", storage_name(weights.storage)},
          {"memory_bytes", weights.bytes()}};
}

std::string padded(std::string text, size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string right(const std::string& text, size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string info_text(const std::string& folder, const LoadedModel& loaded) {
  const Weights& weights = loaded.model.weights;
  std::string text = folder + "\n\n";
  const ordered_json config = config_json(loaded.model.config);
  for (const auto& [name, value] : config.items()) {
    text += "  " + padded(name, 34) +
            (value.is_null()     ? "none"
             : value.is_string() ? value.get<std::string>()
                                 : value.dump()) +
            "\n";
  }
  text += "\n  " + padded("weights", 28) + padded("shape", 18) + "count" + right("parameters", 15) +
          "\n";
  for (const MatrixKind& kind : matrix_kinds(weights)) {
    std::string shape;
    for (const int64_t size : kind.shape) {
      shape += (shape.empty() ? "" : " x ") + std::to_string(size);
    }
    text += "  " + padded(kind.name, 28) + padded(shape, 18) +
            right(std::to_string(kind.count), 5) +
            right(grouped(static_cast<uint64_t>(kind.parameters)), 15) + "\n";
  }
  text += "  " + padded("all", 51) +
          right(grouped(static_cast<uint64_t>(weights.parameter_count())), 15) + "\n\n";
  text += "  " + padded("stored as", 34) + weights.file_dtype + ", " + grouped(loaded.file_bytes) +
          " bytes\n";
  text += "  " + padded("in memory", 34) + storage_name(weights.storage) + ", " +
          grouped(weights.bytes()) + " bytes\n";
  return text;
}

}  // namespace

Status info(const Arguments& arguments) {
  const std::string& folder = arguments.operand(0);
  const Result<LoadedModel> loaded = load_model(folder);
  if (!loaded) return loaded.error();
  if (arguments.has("--json")) {
    return write_standard_output(
        info_json(folder, *loaded).dump(2, ' ', false, ordered_json::error_handler_t::replace) +
        "\n");
  }
  return write_standard_output(info_text(folder, *loaded));
}

}  // namespace glassformer::cli
