#include "core/run_plan.h"

#include <algorithm>

#include "core/grouped_number.h"

namespace glassformer {
namespace {

Status check_tokens(const Config& config, std::span<const int32_t> tokens) {
  if (tokens.empty()) return Error{ErrorCode::bad_tokens, "there is no token to run on"};
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] < 0 || tokens[i] >= config.vocab_size) {
      return Error{ErrorCode::bad_tokens, "token " + std::to_string(i) + " is " +
                                              std::to_string(tokens[i]) +
                                              ", but the vocabulary's ids are 0 to " +
                                              std::to_string(config.vocab_size - 1)};
    }
  }
  return {};
}

Status check_length(const Config& config, const KvCache& cache, size_t tokens) {
  const uint64_t positions = static_cast<uint64_t>(cache.length()) + tokens;
  if (positions <= static_cast<uint64_t>(cache.capacity())) return {};
  const bool whole_context = cache.capacity() == config.n_positions;
  return Error{ErrorCode::context_overflow,
               grouped(positions) + " tokens do not fit into " +
                   (whole_context ? "the model's context of " : "the room reserved for ") +
                   grouped(static_cast<uint64_t>(cache.capacity()))};
}

// How many blocks run; n_layer where there is no stop.
Result<int> blocks_to_run(const Config& config, const std::optional<int>& stop_at_layer) {
  const int stop = stop_at_layer.value_or(config.n_layer);
  if (stop < -config.n_layer || stop > config.n_layer) {
    return Error{ErrorCode::bad_option, "stop_at_layer is " + std::to_string(stop) +
                                            ", but the model has " +
                                            std::to_string(config.n_layer) + " layers"};
  }
  return stop < 0 ? stop + config.n_layer : stop;
}

bool is_computed(ActivationId id, int blocks, bool to_logits) {
  if (activation_row(id.hook).per_block) return id.block < blocks;
  return to_logits || id.hook == Hook::embed || id.hook == Hook::pos_embed;
}

}  // namespace

bool RunPlan::edits_activation(Hook hook, int block) const {
  return std::any_of(edits.begin(), edits.end(), [&](const PlannedEdit& plan) {
    return plan.edit.activation == ActivationId{hook, block};
  });
}

Result<RunPlan> plan_run(const Config& config, const KvCache& cache,
                         std::span<const int32_t> tokens, const RunOptions& options) {
  if (const Status status = check_tokens(config, tokens); !status) return status.error();
  if (const Status status = check_length(config, cache, tokens.size()); !status) {
    return status.error();
  }
  const Result<int> blocks = blocks_to_run(config, options.stop_at_layer);
  if (!blocks) return blocks.error();

  RunPlan plan;
  plan.tokens.assign(tokens.begin(), tokens.end());
  plan.past = cache.length();
  plan.blocks = *blocks;
  plan.to_logits = !options.stop_at_layer;

  Result<std::vector<ActivationId>> selected = select_activations(options.names, config);
  if (!selected) return selected.error();
  std::copy_if(selected->begin(), selected->end(), std::back_inserter(plan.captured),
               [&](ActivationId id) { return is_computed(id, plan.blocks, plan.to_logits); });

  Result<std::vector<PlannedEdit>> edits =
      plan_edits(options.edits, config, plan.new_positions(), plan.past);
  if (!edits) return edits.error();
  plan.edits = *std::move(edits);

  // A mean over positions needs every row, and so does the trace.
  const bool every_row =
      options.logits == LogitRows::all ||
      std::find(plan.captured.begin(), plan.captured.end(), ActivationId{Hook::logits}) !=
          plan.captured.end() ||
      std::any_of(plan.edits.begin(), plan.edits.end(), [](const PlannedEdit& edit) {
        return edit.edit.activation.hook == Hook::logits &&
               edit.edit.operation == EditOperation::mean;
      });
  if (plan.to_logits) {
    plan.logit_rows = every_row ? plan.new_positions() : options.logits == LogitRows::last ? 1 : 0;
  }
  return plan;
}

}  // namespace glassformer
