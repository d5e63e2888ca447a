// config.json -> dimensions, validated once. Everything downstream may rely on what is checked
// here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace glassformer {

// The MLP's nonlinearity, by its Hugging Face name.
enum class Activation { gelu_new, gelu, relu };

// The dimensions of a GPT-2 (Radford et al. 2019). Shape letters used everywhere in this project:
// T tokens, C = n_embd, H = n_head, D = head_width(), F = n_inner, V = vocab_size.
struct Config {
  int n_layer = 0;
  int n_head = 0;
  int n_embd = 0;
  int n_positions = 0;  // the longest context, in tokens
  int n_inner = 0;      // 4 * n_embd where config.json has null or nothing
  int vocab_size = 0;
  Activation activation = Activation::gelu_new;
  float layer_norm_epsilon = 1e-5f;
  bool scale_attn_weights = true;                // scores / sqrt(D)
  bool scale_attn_by_inverse_layer_idx = false;  // scores / (block + 1)
  bool tie_word_embeddings = true;               // the head is wte
  std::optional<int> bos_token_id;
  std::optional<int> eos_token_id;

  int head_width() const { return n_embd / n_head; }
};

const char* activation_name(Activation activation);

// What the products of queries and keys are multiplied by in a block: 1 / sqrt(D) (Vaswani et al.
// 2017, section 3.2.1), unless the configuration says otherwise.
float score_factor(const Config& config, int block);

// Parses the text of a Hugging Face config.json. Refuses, by name, what it does not know how to run
// honestly (another model_type, an unknown activation, add_cross_attention, ...) and dimensions
// that are not positive, not integers, or so large that their products overflow.
Result<Config> parse_config(std::string_view json);

}  // namespace glassformer
