// A weight matrix in either of the two forms that a model can be held in.
#pragma once

#include "core/packed_matrix.h"
#include "core/q8.h"

namespace glassformer {

enum class Storage { f32, q8 };

const char* storage_name(Storage storage);  // "f32", "q8"

struct WeightMatrix {
  Storage storage = Storage::f32;
  PackedMatrix packed;        // f32
  QuantizedMatrix quantized;  // q8

  int64_t outputs() const { return storage == Storage::f32 ? packed.outputs : quantized.outputs; }
  int64_t inputs() const { return storage == Storage::f32 ? packed.inputs : quantized.inputs; }
  // Bytes in memory, a multiple of 4.
  uint64_t stored_bytes() const;
  // Points it to its memory, and sets what will not be filled to zero.
  void place(float* memory);
  // The weight of one output and input.
  float at(int64_t output, int64_t input) const {
    return storage == Storage::f32 ? packed.at(output, input) : quantized.at(output, input);
  }
};

// Takes in floats of the file: whole rows, from a multiple of rows_together on.
int64_t rows_together(const WeightMatrix& matrix, MatrixOrder order);
void pack_rows(const WeightMatrix& matrix, MatrixOrder order, int64_t first_row,
               std::span<const float> rows);
// Gives out floats, from element `first` on in the file's row-major order.
void unpack(const WeightMatrix& matrix, MatrixOrder order, int64_t first, std::span<float> values);

}  // namespace glassformer
