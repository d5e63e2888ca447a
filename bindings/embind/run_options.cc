#include "bindings/embind/run_options.h"

#include <string>

#include "bindings/embind/edits.h"
#include "bindings/embind/support.h"
#include "core/trace.h"

namespace glassformer {
namespace {

using emscripten::val;

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

}  // namespace

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

}  // namespace glassformer
