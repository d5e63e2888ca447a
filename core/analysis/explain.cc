#include "core/analysis/explain.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/analysis/explained_operations.h"
#include "core/analysis/own_run.h"

namespace glassformer {
namespace {

constexpr const char* kProbabilities = "probabilities";

// What is explained: an activation, or the softmax of the logits.
struct Subject {
  ActivationId id;
  bool probability = false;
};

Result<Subject> find_subject(const std::string& name, const Config& config) {
  if (name == kProbabilities) return Subject{{Hook::logits}, true};
  const Result<ActivationId> id = find_activation(name, config);
  if (!id) return id.error();
  return Subject{*id};
}

// The activations that an explanation reads, its own among them.
std::vector<std::string> needed(const Subject& subject, const Config& config) {
  std::vector<ActivationId> ids = {subject.id};
  const int i = subject.id.block;
  const auto stream = [&](int attentions, int mlps) {
    ids.push_back({Hook::embed});
    ids.push_back({Hook::pos_embed});
    for (int b = 0; b < attentions; ++b) ids.push_back({Hook::attn_out, b});
    for (int b = 0; b < mlps; ++b) ids.push_back({Hook::mlp_out, b});
  };
  switch (subject.id.hook) {
    case Hook::embed:
    case Hook::pos_embed:
      break;
    case Hook::resid_pre:
      stream(i, i);
      break;
    case Hook::resid_mid:
      stream(i + 1, i);
      break;
    case Hook::resid_post:
      stream(i + 1, i + 1);
      break;
    case Hook::ln1_normalized:
      ids.push_back({Hook::ln1_scale, i});
      [[fallthrough]];
    case Hook::ln1_scale:
      ids.push_back({Hook::resid_pre, i});
      break;
    case Hook::ln2_normalized:
      ids.push_back({Hook::ln2_scale, i});
      [[fallthrough]];
    case Hook::ln2_scale:
      ids.push_back({Hook::resid_mid, i});
      break;
    case Hook::ln_final_normalized:
      ids.push_back({Hook::ln_final_scale});
      [[fallthrough]];
    case Hook::ln_final_scale:
      ids.push_back({Hook::resid_post, config.n_layer - 1});
      break;
    case Hook::q:
    case Hook::k:
    case Hook::v:
      ids.push_back({Hook::ln1_normalized, i});
      break;
    case Hook::attn_scores:
      ids.push_back({Hook::q, i});
      ids.push_back({Hook::k, i});
      break;
    case Hook::pattern:
      ids.push_back({Hook::attn_scores, i});
      break;
    case Hook::z:
      ids.push_back({Hook::pattern, i});
      ids.push_back({Hook::v, i});
      break;
    case Hook::result:
      ids.push_back({Hook::z, i});
      break;
    case Hook::attn_out:
      ids.push_back({Hook::result, i});
      break;
    case Hook::mlp_pre:
      ids.push_back({Hook::ln2_normalized, i});
      break;
    case Hook::mlp_post:
      ids.push_back({Hook::mlp_pre, i});
      break;
    case Hook::mlp_out:
      ids.push_back({Hook::mlp_post, i});
      break;
    case Hook::logits:
      ids.push_back({Hook::ln_final_normalized});
      break;
  }
  std::vector<std::string> names;
  for (const ActivationId id : ids) names.push_back(activation_name(id));
  return names;
}

// Where the run may stop.
std::optional<int> stop_after(ActivationId id) {
  if (activation_row(id.hook).per_block) return id.block + 1;
  if (id.hook == Hook::embed || id.hook == Hook::pos_embed) return 0;
  return std::nullopt;
}

// The index counted from the beginning of each axis.
Result<std::vector<int64_t>> resolve_index(const std::string& name, std::span<const int64_t> index,
                                           std::span<const int64_t> dims) {
  if (index.size() != dims.size()) {
    return Error{ErrorCode::bad_option, name + " has " + std::to_string(dims.size()) +
                                            " axes, but the index has " +
                                            std::to_string(index.size()) + " numbers"};
  }
  std::vector<int64_t> resolved;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    const int64_t i = index[axis] < 0 ? index[axis] + dims[axis] : index[axis];
    if (i < 0 || i >= dims[axis]) {
      return Error{ErrorCode::bad_option, "index " + std::to_string(index[axis]) +
                                              " is outside axis " + std::to_string(axis) + " of " +
                                              name + ", which has " + std::to_string(dims[axis]) +
                                              " entries"};
    }
    resolved.push_back(i);
  }
  return resolved;
}

}  // namespace

Work<Explanation> explain(const Model& model, std::vector<int32_t> tokens, std::string name,
                          std::vector<int64_t> index, ExplainOptions options) {
  const Config& config = model.config;
  const Result<Subject> subject = find_subject(name, config);
  if (!subject) co_return subject.error();
  if (options.terms < 0) co_return Error{ErrorCode::bad_option, "terms must be at least 0"};
  const auto T = static_cast<int>(std::min<size_t>(tokens.size(), INT32_MAX));
  const Result<std::vector<int64_t>> resolved =
      resolve_index(name, index, activation_dims(subject->id.hook, config, T, 0));
  if (!resolved) co_return resolved.error();

  Result<OwnRun> run = begin_run(model, tokens,
                                 {.names = needed(*subject, config),
                                  .stop_at_layer = stop_after(subject->id),
                                  .edits = options.edits,
                                  .logits = LogitRows::none});
  if (!run) co_return run.error();
  while (run->step()) co_yield {run->pass.stages_done(), run->pass.stages()};

  const ExplainedOperations operations(model, tokens, run->pass.trace());
  Explanation explanation = subject->probability ? operations.probability(*resolved)
                                                 : operations.activation(subject->id, *resolved);
  explanation.name = subject->probability ? name : activation_name(subject->id);
  explanation.index = *resolved;
  const double remainder = explanation.value - explanation.sum.total;
  explanation.remainder = std::isnan(remainder) ? 0 : remainder;
  shorten(explanation.sum, options.terms);
  for (ExplainedQuantity& quantity : explanation.quantities) {
    shorten(quantity.sum, options.terms);
  }
  co_return explanation;
}

}  // namespace glassformer
