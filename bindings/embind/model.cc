#include "bindings/embind/model.h"

#include <emscripten/bind.h>

#include <optional>
#include <utility>

#include "bindings/embind/edits.h"
#include "bindings/embind/support.h"
#include "core/config.h"
#include "core/weights.h"

namespace glassformer {

using emscripten::val;

LoadedModel::LoadedModel(Model model)
    : model_(std::make_shared<Model>(std::move(model))),
      editor_(std::make_unique<WeightEditor>(model_->weights)) {}

double LoadedModel::parameters() const {
  return static_cast<double>(model_->weights.parameter_count());
}
double LoadedModel::bytes() const { return static_cast<double>(model_->weights.bytes()); }
std::string LoadedModel::dtype() const { return storage_name(model_->weights.storage); }
std::string LoadedModel::file_dtype() const { return model_->weights.file_dtype; }

val LoadedModel::weights() const {
  auto list = val::array();
  for (const NamedWeight& weight : model_->weights.named) {
    auto js = val::object();
    js.set("name", weight.name);
    js.set("dims", dims_to_js(weight.shape));
    list.call<void>("push", js);
  }
  return list;
}

val LoadedModel::read_weight(int index, double first, uint32_t count) {
  staging_.resize(count);
  const NamedWeight& weight = model_->weights.named[static_cast<size_t>(index)];
  weight.read(static_cast<int64_t>(first), staging_);
  return heap_view<float>(staging_);
}

val LoadedModel::edit_weights(const val& js) {
  Result<std::vector<WeightEdit>> edits =
      parse_weight_edits(js["json"].as<std::string>(), model_->weights);
  if (!edits) return failure(edits.error());
  fill_values(*edits, js["values"]);
  const Status status = editor_->apply(*edits);
  return status ? success(val(editor_->applied())) : failure(status.error());
}

int LoadedModel::undo_weight_edit() {
  editor_->undo();
  return editor_->applied();
}

namespace {

val config_to_js(const Config& config) {
  const auto optional = [](std::optional<int> id) { return id ? val(*id) : val::null(); };
  auto js = val::object();
  js.set("n_layer", config.n_layer);
  js.set("n_head", config.n_head);
  js.set("n_embd", config.n_embd);
  js.set("n_positions", config.n_positions);
  js.set("n_inner", config.n_inner);
  js.set("vocab_size", config.vocab_size);
  js.set("head_width", config.head_width());
  js.set("activation_function", std::string(activation_name(config.activation)));
  js.set("layer_norm_epsilon", config.layer_norm_epsilon);
  js.set("scale_attn_weights", config.scale_attn_weights);
  js.set("scale_attn_by_inverse_layer_idx", config.scale_attn_by_inverse_layer_idx);
  js.set("tie_word_embeddings", config.tie_word_embeddings);
  js.set("bos_token_id", optional(config.bos_token_id));
  js.set("eos_token_id", optional(config.eos_token_id));
  return js;
}

// Nothing for "auto".
std::optional<Storage> storage_from(const std::string& dtype) {
  for (const Storage storage : {Storage::f32, Storage::q8}) {
    if (dtype == storage_name(storage)) return storage;
  }
  return std::nullopt;
}

// config.json, then model.safetensors in chunks: each is copied to staging(bytes), then feed().
class ModelLoader {
 public:
  explicit ModelLoader(Config config) : config_(std::move(config)) {}

  val config() const { return config_to_js(config_); }
  void begin(double file_bytes, const std::string& dtype) {
    reader_.emplace(config_, static_cast<uint64_t>(file_bytes), storage_from(dtype));
  }
  val staging(uint32_t bytes) {
    staging_.resize(bytes);
    return heap_view<unsigned char>(staging_);
  }
  val feed() {
    const Status status = reader_->feed(std::as_bytes(std::span(staging_)));
    return status ? success() : failure(status.error());
  }
  val finish() {
    Result<Weights> weights = reader_->finish();
    if (!weights) return failure(weights.error());
    return success(owned(LoadedModel({config_, *std::move(weights)})));
  }

 private:
  Config config_;
  std::optional<WeightsReader> reader_;
  std::vector<unsigned char> staging_;
};

val load_config(const std::string& json) {
  Result<Config> config = parse_config(json);
  return config ? success(owned(ModelLoader(*std::move(config)))) : failure(config.error());
}

}  // namespace

EMSCRIPTEN_BINDINGS(glassformer_model) {
  emscripten::function("loadConfig", &load_config);
  emscripten::class_<ModelLoader>("ModelLoader")
      .smart_ptr<std::shared_ptr<ModelLoader>>("ModelLoaderPointer")
      .property("config", &ModelLoader::config)
      .function("begin", &ModelLoader::begin)
      .function("staging", &ModelLoader::staging)
      .function("feed", &ModelLoader::feed)
      .function("finish", &ModelLoader::finish);
  emscripten::class_<LoadedModel>("LoadedModel")
      .smart_ptr<std::shared_ptr<LoadedModel>>("LoadedModelPointer")
      .property("parameters", &LoadedModel::parameters)
      .property("bytes", &LoadedModel::bytes)
      .property("dtype", &LoadedModel::dtype)
      .property("fileDtype", &LoadedModel::file_dtype)
      .function("weights", &LoadedModel::weights)
      .function("readWeight", &LoadedModel::read_weight)
      .function("editWeights", &LoadedModel::edit_weights)
      .function("undoWeightEdit", &LoadedModel::undo_weight_edit);
}

}  // namespace glassformer
