// How the matrices of a model lie in memory: in the order in which a matrix product reads them.
#pragma once

#include <cstdint>
#include <span>

#include "core/tensor.h"

namespace glassformer {

// A matrix W of `outputs` rows, each the weights of one output over all inputs. Four outputs stand
// side by side in a panel; a panel holds four inputs of each output, then the next four, and so on:
//
//   panel 0: W[0][0..3] W[1][0..3] W[2][0..3] W[3][0..3]  W[0][4..7] W[1][4..7] ...
//   panel 1: W[4][0..3] ...
//
// A product reads a panel from end to end, with one accumulator for each output and each row of the
// other factor. Where the inputs are not a multiple of four, the last of them follow one by one:
// W[0][i] W[1][i] W[2][i] W[3][i]. The last panel is filled up with zeros.
struct PackedMatrix {
  static constexpr int64_t kPanel = 4;

  float* data = nullptr;
  int64_t outputs = 0;
  int64_t inputs = 0;

  int64_t panels() const { return (outputs + kPanel - 1) / kPanel; }
  // Floats in memory, the filling included.
  int64_t stored_size() const { return panels() * kPanel * inputs; }
  int64_t index(int64_t output, int64_t input) const;
  float at(int64_t output, int64_t input) const { return data[index(output, input)]; }
};

// How a file stores a matrix: a row for each output (embeddings), or for each input (GPT-2's
// Conv1D).
enum class MatrixOrder { outputs_first, inputs_first };

// Sets the filling of the last panel to zero.
void clear_filling(const PackedMatrix& matrix);

// Takes in whole rows of the file, from `first_row` on.
void pack_rows(const PackedMatrix& matrix, MatrixOrder order, int64_t first_row,
               std::span<const float> rows);
// Gives out the elements from `first` on in the file's row-major order.
void unpack(const PackedMatrix& matrix, MatrixOrder order, int64_t first, std::span<float> values);

}  // namespace glassformer
