#include "core/weight_matrix.h"

namespace glassformer {

const char* storage_name(Storage storage) { return storage == Storage::f32 ? "f32" : "q8"; }

uint64_t WeightMatrix::stored_bytes() const {
  if (storage == Storage::f32) return static_cast<uint64_t>(packed.stored_size()) * sizeof(float);
  return static_cast<uint64_t>(quantized.data_size()) +
         whole_lines(static_cast<uint64_t>(quantized.scales_size())) * sizeof(float);
}

void WeightMatrix::place(float* memory) {
  if (storage == Storage::f32) {
    packed.data = memory;
    clear_filling(packed);
  } else {
    quantized.scales = memory;
    quantized.data = reinterpret_cast<int8_t*>(
        memory + whole_lines(static_cast<uint64_t>(quantized.scales_size())));
    clear(quantized);
  }
}

int64_t rows_together(const WeightMatrix& matrix, MatrixOrder order) {
  return matrix.storage == Storage::f32 ? 1 : rows_together(matrix.quantized, order);
}

void pack_rows(const WeightMatrix& matrix, MatrixOrder order, int64_t first_row,
               std::span<const float> rows) {
  if (matrix.storage == Storage::f32) {
    pack_rows(matrix.packed, order, first_row, rows);
  } else {
    quantize_rows(matrix.quantized, order, first_row, rows);
  }
}

void unpack(const WeightMatrix& matrix, MatrixOrder order, int64_t first, std::span<float> values) {
  if (matrix.storage == Storage::f32) {
    unpack(matrix.packed, order, first, values);
  } else {
    dequantize(matrix.quantized, order, first, values);
  }
}

}  // namespace glassformer
