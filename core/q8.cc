#include "core/q8.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace glassformer {
namespace {

// Calls visit(output, input, value) for consecutive elements in the file's order.
template <class Value, class Visit>
void walk(const QuantizedMatrix& matrix, MatrixOrder order, int64_t first, std::span<Value> values,
          Visit visit) {
  const bool outputs_first = order == MatrixOrder::outputs_first;
  const int64_t columns = outputs_first ? matrix.inputs : matrix.outputs;
  int64_t row = first / columns, column = first % columns;
  for (Value& value : values) {
    visit(outputs_first ? row : column, outputs_first ? column : row, value);
    if (++column == columns) {
      column = 0;
      ++row;
    }
  }
}

template <class Value, class Visit>
void walk_scales(const QuantizedMatrix& matrix, int64_t first, std::span<Value> values,
                 Visit visit) {
  for (Value& value : values) {
    visit(matrix.scales[matrix.scale_index(first / matrix.blocks(), first % matrix.blocks())],
          value);
    ++first;
  }
}

}  // namespace

int64_t QuantizedMatrix::index(int64_t output, int64_t input) const {
  assert(output >= 0 && output < outputs && input >= 0 && input < inputs);
  const int64_t panel = output / kPanel, lane = output % kPanel;
  return panel * kPanel * blocks() * kBlock + (input - input % kGroup) * kPanel + lane * kGroup +
         input % kGroup;
}

int64_t QuantizedMatrix::scale_index(int64_t output, int64_t block) const {
  return (output / kPanel * blocks() + block) * kPanel + output % kPanel;
}

void quantize_block(const QuantizedMatrix& matrix, int64_t output, int64_t first,
                    std::span<const float> weights) {
  constexpr float kLargest = 127;
  constexpr int64_t kPanel = QuantizedMatrix::kPanel;
  float largest = 0;
  for (const float weight : weights) largest = std::max(largest, std::abs(weight));
  const float scale = largest / kLargest;
  matrix.scales[matrix.scale_index(output, first / QuantizedMatrix::kBlock)] = scale;
  const float inverse = 1 / scale;
  int8_t* group = matrix.data + matrix.index(output, first);
  for (size_t i = 0; i < weights.size(); ++i) {
    const auto place = static_cast<int64_t>(i);
    int8_t& to = group[place / QuantizedMatrix::kGroup * kPanel * QuantizedMatrix::kGroup +
                       place % QuantizedMatrix::kGroup];
    // The inverse is infinite where the scale is 0 or very small; a weight of 0 then gives NaN.
    const float integer = std::isfinite(inverse) ? std::nearbyint(weights[i] * inverse) : 0.0f;
    to = static_cast<int8_t>(std::clamp(integer, -kLargest, kLargest));
  }
}

void clear(const QuantizedMatrix& matrix) {
  std::fill_n(matrix.data, matrix.data_size(), int8_t{0});
  std::fill_n(matrix.scales, matrix.scales_size(), 0.0f);
}

int64_t rows_together(const QuantizedMatrix&, MatrixOrder order) {
  return order == MatrixOrder::outputs_first ? 1 : QuantizedMatrix::kBlock;
}

void quantize_rows(const QuantizedMatrix& matrix, MatrixOrder order, int64_t first_row,
                   std::span<const float> rows) {
  constexpr int64_t kBlock = QuantizedMatrix::kBlock;
  if (order == MatrixOrder::outputs_first) {
    for (int64_t output = first_row; !rows.empty(); ++output) {
      for (int64_t input = 0; input < matrix.inputs; input += kBlock) {
        const auto count = static_cast<size_t>(std::min(kBlock, matrix.inputs - input));
        quantize_block(matrix, output, input, rows.first(count));
        rows = rows.subspan(count);
      }
    }
    return;
  }
  assert(first_row % kBlock == 0 && std::ssize(rows) <= kBlock * matrix.outputs);
  const auto count = static_cast<size_t>(std::ssize(rows) / matrix.outputs);
  std::array<float, static_cast<size_t>(kBlock)> column;
  for (int64_t output = 0; output < matrix.outputs; ++output) {
    for (size_t i = 0; i < count; ++i) {
      column[i] = rows[i * static_cast<size_t>(matrix.outputs) + static_cast<size_t>(output)];
    }
    quantize_block(matrix, output, first_row, std::span(column).first(count));
  }
}

void dequantize(const QuantizedMatrix& matrix, MatrixOrder order, int64_t first,
                std::span<float> values) {
  walk(matrix, order, first, values,
       [&](int64_t output, int64_t input, float& value) { value = matrix.at(output, input); });
}

void set_integers(const QuantizedMatrix& matrix, MatrixOrder order, int64_t first,
                  std::span<const int8_t> values) {
  walk(matrix, order, first, values, [&](int64_t output, int64_t input, int8_t value) {
    matrix.data[matrix.index(output, input)] = value;
  });
}

void get_integers(const QuantizedMatrix& matrix, MatrixOrder order, int64_t first,
                  std::span<int8_t> values) {
  walk(matrix, order, first, values, [&](int64_t output, int64_t input, int8_t& value) {
    value = matrix.data[matrix.index(output, input)];
  });
}

void set_scales(const QuantizedMatrix& matrix, int64_t first, std::span<const float> values) {
  walk_scales(matrix, first, values, [](float& scale, float value) { scale = value; });
}

void get_scales(const QuantizedMatrix& matrix, int64_t first, std::span<float> values) {
  walk_scales(matrix, first, values, [](float scale, float& value) { value = scale; });
}

}  // namespace glassformer
