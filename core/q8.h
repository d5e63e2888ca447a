// q8: weights as 8-bit integers, one scale for each 64 of them that share an output.
#pragma once

#include <cstdint>
#include <span>

#include "core/packed_matrix.h"

namespace glassformer {

// A matrix of `outputs` rows, quantized: W[n,m] is data * scale, with a scale for each output and
// block of 64 inputs (absolute maximum / 127, after Dettmers et al. 2022, section 2.1, for blocks).
// It lies in memory as PackedMatrix does, but sixteen inputs at a time, because that is how many
// fit into a vector. Inputs and outputs are filled up with zeros to whole blocks and panels.
struct QuantizedMatrix {
  static constexpr int64_t kPanel = PackedMatrix::kPanel;
  static constexpr int64_t kBlock = 64;
  static constexpr int64_t kGroup = 16;

  int8_t* data = nullptr;
  float* scales = nullptr;  // [panels][blocks][kPanel]
  int64_t outputs = 0;
  int64_t inputs = 0;

  int64_t panels() const { return (outputs + kPanel - 1) / kPanel; }
  int64_t blocks() const { return (inputs + kBlock - 1) / kBlock; }
  int64_t data_size() const { return panels() * kPanel * blocks() * kBlock; }
  int64_t scales_size() const { return panels() * kPanel * blocks(); }

  int64_t index(int64_t output, int64_t input) const;
  int64_t scale_index(int64_t output, int64_t block) const;
  float at(int64_t output, int64_t input) const {
    return data[index(output, input)] * scales[scale_index(output, input / kBlock)];
  }
};

// Sets all of it to zero.
void clear(const QuantizedMatrix& matrix);

// How many rows of the file quantize_rows takes at once: a block's weights must be there together.
int64_t rows_together(const QuantizedMatrix& matrix, MatrixOrder order);

// Quantizes whole rows of the file from `first_row` on, a multiple of rows_together: that many, or
// those that are left at the end.
void quantize_rows(const QuantizedMatrix& matrix, MatrixOrder order, int64_t first_row,
                   std::span<const float> rows);

// Up to a block of weights that share an output, from input `first` on, where a block begins.
void quantize_block(const QuantizedMatrix& matrix, int64_t output, int64_t first,
                    std::span<const float> weights);

// The weights as floats, from element `first` on in the file's row-major order.
void dequantize(const QuantizedMatrix& matrix, MatrixOrder order, int64_t first,
                std::span<float> values);

// The integers, likewise, and the scales, in row-major order of [outputs, blocks].
void set_integers(const QuantizedMatrix& matrix, MatrixOrder order, int64_t first,
                  std::span<const int8_t> values);
void get_integers(const QuantizedMatrix& matrix, MatrixOrder order, int64_t first,
                  std::span<int8_t> values);
void set_scales(const QuantizedMatrix& matrix, int64_t first, std::span<const float> values);
void get_scales(const QuantizedMatrix& matrix, int64_t first, std::span<float> values);

}  // namespace glassformer
