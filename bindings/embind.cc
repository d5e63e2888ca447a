// The border between core and JavaScript. No logic: every function converts its arguments, calls
// core once, and converts what comes back. Text crosses as UTF-8 bytes, because a JavaScript string
// can hold what UTF-8 cannot.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bindings/embind_support.h"
#include "core/analysis/request.h"
#include "core/config.h"
#include "core/edits.h"
#include "core/incremental_run.h"
#include "core/kernels.h"
#include "core/model.h"
#include "core/run_estimate.h"
#include "core/sampler.h"
#include "core/threads.h"
#include "core/tokenizer.h"
#include "core/trace.h"
#include "core/weight_edits.h"
#include "core/weights.h"

namespace glassformer {
namespace {

using emscripten::val;

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

val activations() {
  auto rows = val::array();
  for (const ActivationRow& row : activation_table()) {
    auto js = val::object();
    js.set("name", std::string(row.name));
    js.set("shape", std::string(row.shape));
    js.set("perBlock", row.per_block);
    js.set("onRequest", row.on_request);
    js.set("meaning", std::string(row.meaning));
    rows.call<void>("push", js);
  }
  return rows;
}

val dims_to_js(std::span<const int64_t> dims) {
  auto js = val::array();
  // Numbers, where an int64_t would become a bigint.
  for (size_t i = 0; i < dims.size(); ++i) js.set(i, static_cast<double>(dims[i]));
  return js;
}

// The data is a view: see heap_view.
val tensor_to_js(const std::string& name, ConstTensorView tensor) {
  auto js = val::object();
  js.set("name", name);
  js.set("dims", dims_to_js(std::span(tensor.dims).first(static_cast<size_t>(tensor.rank))));
  js.set("data", heap_view<float>(tensor.span()));
  return js;
}

// ---- tokenizer

val tokenizer_outcome(Result<Tokenizer> tokenizer) {
  return tokenizer ? success(owned(*std::move(tokenizer))) : failure(tokenizer.error());
}

val tokenizer_from_vocab_and_merges(const std::string& vocab_json, const std::string& merges_txt) {
  return tokenizer_outcome(Tokenizer::from_vocab_and_merges(vocab_json, merges_txt));
}

val tokenizer_from_json(const std::string& json) {
  return tokenizer_outcome(Tokenizer::from_tokenizer_json(json));
}

// The views into temporaries below are copied before C++ gets to reuse the memory.
val encode(const Tokenizer& tokenizer, const std::string& text, bool special_tokens) {
  const std::vector<int32_t> ids = tokenizer.encode(text, special_tokens);
  return heap_view<int32_t>(ids).call<val>("slice");
}

val decode(const Tokenizer& tokenizer, const val& ids) {
  const auto text = tokenizer.decode(emscripten::convertJSArrayToNumberVector<int32_t>(ids));
  return text ? success(heap_bytes(*text).call<val>("slice")) : failure(text.error());
}

val bytes_of(const Tokenizer& tokenizer, int32_t id) {
  return heap_bytes(tokenizer.bytes_of(id)).call<val>("slice");
}

int32_t special_id(const Tokenizer& tokenizer, const std::string& text) {
  return tokenizer.special_id(text);
}

// ---- sampling

SamplingOptions sampling_options(const val& js) {
  return {.temperature = js["temperature"].as<float>(),
          .top_k = js["topK"].as<int>(),
          .top_p = js["topP"].as<float>(),
          .min_p = js["minP"].as<float>(),
          .repetition_penalty = js["repetitionPenalty"].as<float>(),
          .frequency_penalty = js["frequencyPenalty"].as<float>(),
          .presence_penalty = js["presencePenalty"].as<float>(),
          .seed = js["seed"].as<uint64_t>()};
}

val sample_outcome(std::span<const float> logits, const val& js_options, double step,
                   const SamplingContext& context) {
  const SamplingOptions options = sampling_options(js_options);
  if (const Status status = check_sampling(options); !status) return failure(status.error());
  const auto stages = sample(logits, options, static_cast<uint64_t>(step), context);
  if (!stages) return failure(stages.error());
  const auto copy = [](auto values) { return heap_view(values).template call<val>("slice"); };
  auto js = val::object();
  js.set("logits", copy(std::span<const float>(stages->logits)));
  js.set("penalized", copy(std::span<const float>(stages->penalized)));
  js.set("scaled", copy(std::span<const float>(stages->scaled)));
  js.set("probabilities", copy(std::span<const float>(stages->probabilities)));
  js.set("order", copy(std::span<const int32_t>(stages->order)));
  js.set("afterTopK", stages->after_top_k);
  js.set("afterTopP", stages->after_top_p);
  js.set("afterMinP", stages->after_min_p);
  js.set("filtered", copy(std::span<const float>(stages->filtered)));
  js.set("draw", stages->draw);
  js.set("token", stages->token);
  return success(js);
}

val candidate_to_js(const Candidate& candidate) {
  auto js = val::object();
  js.set("id", candidate.id);
  js.set("logit", candidate.logit);
  js.set("probability", candidate.probability);
  js.set("filtered", candidate.filtered);
  return js;
}

val next_token_outcome(std::span<const float> logits, const val& js_options, double step,
                       int candidates, const SamplingContext& context) {
  const SamplingOptions options = sampling_options(js_options);
  if (const Status status = check_sampling(options); !status) return failure(status.error());
  const auto next = sample_next(logits, options, static_cast<uint64_t>(step), candidates, context);
  if (!next) return failure(next.error());
  auto list = val::array();
  for (const Candidate& candidate : next->candidates) {
    list.call<void>("push", candidate_to_js(candidate));
  }
  auto js = val::object();
  js.set("chosen", candidate_to_js(next->chosen));
  js.set("candidates", list);
  return success(js);
}

val sample_logits(const val& logits, const val& options, double step, const val& prompt,
                  const val& generated) {
  const auto ids = [](const val& js) {
    return emscripten::convertJSArrayToNumberVector<int32_t>(js);
  };
  const std::vector<int32_t> prompt_ids = ids(prompt), generated_ids = ids(generated);
  return sample_outcome(emscripten::convertJSArrayToNumberVector<float>(logits), options, step,
                        {prompt_ids, generated_ids});
}

// ---- model

// Edits' JSON has a placeholder where there are many values; those come as typed arrays, by the
// edit's index.
template <class AnyEdit>
void fill_values(std::vector<AnyEdit>& edits, const val& all_values) {
  for (size_t i = 0; i < edits.size(); ++i) {
    const val values = all_values[i];
    if (!values.isUndefined()) {
      edits[i].values = emscripten::convertJSArrayToNumberVector<float>(values);
    }
  }
}

class LoadedModel {
 public:
  explicit LoadedModel(Model model)
      : model_(std::make_shared<Model>(std::move(model))),
        editor_(std::make_unique<WeightEditor>(model_->weights)) {}

  double parameters() const { return static_cast<double>(model_->weights.parameter_count()); }
  double bytes() const { return static_cast<double>(model_->weights.bytes()); }
  std::string dtype() const { return storage_name(model_->weights.storage); }
  std::string file_dtype() const { return model_->weights.file_dtype; }
  val weights() const {
    auto list = val::array();
    for (const NamedWeight& weight : model_->weights.named) {
      auto js = val::object();
      js.set("name", weight.name);
      js.set("dims", dims_to_js(weight.shape));
      list.call<void>("push", js);
    }
    return list;
  }
  // `count` values of a weight from `first` on, by its index in weights(): a view until the next
  // call, so that a large weight needs no second copy here.
  val read_weight(int index, double first, uint32_t count) {
    staging_.resize(count);
    const NamedWeight& weight = model_->weights.named[static_cast<size_t>(index)];
    weight.read(static_cast<int64_t>(first), staging_);
    return heap_view<float>(staging_);
  }
  // While no pass is under way.
  val edit_weights(const val& js) {
    Result<std::vector<WeightEdit>> edits =
        parse_weight_edits(js["json"].as<std::string>(), model_->weights);
    if (!edits) return failure(edits.error());
    fill_values(*edits, js["values"]);
    const Status status = editor_->apply(*edits);
    return status ? success(val(editor_->applied())) : failure(status.error());
  }
  // How many remain to be undone.
  int undo_weight_edit() {
    editor_->undo();
    return editor_->applied();
  }
  std::shared_ptr<const Model> model() const { return model_; }

 private:
  std::shared_ptr<Model> model_;
  std::unique_ptr<WeightEditor> editor_;
  std::vector<float> staging_;
};

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

Result<std::vector<Edit>> edits_from_js(const val& js, const Config& config) {
  Result<std::vector<Edit>> edits = parse_edits(js["json"].as<std::string>(), config);
  if (edits) fill_values(*edits, js["values"]);
  return edits;
}

LogitRows logit_rows(const std::string& name) {
  return name == "all" ? LogitRows::all : name == "last" ? LogitRows::last : LogitRows::none;
}

// A replacement is copied in after the call, which may have let the memory grow.
void call_hook(const val& hook, ActivationId id, TensorView tensor) {
  const val replacement = hook.call<val>("call", tensor_to_js(activation_name(id), tensor));
  if (!replacement.isUndefined()) {
    heap_view<float>(tensor.span()).call<void>("set", replacement);
  }
}

// The residual stream that a run starts with, if it does.
std::vector<float> residual_of(const val& js) {
  const val residual = js["residual"];
  if (residual.isUndefined()) return {};
  return emscripten::convertJSArrayToNumberVector<float>(residual);
}

Result<RunOptions> run_options(const val& js, const Config& config) {
  Result<std::vector<Edit>> edits = edits_from_js(js["edits"], config);
  if (!edits) return edits.error();
  RunOptions run;
  run.names = emscripten::vecFromJSArray<std::string>(js["names"]);
  const val start = js["startAtLayer"], stop = js["stopAtLayer"], positions = js["positions"];
  if (!start.isUndefined()) run.start_at_layer = start.as<int>();
  if (!stop.isUndefined()) run.stop_at_layer = stop.as<int>();
  if (!positions.isUndefined()) {
    run.positions = AxisRange{positions[0].as<int>(), positions[1].as<int>()};
  }
  for (const val& hook : emscripten::vecFromJSArray<val>(js["hooks"])) {
    run.hooks.push_back(
        {emscripten::vecFromJSArray<std::string>(hook["names"]),
         [hook](ActivationId id, TensorView tensor) { call_hook(hook, id, tensor); }});
  }
  run.edits = *std::move(edits);
  run.logits = logit_rows(js["logits"].as<std::string>());
  return run;
}

// Runs over whole texts, one after the other.
class Runs {
 public:
  explicit Runs(const std::shared_ptr<const Model>& model) : model_(model), run_(model) {}

  val begin(const val& tokens, const val& options) {
    Result<RunOptions> run = run_options(options, model_->config);
    if (!run) return failure(run.error());
    const std::vector<float> residual = residual_of(options);
    run->residual = residual;
    const Status status =
        run_.begin(emscripten::convertJSArrayToNumberVector<int32_t>(tokens), *run);
    return status ? success(val(run_.stages())) : failure(status.error());
  }
  bool step() { return run_.step(); }
  int reused() const { return run_.reused(); }
  int activation_count() const { return static_cast<int>(run_.activations().size()); }
  // One at a time, because making the next one could grow the memory under a view of this one.
  val activation(int index) const {
    const Trace::Entry& entry = run_.activations()[static_cast<size_t>(index)];
    return tensor_to_js(activation_name(entry.id), entry.tensor);
  }
  // Null where the run computed none.
  val logits() const {
    const ConstTensorView logits = run_.logits();
    return logits.data ? tensor_to_js("logits", logits) : val::null();
  }
  void end() { run_.end(); }

 private:
  std::shared_ptr<const Model> model_;
  IncrementalRun run_;
};

val estimate_run_of(const LoadedModel& loaded, const val& tokens, const val& options) {
  const Model& model = *loaded.model();
  const Result<RunOptions> run = run_options(options, model.config);
  if (!run) return failure(run.error());
  const Result<RunEstimate> estimate =
      estimate_run(model.config, model.weights.storage,
                   emscripten::convertJSArrayToNumberVector<int32_t>(tokens), *run);
  if (!estimate) return failure(estimate.error());
  auto js = val::object();
  js.set("activations", static_cast<double>(estimate->activations));
  js.set("logits", static_cast<double>(estimate->logits));
  js.set("cache", static_cast<double>(estimate->cache));
  js.set("scratch", static_cast<double>(estimate->scratch));
  js.set("total", static_cast<double>(estimate->activations + estimate->logits + estimate->cache +
                                      estimate->scratch + estimate->returned()));
  return success(js);
}

std::string full_name(const std::string& name, int layers) {
  return full_activation_name(name, layers);
}

val open_runs(const LoadedModel& loaded) { return success(owned(Runs(loaded.model()))); }

// The answer to one question about a model.
class Analysis {
 public:
  explicit Analysis(Work<AnalysisReply> work) : work_(std::move(work)) {}

  bool step() { return work_.step(); }
  int done() const { return work_.progress().done; }
  int total() const { return work_.progress().total; }
  val reply() {
    Result<AnalysisReply> reply = work_.result();
    if (!reply) return failure(reply.error());
    reply_ = *std::move(reply);
    auto js = val::object();
    js.set("json", reply_.json);
    js.set("tensors", static_cast<int>(reply_.tensors.size()));
    return success(js);
  }
  // One at a time, as in Runs.
  val tensor(int index) const {
    const ReplyTensor& tensor = reply_.tensors[static_cast<size_t>(index)];
    auto js = val::object();
    js.set("name", tensor.name);
    js.set("dims", dims_to_js(tensor.dims));
    js.set("data", heap_view<float>(tensor.data));
    return js;
  }

 private:
  Work<AnalysisReply> work_;
  AnalysisReply reply_;
};

val open_analysis_of(const LoadedModel& loaded, const std::string& json, const val& js_edits,
                     const val& values) {
  Result<std::vector<Edit>> edits = edits_from_js(js_edits, loaded.model()->config);
  if (!edits) return failure(edits.error());
  Result<Work<AnalysisReply>> work = open_analysis(
      loaded.model(), {.json = json,
                       .edits = *std::move(edits),
                       .values = emscripten::convertJSArrayToNumberVector<float>(values)});
  if (!work) return failure(work.error());
  return success(owned(Analysis(*std::move(work))));
}

// A text that grows token by token: the keys and values of the positions so far, the pass that is
// under way, and the logits of the last one, from which tokens may be drawn again.
class Session {
 public:
  Session(std::shared_ptr<const Model> model, KvCache cache)
      : model_(std::move(model)), cache_(std::make_unique<KvCache>(std::move(cache))) {}

  val begin(const val& tokens, const val& options) {
    pass_.reset();
    const Result<RunOptions> run = run_options(options, model_->config);
    if (!run) return failure(run.error());
    if (cache_->length() > 0 && version_ != model_->weights.version) {
      return failure({ErrorCode::bad_option,
                      "the weights have changed since this text was begun; begin it again"});
    }
    version_ = model_->weights.version;
    wanted_ = emscripten::convertJSArrayToNumberVector<int32_t>(tokens);
    Result<ForwardPass> pass = ForwardPass::create(*model_, *cache_, wanted_, *run);
    if (!pass) return failure(pass.error());
    pass_.emplace(*std::move(pass));
    return success(val(pass_->stages()));
  }
  bool step() {
    if (pass_->step()) return true;
    const ConstTensorView logits = pass_->logits();
    const auto last = logits.row(logits.rows() - 1);
    logits_.assign(last.begin(), last.end());
    if (tokens_.empty()) prompt_ = wanted_.size();
    tokens_.insert(tokens_.end(), wanted_.begin(), wanted_.end());
    return false;
  }
  val sample(const val& options, double step) const {
    return sample_outcome(logits_, options, step, context());
  }
  val sample_next(const val& options, double step, int candidates) const {
    return next_token_outcome(logits_, options, step, candidates, context());
  }
  void end() { pass_.reset(); }

  // Another text that begins as this one does.
  val fork() const {
    Result<KvCache> cache = KvCache::create(model_->config, cache_->capacity());
    if (!cache) return failure(cache.error());
    cache->copy(*cache_);
    Session session(model_, *std::move(cache));
    session.tokens_ = tokens_;
    session.prompt_ = prompt_;
    session.logits_ = logits_;
    session.version_ = version_;
    return success(owned(std::move(session)));
  }

 private:
  SamplingContext context() const {
    return {std::span(tokens_).first(prompt_), std::span(tokens_).subspan(prompt_)};
  }

  std::shared_ptr<const Model> model_;
  std::unique_ptr<KvCache> cache_;
  std::optional<ForwardPass> pass_;  // refers to the cache
  std::vector<int32_t> wanted_;      // those of the pass
  std::vector<int32_t> tokens_;      // so far
  size_t prompt_ = 0;                // how many of them were there first
  std::vector<float> logits_;        // after the last of them
  uint64_t version_ = 0;             // of the weights
};

// capacity: the most positions, at most n_positions.
val open_session(const LoadedModel& loaded, int capacity) {
  Result<KvCache> cache = KvCache::create(loaded.model()->config, capacity);
  if (!cache) return failure(cache.error());
  return success(owned(Session(loaded.model(), *std::move(cache))));
}

// The stack of a thread that the package starts: its upper end, from which it grows downwards. It
// lives as long as the module's memory.
double make_thread_stack(uint32_t bytes) {
  void* stack = std::aligned_alloc(64, bytes);
  return stack ? static_cast<double>(reinterpret_cast<uintptr_t>(stack) + bytes) : 0;
}

}  // namespace

#ifdef GLASSFORMER_THREADS
// What such a thread calls, once.
extern "C" EMSCRIPTEN_KEEPALIVE void glassformer_serve() { serve_parts(); }
#endif

EMSCRIPTEN_BINDINGS(glassformer) {
  emscripten::function("usesRelaxedSimd", &uses_relaxed_simd);
  emscripten::function("makeThreadStack", &make_thread_stack);
  emscripten::function("activations", &activations);
  emscripten::function("tokenizerFromVocabAndMerges", &tokenizer_from_vocab_and_merges);
  emscripten::function("tokenizerFromJson", &tokenizer_from_json);
  emscripten::function("sample", &sample_logits);
  emscripten::function("loadConfig", &load_config);
  emscripten::function("openAnalysis", &open_analysis_of);
  emscripten::function("estimateRun", &estimate_run_of);
  emscripten::function("fullActivationName", &full_name);
  emscripten::function("openRuns", &open_runs);
  emscripten::function("openSession", &open_session);

  emscripten::class_<Tokenizer>("Tokenizer")
      .smart_ptr<std::shared_ptr<Tokenizer>>("TokenizerPointer")
      .property("vocabSize", &Tokenizer::vocab_size)
      .function("encode", &encode)
      .function("decode", &decode)
      .function("bytesOf", &bytes_of)
      .function("specialId", &special_id);
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
  emscripten::class_<Analysis>("Analysis")
      .smart_ptr<std::shared_ptr<Analysis>>("AnalysisPointer")
      .property("done", &Analysis::done)
      .property("total", &Analysis::total)
      .function("step", &Analysis::step)
      .function("reply", &Analysis::reply)
      .function("tensor", &Analysis::tensor);
  emscripten::class_<Runs>("Runs")
      .smart_ptr<std::shared_ptr<Runs>>("RunsPointer")
      .function("begin", &Runs::begin)
      .function("step", &Runs::step)
      .property("reused", &Runs::reused)
      .property("activationCount", &Runs::activation_count)
      .function("activation", &Runs::activation)
      .function("logits", &Runs::logits)
      .function("end", &Runs::end);
  emscripten::class_<Session>("Session")
      .smart_ptr<std::shared_ptr<Session>>("SessionPointer")
      .function("begin", &Session::begin)
      .function("step", &Session::step)
      .function("sample", &Session::sample)
      .function("sampleNext", &Session::sample_next)
      .function("fork", &Session::fork)
      .function("end", &Session::end);
}

}  // namespace glassformer
