#include "core/weight_edits.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "core/edit_fields.h"
#include "core/json_text.h"
#include "core/names.h"
#include "core/quote.h"

namespace glassformer {

using nlohmann::json;

// An edit whose ranges have been resolved.
struct WeightEditor::Plan {
  const WeightEdit* edit;
  const NamedWeight* weight;
  AxisRange rows, columns;

  int64_t selected() const { return (rows.end - rows.begin) * (columns.end - columns.begin); }
  // The edited value of one element that was x.
  float value(int64_t row, int64_t column, float x) const {
    const std::vector<float>& values = edit->values;
    const int64_t place = values.size() == 1 ? 0
                                             : (row - rows.begin) * (columns.end - columns.begin) +
                                                   column - columns.begin;
    switch (edit->operation) {
      case EditOperation::scale:
        return x * values[static_cast<size_t>(place)];
      case EditOperation::add:
        return x + values[static_cast<size_t>(place)];
      case EditOperation::set:
        return values[static_cast<size_t>(place)];
      default:
        return 0;
    }
  }
  // How many words of memory it may change.
  uint64_t words() const {
    const auto elements = static_cast<uint64_t>(selected());
    if (!weight->is_quantized()) return elements;
    // A block's integers and its scale; every element may be in another.
    const auto blocks = static_cast<uint64_t>(weight->matrix.quantized.scales_size());
    return std::min(elements, blocks) * (QuantizedMatrix::kBlock / sizeof(float) + 1);
  }
};

namespace {

// Calls visit(row, column) for the elements of a plan.
template <class Visit>
void for_each(AxisRange rows, AxisRange columns, Visit visit) {
  for (int64_t row = rows.begin; row < rows.end; ++row) {
    for (int64_t column = columns.begin; column < columns.end; ++column) visit(row, column);
  }
}

std::string_view without_prefix(std::string_view name) {
  constexpr std::string_view kPrefix = "transformer.";
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
}

// What is wrong with a range; empty where nothing is.
std::string range_problem(const char* axis, AxisRange range, int64_t size) {
  if (range.begin >= 0 && range.begin < range.end && range.end <= size) return "";
  return std::string("selects ") + axis + " " + std::to_string(range.begin) + " up to but not " +
         std::to_string(range.end) + ", but there are " + std::to_string(size);
}

std::string unknown_weight(std::string_view name, const Weights& weights) {
  std::vector<std::string> names;
  for (const NamedWeight& weight : weights.named) names.push_back(weight.name);
  return "names no weight: " + quoted(name) + "; the nearest is \"" + nearest_name(name, names) +
         "\"";
}

// Parses one edit; the string says what is wrong with it, and is empty where nothing is.
std::string read_weight_edit(const json& object, const Weights& weights, WeightEdit& edit) {
  const std::string problem = check_edit_fields(object, {"weight", "op", "row", "column", "value"});
  if (!problem.empty()) return problem;
  edit.weight = edit_text(object, "weight");
  if (edit.weight.empty()) return "has no \"weight\", the weight that it changes";
  if (!weights.find(without_prefix(edit.weight))) return unknown_weight(edit.weight, weights);
  const std::string wrong = read_operation(
      object, {EditOperation::zero, EditOperation::scale, EditOperation::add, EditOperation::set},
      edit.operation, edit.values);
  if (!wrong.empty()) return wrong;
  const std::string row = read_axis(object, "row", edit.row);
  return row.empty() ? read_axis(object, "column", edit.column) : row;
}

}  // namespace

Result<std::vector<WeightEdit>> parse_weight_edits(std::string_view text, const Weights& weights) {
  return parse_edit_list<WeightEdit>(text, "the list of weight edits",
                                     [&](const json& object, WeightEdit& edit) {
                                       return read_weight_edit(object, weights, edit);
                                     });
}

Status WeightEditor::apply(std::span<const WeightEdit> edits) {
  std::vector<Plan> plans;
  std::vector<Saved> saved;
  for (const WeightEdit& edit : edits) {
    const auto refuse = [&](const std::string& problem) {
      return Error{ErrorCode::bad_edit,
                   "edit " + std::to_string(plans.size()) + " (" + edit.weight + ") " + problem};
    };
    const NamedWeight* weight = weights_->find(without_prefix(edit.weight));
    if (!weight) return refuse(unknown_weight(edit.weight, *weights_));
    const bool has_rows = weight->shape.size() == 2;
    if (edit.row && !has_rows) return refuse("selects a row, but the weight has only columns");
    const int64_t rows = has_rows ? weight->shape[0] : 1, columns = weight->shape.back();
    const Plan plan{&edit, weight, resolve(edit.row.value_or(AxisRange{0, rows}), rows),
                    resolve(edit.column.value_or(AxisRange{0, columns}), columns)};
    for (const std::string& problem : {range_problem("rows", plan.rows, rows),
                                       range_problem("columns", plan.columns, columns)}) {
      if (!problem.empty()) return refuse(problem);
    }
    const auto given = static_cast<int64_t>(edit.values.size());
    if (edit.operation != EditOperation::zero && given != 1 && given != plan.selected()) {
      return refuse("gives " + std::to_string(given) + " values for the " +
                    std::to_string(plan.selected()) + " elements that it selects");
    }
    Saved memory{FloatBuffer::allocate(2 * plan.words())};
    if (!memory.words) {
      return Error{ErrorCode::out_of_memory, "what is needed to undo edit " +
                                                 std::to_string(plans.size()) +
                                                 " could not be allocated"};
    }
    plans.push_back(plan);
    saved.push_back(std::move(memory));
  }
  for (size_t i = 0; i < plans.size(); ++i) write(plans[i], saved[i]);
  history_.push_back(std::move(saved));
  ++weights_->version;
  return {};
}

void WeightEditor::save(Saved& saved, const void* word) {
  const auto* place = static_cast<const float*>(word);
  const auto index = static_cast<uint32_t>(place - weights_->memory.data());
  saved.words.data()[saved.used++] = std::bit_cast<float>(index);
  saved.words.data()[saved.used++] = *place;
}

void WeightEditor::write(const Plan& plan, Saved& saved) {
  const NamedWeight& weight = *plan.weight;
  const bool outputs_first = weight.order == MatrixOrder::outputs_first;
  if (!weight.is_quantized()) {
    for_each(plan.rows, plan.columns, [&](int64_t row, int64_t column) {
      const float* place =
          weight.plain.data ? weight.plain.data + row * weight.shape.back() + column
          : outputs_first   ? weight.matrix.packed.data + weight.matrix.packed.index(row, column)
                            : weight.matrix.packed.data + weight.matrix.packed.index(column, row);
      save(saved, place);
      float& element = weights_->memory.data()[place - weights_->memory.data()];
      element = plan.value(row, column, element);
    });
    return;
  }
  constexpr int64_t kBlock = QuantizedMatrix::kBlock;
  const QuantizedMatrix& matrix = weight.matrix.quantized;
  const AxisRange outputs = outputs_first ? plan.rows : plan.columns;
  const AxisRange inputs = outputs_first ? plan.columns : plan.rows;
  std::array<float, kBlock> block;
  for (int64_t output = outputs.begin; output < outputs.end; ++output) {
    for (int64_t first = inputs.begin / kBlock * kBlock; first < inputs.end; first += kBlock) {
      const int64_t size = std::min(kBlock, matrix.inputs - first);
      for (int64_t i = 0; i < size; i += static_cast<int64_t>(sizeof(float))) {
        save(saved, matrix.data + matrix.index(output, first + i));
      }
      save(saved, matrix.scales + matrix.scale_index(output, first / kBlock));
      for (int64_t i = 0; i < size; ++i) {
        const int64_t input = first + i;
        const float old = matrix.at(output, input);
        const bool edited = inputs.begin <= input && input < inputs.end;
        block[static_cast<size_t>(i)] = !edited         ? old
                                        : outputs_first ? plan.value(output, input, old)
                                                        : plan.value(input, output, old);
      }
      quantize_block(matrix, output, first, std::span(block).first(static_cast<size_t>(size)));
    }
  }
}

void WeightEditor::restore(const Saved& saved) {
  // Backwards, so that a word that was saved twice gets its first value.
  for (size_t i = saved.used; i > 0; i -= 2) {
    const auto index = std::bit_cast<uint32_t>(saved.words.data()[i - 2]);
    weights_->memory.data()[index] = saved.words.data()[i - 1];
  }
}

bool WeightEditor::undo() {
  if (history_.empty()) return false;
  for (auto saved = history_.back().rbegin(); saved != history_.back().rend(); ++saved) {
    restore(*saved);
  }
  history_.pop_back();
  ++weights_->version;
  return true;
}

}  // namespace glassformer
