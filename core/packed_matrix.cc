#include "core/packed_matrix.h"

#include <algorithm>

namespace glassformer {
namespace {

constexpr int64_t kPanel = PackedMatrix::kPanel;

// The weights of one output: four of them lie together.
void pack_output(const PackedMatrix& matrix, int64_t output, const float* weights) {
  float* to = matrix.data + matrix.index(output, 0);
  int64_t input = 0;
  for (; input + kPanel <= matrix.inputs; input += kPanel, to += kPanel * kPanel) {
    std::copy_n(weights + input, kPanel, to);
  }
  for (; input < matrix.inputs; ++input) matrix.data[matrix.index(output, input)] = weights[input];
}

// The weights of one input, which go to the same place in every panel. This loop sees most of a
// model's weights while they are loaded, in code that has not been optimised yet.
void pack_input(const PackedMatrix& matrix, int64_t input, const float* weights) {
  float* to = matrix.data + matrix.index(0, input);
  const bool in_group = input < matrix.inputs - matrix.inputs % kPanel;
  const int64_t step = in_group ? kPanel : 1;  // from one output of a panel to the next
  for (int64_t output = 0; output < matrix.outputs; output += kPanel) {
    const int64_t width = std::min(kPanel, matrix.outputs - output);
    for (int64_t lane = 0; lane < width; ++lane) to[lane * step] = weights[output + lane];
    to += kPanel * matrix.inputs;
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

void pack_rows(const PackedMatrix& matrix, MatrixOrder order, int64_t first_row,
               std::span<const float> rows) {
  const bool outputs_first = order == MatrixOrder::outputs_first;
  const int64_t columns = outputs_first ? matrix.inputs : matrix.outputs;
  const auto count = static_cast<int64_t>(rows.size()) / columns;
  for (int64_t row = 0; row < count; ++row) {
    const float* weights = rows.data() + row * columns;
    if (outputs_first) {
      pack_output(matrix, first_row + row, weights);
    } else {
      pack_input(matrix, first_row + row, weights);
    }
  }
}

void unpack(const PackedMatrix& matrix, MatrixOrder order, int64_t first, std::span<float> values) {
  const bool outputs_first = order == MatrixOrder::outputs_first;
  const int64_t columns = outputs_first ? matrix.inputs : matrix.outputs;
  int64_t row = first / columns, column = first % columns;
  for (float& value : values) {
    value = outputs_first ? matrix.at(row, column) : matrix.at(column, row);
    if (++column == columns) {
      column = 0;
      ++row;
    }
  }
}

}  // namespace glassformer
