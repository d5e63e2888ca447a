#include "core/analysis/patching.h"

#include "core/analysis/own_run.h"
#include "core/names.h"
#include "core/quote.h"

namespace glassformer {
namespace {

Result<Hook> find_hook(const std::string& name) {
  std::vector<std::string> names;
  for (const ActivationRow& row : activation_table()) {
    if (!row.per_block) continue;
    if (row.name == name) return row.hook;
    names.emplace_back(row.name);
  }
  return Error{ErrorCode::bad_name, "no activation of a block is named " + quoted(name) +
                                        "; the nearest is \"" + nearest_name(name, names) + "\""};
}

bool has_heads(Hook hook) { return activation_row(hook).shape.find('H') != std::string_view::npos; }

// The values of one position or head of an activation [T,X], [T,H,X] or [H,T,X], in row-major
// order.
std::vector<float> part_of(ConstTensorView tensor, bool along_first_axis, int64_t index) {
  const int64_t outer = tensor.dims[0], inner = tensor.rank == 3 ? tensor.dims[1] : 1;
  std::vector<float> values;
  for (int64_t k = 0; k < (along_first_axis ? inner : outer); ++k) {
    const int64_t row = along_first_axis ? index * inner + k : k * inner + index;
    values.insert(values.end(), tensor.row(row).begin(), tensor.row(row).end());
  }
  return values;
}

// The edit that patches one position or head of one block.
Edit patch(ActivationId activation, PatchAxis axis, int64_t index, ConstTensorView source) {
  const bool heads_first = activation_row(activation.hook).shape.front() == 'H';
  const AxisRange range = {index, index + 1};
  Edit edit{.activation = activation, .operation = EditOperation::set};
  (axis == PatchAxis::position ? edit.position : edit.head) = range;
  edit.values = part_of(source, (axis == PatchAxis::head) == heads_first, index);
  return edit;
}

Status check(const Config& config, const std::vector<int32_t>& from,
             const std::vector<int32_t>& into, const PatchingOptions& options, Hook hook) {
  if (from.size() != into.size()) {
    return Error{ErrorCode::bad_tokens, "the texts must have the same number of tokens, but have " +
                                            std::to_string(from.size()) + " and " +
                                            std::to_string(into.size())};
  }
  if (activation_row(hook).on_request) {
    return Error{ErrorCode::bad_name, quoted(activation_row(hook).name) +
                                          " is not patched, because it follows from attn.hook_z"};
  }
  if (options.axis == PatchAxis::head && !has_heads(hook)) {
    return Error{ErrorCode::bad_option,
                 quoted(activation_row(hook).name) + " has no heads to patch one at a time"};
  }
  const int64_t T = std::ssize(into), position = options.metric.position;
  if (position < -T || position >= T) {
    return Error{ErrorCode::bad_option, "the metric is measured at position " +
                                            std::to_string(position) + " of " + std::to_string(T)};
  }
  return check_metric(options.metric, config);
}

// The logits of one position of a run that has captured the last residual stream.
Result<OwnRun> logits_at(const Model& model, const OwnRun& run, int64_t position) {
  const ConstTensorView last = run.get(Hook::resid_post, model.config.n_layer - 1);
  return unembed(model, view2<const float>(last.row(position).data(), 1, last.columns()));
}

}  // namespace

Work<Patching> activation_patching(const Model& model, std::vector<int32_t> from,
                                   std::vector<int32_t> into, PatchingOptions options) {
  const Result<Hook> hook = find_hook(options.activation);
  if (!hook) co_return hook.error();
  const Config& config = model.config;
  if (const Status status = check(config, from, into, options, *hook); !status) {
    co_return status.error();
  }
  const int64_t T = std::ssize(into);
  const int64_t position = options.metric.position + (options.metric.position < 0 ? T : 0);
  const int64_t parts = options.axis == PatchAxis::position ? T : config.n_head;
  const int total = 2 + static_cast<int>(parts) * config.n_layer;
  int done = 0;

  // Both texts as they are.
  const std::string last = activation_name({Hook::resid_post, config.n_layer - 1});
  Result<OwnRun> source = begin_run(
      model, from, {.names = {"*." + options.activation, last}, .logits = LogitRows::none});
  if (!source) co_return source.error();
  while (source->step()) co_yield {done, total};
  ++done;
  Result<OwnRun> base =
      begin_run(model, into, {.names = {"*.hook_resid_pre", last}, .logits = LogitRows::none});
  if (!base) co_return base.error();
  while (base->step()) co_yield {done, total};
  ++done;
  const Result<OwnRun> source_logits = logits_at(model, *source, position);
  if (!source_logits) co_return source_logits.error();
  const Result<OwnRun> base_logits = logits_at(model, *base, position);
  if (!base_logits) co_return base_logits.error();
  const std::span<const float> reference = source_logits->pass.logits().row(0);

  Patching patching;
  patching.columns = static_cast<int>(parts);
  patching.from = measure(options.metric, reference, reference);
  patching.into = measure(options.metric, base_logits->pass.logits().row(0), reference);
  for (int i = 0; i < config.n_layer; ++i) {
    for (int64_t part = 0; part < parts; ++part) {
      const Edit edit = patch({*hook, i}, options.axis, part, source->get(*hook, i));
      Result<OwnRun> patched = begin_run(model, {},
                                         {.positions = AxisRange{position, position + 1},
                                          .start_at_layer = i,
                                          .residual = base->get(Hook::resid_pre, i).span(),
                                          .edits = {edit},
                                          .logits = LogitRows::all});
      if (!patched) co_return patched.error();
      while (patched->step()) co_yield {done, total};
      patching.values.push_back(
          static_cast<float>(measure(options.metric, patched->pass.logits().row(0), reference)));
      co_yield {++done, total};
    }
  }
  co_return patching;
}

}  // namespace glassformer
