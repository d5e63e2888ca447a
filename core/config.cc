#include "core/config.h"

#include <cmath>

#include "core/grouped_number.h"
#include "core/json_text.h"
#include "core/quote.h"

namespace glassformer {
namespace {

using nlohmann::json;

// Far above every GPT-2 ever trained, and small enough that every product of dimensions in this
// project (a block's weights C * F, scores H * T * T, logits T * V, all times 4 bytes) stays below
// 2^60.
constexpr int64_t kMaxLayers = 1024;
constexpr int64_t kMaxHeads = 1024;
constexpr int64_t kMaxWidth = 1 << 16;
constexpr int64_t kMaxPositions = 1 << 20;
constexpr int64_t kMaxInner = 1 << 20;
constexpr int64_t kMaxVocabulary = 1 << 22;

Error bad_config(const std::string& what) {
  return {ErrorCode::bad_config, "config.json: " + what};
}

// A value as a message can show it: numbers, strings and null as they are, the rest by type.
std::string shown(const json& value) {
  if (value.is_string()) return quoted(value.get_ref<const std::string&>());
  if (value.is_structured()) return value.is_array() ? "an array" : "an object";
  return primitive_text(value);
}

// Reads members of config.json and keeps the first error.
class Fields {
 public:
  explicit Fields(const json& object) : object_(object) {}

  const json* find(const char* name) const {
    const auto it = object_.find(name);
    return it == object_.end() || it->is_null() ? nullptr : &*it;
  }

  int dimension(const char* name, int64_t largest) {
    const json* value = find(name);
    if (!value) return fail(std::string(name) + " is missing"), 1;
    return checked_dimension(name, *value, largest);
  }

  int dimension_or(const char* name, int64_t largest, int64_t fallback) {
    const json* value = find(name);
    return value ? checked_dimension(name, *value, largest) : static_cast<int>(fallback);
  }

  bool flag(const char* name, bool fallback) {
    const json* value = find(name);
    if (!value) return fallback;
    if (!value->is_boolean())
      fail(std::string(name) + " must be true or false, not " + shown(*value));
    return value->is_boolean() && value->get<bool>();
  }

  // The name of something, or `fallback` where there is none.
  std::string text(const char* name, const char* fallback) {
    const json* value = find(name);
    if (!value) return fallback;
    if (!value->is_string())
      return fail(std::string(name) + " must be a string, not " + shown(*value)), "";
    return value->get<std::string>();
  }

  // A token id. Many fine-tunes keep GPT-2's 50256 beside a smaller vocabulary: such an id can
  // never occur, which is the same as having none.
  std::optional<int> token_id(const char* name, int vocab_size) {
    const json* value = find(name);
    if (value && value->is_array()) value = value->empty() ? nullptr : &value->front();
    if (!value) return std::nullopt;
    if (!value->is_number_integer()) {
      fail(std::string(name) + " must be a token id, not " + shown(*value));
      return std::nullopt;
    }
    if (value->is_number_unsigned() &&
        value->get<uint64_t>() >= static_cast<uint64_t>(vocab_size)) {
      return std::nullopt;
    }
    const int64_t id = value->get<int64_t>();
    return id >= 0 && id < vocab_size ? std::optional<int>(static_cast<int>(id)) : std::nullopt;
  }

  void fail(const std::string& what) {
    if (problem_.empty()) problem_ = what;
  }
  const std::string& problem() const { return problem_; }

 private:
  int checked_dimension(const std::string& name, const json& value, int64_t largest) {
    if (!value.is_number_integer()) {
      return fail(name + " must be a whole number, not " + shown(value)), 1;
    }
    const bool positive = value.is_number_unsigned() && value.get<uint64_t>() > 0;
    if (!positive) return fail(name + " must be positive, not " + shown(value)), 1;
    if (value.get<uint64_t>() > static_cast<uint64_t>(largest)) {
      return fail(name + " is " + shown(value) + ", more than the " + grouped(largest) +
                  " that can be run"),
             1;
    }
    return static_cast<int>(value.get<int64_t>());
  }

  const json& object_;
  std::string problem_;
};

// Hugging Face's "gelu_pytorch_tanh" computes the same formula as "gelu_new".
std::optional<Activation> activation_from(std::string_view name) {
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return Activation::gelu_new;
  if (name == "gelu") return Activation::gelu;
  if (name == "relu") return Activation::relu;
  return std::nullopt;
}

float epsilon_from(Fields& fields) {
  constexpr float kDefault = 1e-5f;  // Hugging Face's own
  const json* value = fields.find("layer_norm_epsilon");
  if (!value) return kDefault;
  const float epsilon = value->is_number() ? value->get<float>() : 0.0f;
  if (!(epsilon > 0.0f) || !std::isfinite(epsilon)) {
    fields.fail("layer_norm_epsilon must be a positive number, not " + shown(*value));
  }
  return epsilon;
}

}  // namespace

const char* activation_name(Activation activation) {
  switch (activation) {
    case Activation::gelu_new:
      return "gelu_new";
    case Activation::gelu:
      return "gelu";
    case Activation::relu:
      return "relu";
  }
  return "unknown";
}

float score_factor(const Config& config, int block) {
  float factor = 1;
  if (config.scale_attn_weights) factor /= std::sqrt(static_cast<float>(config.head_width()));
  if (config.scale_attn_by_inverse_layer_idx) factor /= static_cast<float>(block + 1);
  return factor;
}

Result<Config> parse_config(std::string_view text) {
  const Result<json> parsed = parse_json(text, "config.json", ErrorCode::bad_config);
  if (!parsed) return parsed.error();
  if (!parsed->is_object()) return bad_config("must hold a JSON object, not " + shown(*parsed));

  Fields fields(*parsed);
  const std::string model_type = fields.text("model_type", "");
  if (!fields.problem().empty()) return bad_config(fields.problem());
  if (model_type.empty()) return bad_config("model_type is missing; it must be \"gpt2\"");
  if (model_type != "gpt2") {
    return bad_config("model_type is " + quoted(model_type) + "; only \"gpt2\" can be run");
  }

  Config config;
  config.n_layer = fields.dimension("n_layer", kMaxLayers);
  config.n_head = fields.dimension("n_head", kMaxHeads);
  config.n_embd = fields.dimension("n_embd", kMaxWidth);
  config.n_positions = fields.dimension(
      fields.find("n_positions") || !fields.find("n_ctx") ? "n_positions" : "n_ctx", kMaxPositions);
  config.vocab_size = fields.dimension("vocab_size", kMaxVocabulary);
  config.n_inner = fields.dimension_or("n_inner", kMaxInner, int64_t{4} * config.n_embd);
  const std::string activation = fields.text("activation_function", "gelu_new");
  config.layer_norm_epsilon = epsilon_from(fields);
  config.scale_attn_weights = fields.flag("scale_attn_weights", true);
  config.scale_attn_by_inverse_layer_idx = fields.flag("scale_attn_by_inverse_layer_idx", false);
  config.tie_word_embeddings = fields.flag("tie_word_embeddings", true);
  const bool cross_attention = fields.flag("add_cross_attention", false);
  config.bos_token_id = fields.token_id("bos_token_id", config.vocab_size);
  config.eos_token_id = fields.token_id("eos_token_id", config.vocab_size);
  if (!fields.problem().empty()) return bad_config(fields.problem());

  if (config.n_embd % config.n_head != 0) {
    return bad_config("n_embd, " + std::to_string(config.n_embd) +
                      ", is not divisible by n_head, " + std::to_string(config.n_head));
  }
  const std::optional<Activation> known = activation_from(activation);
  if (!known) {
    return bad_config("activation_function is " + quoted(activation) +
                      "; only \"gelu_new\", \"gelu\" and \"relu\" are known");
  }
  config.activation = *known;
  if (cross_attention) {
    return bad_config("add_cross_attention is true; only a plain decoder can be run");
  }
  return config;
}

}  // namespace glassformer
