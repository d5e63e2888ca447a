#include "core/run_plan.h"

#include <algorithm>
#include <cmath>

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

Status check_length(const Config& config, const RunPlan& plan, int capacity, size_t positions) {
  const uint64_t needed = static_cast<uint64_t>(plan.past) + positions;
  if (needed <= static_cast<uint64_t>(capacity)) return {};
  return Error{
      ErrorCode::context_overflow,
      grouped(needed) + " tokens do not fit into " +
          (capacity == config.n_positions ? "the model's context of " : "the room reserved for ") +
          grouped(static_cast<uint64_t>(capacity))};
}

// A layer counted from the beginning, from one that may be counted from the end.
Result<int> layer_of(const Config& config, const char* option, int layer) {
  if (layer < -config.n_layer || layer > config.n_layer) {
    return Error{ErrorCode::bad_option, std::string(option) + " is " + std::to_string(layer) +
                                            ", but the model has " +
                                            std::to_string(config.n_layer) + " layers"};
  }
  return layer < 0 ? layer + config.n_layer : layer;
}

// The blocks to run.
Status plan_blocks(RunPlan& plan, const Config& config, const RunOptions& options) {
  const Result<int> start = layer_of(config, "start_at_layer", options.start_at_layer.value_or(0));
  if (!start) return start.error();
  const Result<int> stop =
      layer_of(config, "stop_at_layer", options.stop_at_layer.value_or(config.n_layer));
  if (!stop) return stop.error();
  if (*start > *stop) {
    return Error{ErrorCode::bad_option, "start_at_layer is " + std::to_string(*start) +
                                            ", after stop_at_layer, which is " +
                                            std::to_string(*stop)};
  }
  plan.first_block = *start;
  plan.end_block = *stop;
  plan.to_logits = !options.stop_at_layer;
  return {};
}

// What the run begins with: tokens, or a residual stream.
Status plan_input(RunPlan& plan, const Config& config, int capacity,
                  std::span<const int32_t> tokens, const RunOptions& options) {
  if (!options.start_at_layer) {
    if (const Status status = check_tokens(config, tokens); !status) return status.error();
    plan.tokens.assign(tokens.begin(), tokens.end());
    plan.new_positions = static_cast<int>(std::min<size_t>(tokens.size(), INT32_MAX));
    return check_length(config, plan, capacity, tokens.size());
  }
  const auto refuse = [](std::string what) {
    return Error{ErrorCode::bad_option, "a run with start_at_layer " + what};
  };
  if (!tokens.empty()) return refuse("takes a residual instead of tokens");
  if (plan.past > 0) return refuse("cannot follow earlier positions");
  const auto width = static_cast<size_t>(config.n_embd);
  if (options.residual.empty() || options.residual.size() % width != 0) {
    return refuse("needs a residual of rows of " + std::to_string(width) + " numbers, not of " +
                  std::to_string(options.residual.size()) + " numbers in all");
  }
  const auto wrong = std::find_if_not(options.residual.begin(), options.residual.end(),
                                      [](float x) { return std::isfinite(x); });
  if (wrong != options.residual.end()) {
    return refuse("needs finite numbers, which element " +
                  std::to_string(wrong - options.residual.begin()) + " of its residual is not");
  }
  plan.residual.assign(options.residual.begin(), options.residual.end());
  plan.new_positions = static_cast<int>(options.residual.size() / width);
  return check_length(config, plan, capacity, options.residual.size() / width);
}

Status plan_positions(RunPlan& plan, const RunOptions& options) {
  const AxisRange pass = {plan.past, plan.positions()};
  plan.captured_positions = options.positions ? resolve(*options.positions, pass.end) : pass;
  const AxisRange asked = plan.captured_positions;
  if (asked.begin < pass.begin || asked.begin >= asked.end || asked.end > pass.end) {
    return Error{ErrorCode::bad_option, "positions are " + std::to_string(asked.begin) +
                                            " up to but not " + std::to_string(asked.end) +
                                            ", but the run has " + std::to_string(pass.begin) +
                                            " up to but not " + std::to_string(pass.end)};
  }
  return {};
}

bool is_computed(ActivationId id, const RunPlan& plan) {
  if (activation_row(id.hook).per_block) {
    return plan.first_block <= id.block && id.block < plan.end_block;
  }
  if (id.hook == Hook::embed || id.hook == Hook::pos_embed) return plan.from_tokens();
  return plan.to_logits;
}

// Which logits are computed.
AxisRange logit_positions(const RunPlan& plan, const RunOptions& options) {
  const AxisRange asked = plan.captured_positions, last = {asked.end - 1, asked.end};
  if (!plan.to_logits) return {};
  // A mean over positions needs every row.
  const bool mean = std::any_of(plan.edits.begin(), plan.edits.end(), [](const PlannedEdit& edit) {
    return edit.edit.activation.hook == Hook::logits && edit.edit.operation == EditOperation::mean;
  });
  if (mean) return {plan.past, plan.positions()};
  if (options.logits == LogitRows::all || plan.captures(Hook::logits)) return asked;
  return options.logits == LogitRows::last ? last : AxisRange{};
}

}  // namespace

bool RunPlan::captures(Hook hook) const {
  return std::any_of(captured.begin(), captured.end(),
                     [hook](ActivationId id) { return id.hook == hook; });
}

bool RunPlan::changes(Hook hook, int block) const {
  const ActivationId id{hook, block};
  return std::any_of(edits.begin(), edits.end(),
                     [id](const PlannedEdit& plan) { return plan.edit.activation == id; }) ||
         std::any_of(hooks.begin(), hooks.end(),
                     [id](const PlannedHook& plan) { return plan.activation == id; });
}

bool RunPlan::hooks_attention() const {
  return std::any_of(hooks.begin(), hooks.end(), [](const PlannedHook& plan) {
    return plan.activation.hook == Hook::attn_scores || plan.activation.hook == Hook::pattern;
  });
}

Result<RunPlan> plan_run(const Config& config, int past, int capacity,
                         std::span<const int32_t> tokens, const RunOptions& options) {
  RunPlan plan;
  plan.past = past;
  if (const Status status = plan_blocks(plan, config, options); !status) return status.error();
  if (const Status status = plan_input(plan, config, capacity, tokens, options); !status) {
    return status.error();
  }
  if (const Status status = plan_positions(plan, options); !status) return status.error();

  Result<std::vector<ActivationId>> selected = select_activations(options.names, config);
  if (!selected) return selected.error();
  std::copy_if(selected->begin(), selected->end(), std::back_inserter(plan.captured),
               [&](ActivationId id) { return is_computed(id, plan); });

  Result<std::vector<PlannedEdit>> edits =
      plan_edits(options.edits, config, plan.new_positions, plan.past);
  if (!edits) return edits.error();
  plan.edits = *std::move(edits);
  for (const RunHook& hook : options.hooks) {
    const Result<std::vector<ActivationId>> hooked = select_activations(hook.names, config);
    if (!hooked) return hooked.error();
    for (const ActivationId id : *hooked) plan.hooks.push_back({id, hook.call});
  }
  plan.logit_positions = logit_positions(plan, options);
  return plan;
}

}  // namespace glassformer
