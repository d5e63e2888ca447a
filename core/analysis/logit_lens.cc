#include "core/analysis/logit_lens.h"

#include <algorithm>

#include "core/analysis/own_run.h"
#include "core/distribution.h"
#include "core/ranking.h"

namespace glassformer {
namespace {

// The residual streams in the order of computation.
std::vector<ActivationId> streams(const Config& config, bool sublayers) {
  std::vector<ActivationId> ids;
  for (int i = 0; i < config.n_layer; ++i) {
    ids.push_back({Hook::resid_pre, i});
    if (sublayers) ids.push_back({Hook::resid_mid, i});
  }
  ids.push_back({Hook::resid_post, config.n_layer - 1});
  return ids;
}

LensPosition look_at(std::span<const float> logits, int32_t target,
                     const LogitLensOptions& options) {
  const std::vector<double> p = softmax(logits);
  Ranking ranking(logits);
  const auto token = [&](int32_t id, int rank) {
    const auto i = static_cast<size_t>(id);
    return LensToken{id, rank, logits[i], p[i]};
  };
  LensPosition position;
  const int count = std::min(options.top, ranking.size());
  const std::span<const int32_t> order = ranking.first(count);
  for (int i = 0; i < count; ++i) position.top.push_back(token(order[static_cast<size_t>(i)], i));
  position.target = token(target, ranking.rank(target));
  for (const int32_t id : options.tracked) {
    position.tracked.push_back(token(id, ranking.rank(id)));
  }
  position.entropy = entropy(p);
  return position;
}

Status check(const Config& config, const LogitLensOptions& options) {
  if (options.top < 0) {
    return Error{ErrorCode::bad_option,
                 "top must be at least 0, not " + std::to_string(options.top)};
  }
  for (const int32_t id : options.tracked) {
    if (id < 0 || id >= config.vocab_size) {
      return Error{ErrorCode::bad_tokens,
                   "token " + std::to_string(id) +
                       " cannot be followed: the vocabulary's ids are 0 to " +
                       std::to_string(config.vocab_size - 1)};
    }
  }
  return {};
}

}  // namespace

Work<LogitLens> logit_lens(const Model& model, std::vector<int32_t> tokens,
                           LogitLensOptions options) {
  if (const Status status = check_edits_end_in_blocks(options.edits); !status) {
    co_return status.error();
  }
  if (const Status status = check(model.config, options); !status) co_return status.error();
  const std::vector<ActivationId> ids = streams(model.config, options.sublayers);
  RunOptions run_options = {.edits = options.edits, .logits = LogitRows::last};
  for (const ActivationId id : ids) run_options.names.push_back(activation_name(id));
  Result<OwnRun> run = begin_run(model, tokens, run_options);
  if (!run) co_return run.error();
  const int total = run->pass.stages() + static_cast<int>(ids.size());
  while (run->step()) co_yield {run->pass.stages_done(), total};

  std::vector<int32_t> targets(tokens.begin() + 1, tokens.end());
  targets.push_back(Ranking(run->pass.logits().row(0)).first(1)[0]);
  LogitLens lens;
  for (const ActivationId id : ids) {
    const Result<OwnRun> logits = unembed(model, run->get(id.hook, id.block));
    if (!logits) co_return logits.error();
    LensLayer layer{activation_name(id), {}};
    for (size_t t = 0; t < tokens.size(); ++t) {
      layer.positions.push_back(
          look_at(logits->pass.logits().row(static_cast<int64_t>(t)), targets[t], options));
    }
    lens.layers.push_back(std::move(layer));
    co_yield {run->pass.stages() + static_cast<int>(lens.layers.size()), total};
  }
  co_return lens;
}

}  // namespace glassformer
