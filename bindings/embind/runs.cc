// Runs over whole texts, and texts that grow.
#include <emscripten/bind.h>

#include <memory>
#include <utility>

#include "bindings/embind/model.h"
#include "bindings/embind/run_options.h"
#include "bindings/embind/sampling.h"
#include "bindings/embind/support.h"
#include "core/incremental_run.h"
#include "core/run_estimate.h"
#include "core/text_session.h"

namespace glassformer {
namespace {

using emscripten::val;

// Runs over whole texts, one after the other.
class Runs {
 public:
  explicit Runs(const std::shared_ptr<const Model>& model) : model_(model), run_(model) {}

  val begin(const val& tokens, const val& options) {
    Result<RunOptions> run = run_options(options, model_->config);
    if (!run) return failure(run.error());
    const std::vector<float> residual = residual_of(options);
    run->residual = residual;
    const Status status = run_.begin(ids_from_js(tokens), *run);
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

val open_runs(const LoadedModel& loaded) { return success(owned(Runs(loaded.model()))); }

val estimate_run_of(const LoadedModel& loaded, const val& tokens, const val& options) {
  const Model& model = *loaded.model();
  const Result<RunOptions> run = run_options(options, model.config);
  if (!run) return failure(run.error());
  const Result<RunEstimate> estimate =
      estimate_run(model.config, model.weights.storage, ids_from_js(tokens), *run);
  if (!estimate) return failure(estimate.error());
  auto js = val::object();
  js.set("activations", static_cast<double>(estimate->activations));
  js.set("logits", static_cast<double>(estimate->logits));
  js.set("cache", static_cast<double>(estimate->cache));
  js.set("scratch", static_cast<double>(estimate->scratch));
  js.set("total", static_cast<double>(estimate->total()));
  return success(js);
}

class Session {
 public:
  Session(std::shared_ptr<const Model> model, TextSession text)
      : model_(std::move(model)), text_(std::move(text)) {}

  val begin(const val& tokens, const val& options) {
    const Result<RunOptions> run = run_options(options, model_->config);
    if (!run) return failure(run.error());
    const Status status = text_.begin(ids_from_js(tokens), *run);
    return status ? success(val(text_.stages())) : failure(status.error());
  }
  bool step() { return text_.step(); }
  val sample(const val& options, double step) const {
    return sample_outcome(text_.logits(), options, step, text_.context());
  }
  val sample_next(const val& options, double step, int candidates) const {
    return next_token_outcome(text_.logits(), options, step, candidates, text_.context());
  }
  val fork() const {
    Result<TextSession> text = text_.fork();
    if (!text) return failure(text.error());
    return success(owned(Session(model_, *std::move(text))));
  }
  void end() { text_.end(); }

 private:
  std::shared_ptr<const Model> model_;
  TextSession text_;
};

val open_session(const LoadedModel& loaded, int capacity) {
  Result<TextSession> text = TextSession::create(loaded.model(), capacity);
  if (!text) return failure(text.error());
  return success(owned(Session(loaded.model(), *std::move(text))));
}

}  // namespace

EMSCRIPTEN_BINDINGS(glassformer_runs) {
  emscripten::function("openRuns", &open_runs);
  emscripten::function("estimateRun", &estimate_run_of);
  emscripten::function("openSession", &open_session);
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
