#include "core/packed_matrix.h"

#include <algorithm>

namespace glassformer {
namespace {

// Calls visit(element of the matrix, value) for consecutive elements in the file's order.
template <class Value, class Visit>
void walk(const PackedMatrix& matrix, MatrixOrder order, int64_t first, std::span<Value> values,
          Visit visit) {
  const bool outputs_first = order == MatrixOrder::outputs_first;
  const int64_t columns = outputs_first ? matrix.inputs : matrix.outputs;
  int64_t row = first / columns, column = first % columns;
  for (Value& value : values) {
    const int64_t index = outputs_first ? matrix.index(row, column) : matrix.index(column, row);
    visit(matrix.data[index], value);
    if (++column == columns) {
      column = 0;
      ++row;
    }
  }
}

}  // namespace

int64_t PackedMatrix::index(int64_t output, int64_t input) const {
  assert(output >= 0 && output < outputs && input >= 0 && input < inputs);
  const int64_t panel = output / kPanel, lane = output % kPanel;
  const int64_t whole = inputs - inputs % kPanel;
  const int64_t in_panel = input < whole
                               ? (input - input % kPanel) * kPanel + lane * kPanel + input % kPanel
                               : input * kPanel + lane;
  return panel * kPanel * inputs + in_panel;
}

void clear_filling(const PackedMatrix& matrix) {
  if (matrix.outputs % PackedMatrix::kPanel == 0) return;
  const int64_t panel = PackedMatrix::kPanel * matrix.inputs;
  std::fill_n(matrix.data + matrix.stored_size() - panel, panel, 0.0f);
}

void pack(const PackedMatrix& matrix, MatrixOrder order, int64_t first,
          std::span<const float> values) {
  walk(matrix, order, first, values, [](float& element, float value) { element = value; });
}

void unpack(const PackedMatrix& matrix, MatrixOrder order, int64_t first, std::span<float> values) {
  walk(matrix, order, first, values, [](float element, float& value) { value = element; });
}

}  // namespace glassformer
