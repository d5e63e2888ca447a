#include "bindings/embind/sampling.h"

#include <emscripten/bind.h>

#include "bindings/embind/support.h"

namespace glassformer {
namespace {

using emscripten::val;

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

val candidate_to_js(const Candidate& candidate) {
  auto js = val::object();
  js.set("id", candidate.id);
  js.set("logit", candidate.logit);
  js.set("probability", candidate.probability);
  js.set("filtered", candidate.filtered);
  return js;
}

}  // namespace

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

namespace {

val sample_logits(const val& logits, const val& options, double step, const val& prompt,
                  const val& generated) {
  const std::vector<int32_t> prompt_ids = ids_from_js(prompt);
  const std::vector<int32_t> generated_ids = ids_from_js(generated);
  return sample_outcome(emscripten::convertJSArrayToNumberVector<float>(logits), options, step,
                        {prompt_ids, generated_ids});
}

}  // namespace

EMSCRIPTEN_BINDINGS(glassformer_sampling) { emscripten::function("sample", &sample_logits); }

}  // namespace glassformer
