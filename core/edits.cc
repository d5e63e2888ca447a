#include "core/edits.h"

#include <algorithm>
#include <string>

namespace glassformer {
namespace {

int64_t length(AxisRange range) { return range.end - range.begin; }

// The two activations that are [H,T,S]: heads come first, and keys later than the query are masked.
bool is_attention_matrix(Hook hook) { return hook == Hook::attn_scores || hook == Hook::pattern; }

bool is_masked(Hook hook, int64_t position, int64_t column) {
  return is_attention_matrix(hook) && column > position;
}

bool takes_values(EditOperation operation) {
  return operation == EditOperation::scale || operation == EditOperation::add ||
         operation == EditOperation::set || operation == EditOperation::patch;
}

// A tensor seen as [positions, heads, columns].
struct Grid {
  float* data;
  int64_t positions, heads, columns;

  explicit Grid(TensorView tensor)
      : data(tensor.data),
        positions(tensor.dims[0]),
        heads(tensor.rank == 3 ? tensor.dims[1] : 1),
        columns(tensor.columns()) {}
  float& at(int64_t t, int64_t h, int64_t c) const { return data[(t * heads + h) * columns + c]; }
};

// The mean over the grid's positions of one head's column; in double, because T can be a thousand.
float mean_over_positions(const Grid& grid, Hook hook, int64_t first_position, int64_t h,
                          int64_t c) {
  double sum = 0;
  int64_t count = 0;
  for (int64_t t = 0; t < grid.positions; ++t) {
    if (is_masked(hook, first_position + t, c)) continue;
    sum += grid.at(t, h, c);
    ++count;
  }
  return count == 0 ? 0.0f : static_cast<float>(sum / static_cast<double>(count));
}

// The value that an edit gives for one selected element: position t, head h, column c of the whole
// activation.
float given_value(const PlannedEdit& plan, int64_t t, int64_t h, int64_t c) {
  const std::vector<float>& values = plan.edit.values;
  if (values.size() == 1) return values.front();
  t -= plan.positions.begin;
  h -= plan.heads.begin;
  c -= plan.columns.begin;
  const int64_t row = is_attention_matrix(plan.edit.activation.hook)
                          ? h * length(plan.positions) + t
                          : t * length(plan.heads) + h;
  return values[static_cast<size_t>(row * length(plan.columns) + c)];
}

float edited(EditOperation operation, float x, float value) {
  switch (operation) {
    case EditOperation::zero:
      return 0;
    case EditOperation::scale:
      return x * value;
    case EditOperation::add:
      return x + value;
    case EditOperation::set:
    case EditOperation::patch:
    case EditOperation::mean:
      return value;
  }
  return x;
}

void apply(const PlannedEdit& plan, const Grid& grid, int64_t first_position, int64_t first_head) {
  const Hook hook = plan.edit.activation.hook;
  const EditOperation operation = plan.edit.operation;
  const int64_t t_begin = std::max<int64_t>(plan.positions.begin - first_position, 0);
  const int64_t t_end = std::min(plan.positions.end - first_position, grid.positions);
  const int64_t h_begin = std::max<int64_t>(plan.heads.begin - first_head, 0);
  const int64_t h_end = std::min(plan.heads.end - first_head, grid.heads);
  for (int64_t h = h_begin; h < h_end; ++h) {
    for (int64_t c = plan.columns.begin; c < plan.columns.end; ++c) {
      // Before the loop over positions, which overwrites what the mean is taken of.
      const float mean = operation == EditOperation::mean
                             ? mean_over_positions(grid, hook, first_position, h, c)
                             : 0.0f;
      for (int64_t t = t_begin; t < t_end; ++t) {
        if (is_masked(hook, first_position + t, c)) continue;
        const float value = takes_values(operation)
                                ? given_value(plan, first_position + t, first_head + h, c)
                                : mean;
        grid.at(t, h, c) = edited(operation, grid.at(t, h, c), value);
      }
    }
  }
}

// The selected elements of a whole activation, in row-major order.
std::vector<float> selected_values(const PlannedEdit& plan, int64_t heads, int64_t positions,
                                   int64_t columns) {
  const bool heads_first = is_attention_matrix(plan.edit.activation.hook);
  const AxisRange outer = heads_first ? plan.heads : plan.positions;
  const AxisRange inner = heads_first ? plan.positions : plan.heads;
  const int64_t inner_size = heads_first ? positions : heads;
  std::vector<float> values;
  for (int64_t i = outer.begin; i < outer.end; ++i) {
    for (int64_t j = inner.begin; j < inner.end; ++j) {
      const float* row = plan.edit.values.data() + (i * inner_size + j) * columns;
      values.insert(values.end(), row + plan.columns.begin, row + plan.columns.end);
    }
  }
  return values;
}

// What is wrong with a range on an axis; empty where nothing is.
std::string range_problem(const char* axis, AxisRange range, int64_t size) {
  if (range.begin >= 0 && range.begin < range.end && range.end <= size) return "";
  return std::string("selects ") + axis + " " + std::to_string(range.begin) +
         (length(range) == 1 ? "" : " up to but not " + std::to_string(range.end)) +
         ", but there are " + std::to_string(size);
}

AxisRange resolve_optional(const std::optional<AxisRange>& range, int64_t size) {
  return range ? resolve(*range, size) : AxisRange{0, size};
}

}  // namespace

AxisRange resolve(AxisRange range, int64_t size) {
  auto [begin, end] = range;
  if (end < 0 || (end == 0 && begin < 0)) end += size;
  if (begin < 0) begin += size;
  return {begin, end};
}

Result<std::vector<PlannedEdit>> plan_edits(std::span<const Edit> edits, const Config& config,
                                            int tokens, int past) {
  std::vector<PlannedEdit> plans;
  for (const Edit& edit : edits) {
    const auto refuse = [&](const std::string& problem) {
      return Error{ErrorCode::bad_edit, "edit " + std::to_string(plans.size()) + " (" +
                                            activation_name(edit.activation) + ") " + problem};
    };
    const Hook hook = edit.activation.hook;
    const bool has_heads = activation_row(hook).shape.find('H') != std::string_view::npos;
    if (edit.head && !has_heads) return refuse("selects a head, but the activation has no heads");
    const int64_t heads = has_heads ? config.n_head : 1;
    const int64_t positions = past + tokens;
    const int64_t columns = activation_dims(hook, config, tokens, past).back();

    PlannedEdit plan{edit, resolve_optional(edit.head, heads),
                     resolve_optional(edit.position, positions),
                     resolve_optional(edit.neuron, columns)};
    for (const std::string& problem : {range_problem("head", plan.heads, heads),
                                       range_problem("position", plan.positions, positions),
                                       range_problem("neuron", plan.columns, columns)}) {
      if (!problem.empty()) return refuse(problem);
    }
    const int64_t selected = length(plan.heads) * length(plan.positions) * length(plan.columns);
    const auto given = static_cast<int64_t>(edit.values.size());
    if (edit.operation == EditOperation::patch) {
      const int64_t whole = heads * positions * columns;
      if (given != whole) {
        return refuse("patches from " + std::to_string(given) +
                      " values, but the whole activation has " + std::to_string(whole));
      }
      plan.edit.values = selected_values(plan, heads, positions, columns);
      plan.edit.operation = EditOperation::set;
    } else if (takes_values(edit.operation) && given != 1 && given != selected) {
      return refuse("gives " + std::to_string(given) + " values for the " +
                    std::to_string(selected) + " elements that it selects");
    }
    plans.push_back(std::move(plan));
  }
  return plans;
}

void apply_edits(std::span<const PlannedEdit> edits, ActivationId activation, TensorView tensor,
                 int64_t first_position, int64_t head) {
  for (const PlannedEdit& plan : edits) {
    if (plan.edit.activation == activation) apply(plan, Grid(tensor), first_position, head);
  }
}

}  // namespace glassformer
