#include "core/matrix_product.h"

#include <algorithm>

#include "core/panel_outputs.h"
#include "core/q8_product.h"
#include "core/simd.h"

namespace glassformer {
namespace {

using simd::F32x4;

constexpr int64_t kPanel = PackedMatrix::kPanel;

// Rows of activations that go through all panels before the next ones do: few enough that they stay
// in the cache of one core, enough that reading the weights again does not matter.
constexpr int64_t kRowBlock = 64;

// out[r] = the four outputs of a panel for row r of x, over `inputs` inputs in groups of four.
// Eight accumulators and six operands are what the sixteen registers of x86-64 hold without
// spilling (one belongs to the compiler): three rows take twice as long as two.
template <int kRows>
inline void multiply_panel(F32x4 (&out)[kRows], const float* x, int64_t x_stride,
                           const float* panel, int64_t inputs) {
  F32x4 sums[kRows][kPanel] = {};
  for (int64_t m = 0; m + kPanel <= inputs; m += kPanel, panel += kPanel * kPanel) {
    F32x4 activations[kRows];
    for (int r = 0; r < kRows; ++r) activations[r] = simd::load(x + r * x_stride + m);
    for (int lane = 0; lane < kPanel; ++lane) {
      const F32x4 weights = simd::load(panel + lane * kPanel);
      for (int r = 0; r < kRows; ++r) {
        sums[r][lane] = simd::multiply_add(weights, activations[r], sums[r][lane]);
      }
    }
  }
  for (int r = 0; r < kRows; ++r) {
    out[r] = simd::sums(sums[r][0], sums[r][1], sums[r][2], sums[r][3]);
  }
}

// Adds the inputs that are left over where their number is not a multiple of four.
inline F32x4 add_rest(F32x4 out, const float* x, const float* panel, int64_t inputs) {
  for (int64_t m = inputs - inputs % kPanel; m < inputs; ++m) {
    out = simd::multiply_add(simd::splat(x[m]), simd::load(panel + m * kPanel), out);
  }
  return out;
}

struct Rows {
  float* y;
  int64_t y_stride;
  const float* x;
  int64_t x_stride;
};

template <int kRows>
void multiply_rows(Rows at, int64_t row, const PackedMatrix& weight, int64_t panel,
                   const float* bias) {
  const float* weights = weight.data + panel * kPanel * weight.inputs;
  const float* x = at.x + row * at.x_stride;
  F32x4 out[kRows];
  multiply_panel(out, x, at.x_stride, weights, weight.inputs);
  for (int r = 0; r < kRows; ++r) {
    out[r] = add_rest(out[r], x + r * at.x_stride, weights, weight.inputs);
    store_outputs(at.y + (row + r) * at.y_stride, out[r], bias, panel * kPanel, weight.outputs);
  }
}

struct Range {
  int64_t begin, end;
};

// The outputs of some panels for some rows.
void multiply_panels(Rows at, Range rows, PackedMatrix weight, Range panels, const float* bias) {
  int64_t row = rows.begin;
  for (; row + 2 <= rows.end; row += 2) {
    for (int64_t panel = panels.begin; panel < panels.end; ++panel) {
      multiply_rows<2>(at, row, weight, panel, bias);
    }
  }
  if (row == rows.end) return;
  for (int64_t panel = panels.begin; panel < panels.end; ++panel) {
    multiply_rows<1>(at, row, weight, panel, bias);
  }
}

}  // namespace

int64_t workspace_size(Storage storage, int64_t inputs) {
  return storage == Storage::f32 ? 0 : q8_workspace_size(inputs);
}

void matrix_product(TensorView y, ConstTensorView x, const WeightMatrix& weight,
                    ConstTensorView bias, TensorView workspace) {
  if (weight.storage == Storage::f32) return f32_product(y, x, weight.packed, bias);
  q8_product(y, x, weight.quantized, bias, workspace);
}

void f32_product(TensorView y, ConstTensorView x, const PackedMatrix& weight,
                 ConstTensorView bias) {
  assert(x.columns() == weight.inputs && y.columns() == weight.outputs && y.rows() == x.rows());
  const Rows at{y.data, weight.outputs, x.data, weight.inputs};
  const int64_t together = panels_together(kPanel * weight.inputs * int64_t{sizeof(float)});
  for (int64_t begin = 0; begin < x.rows(); begin += kRowBlock) {
    const int64_t end = std::min(x.rows(), begin + kRowBlock);
    for_panels(weight.panels(), (end - begin) * weight.inputs, together,
               [&](int64_t first, int64_t last) {
                 multiply_panels(at, {begin, end}, weight, {first, last}, bias.data);
               });
  }
}

void project_head(TensorView result, ConstTensorView z, const WeightMatrix& weight, int64_t head,
                  int64_t head_width) {
  const int64_t first = head * head_width, outputs = weight.outputs(), heads = result.dims[1];
  const bool whole_groups =
      weight.storage == Storage::f32 && first % kPanel == 0 && head_width % kPanel == 0;
  for (int64_t t = 0; t < z.rows(); ++t) {
    const float* x = z.row(t).data() + first;
    float* y = result.data + (t * heads + head) * outputs;
    for (int64_t n = 0; n < outputs; n += kPanel) {
      const int64_t width = std::min(kPanel, outputs - n);
      if (whole_groups) {
        const float* panel = weight.packed.data + n * weight.packed.inputs + first * kPanel;
        F32x4 out[1];
        multiply_panel(out, x, 0, panel, head_width);
        for (int64_t lane = 0; lane < width; ++lane) y[n + lane] = out[0][lane];
      } else {
        for (int64_t lane = 0; lane < width; ++lane) {
          float sum = 0;
          for (int64_t d = 0; d < head_width; ++d) sum += x[d] * weight.at(n + lane, first + d);
          y[n + lane] = sum;
        }
      }
    }
  }
}

}  // namespace glassformer
