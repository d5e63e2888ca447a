#include "core/q8_product.h"

#include <algorithm>

#include "core/panel_outputs.h"
#include "core/simd_integer.h"

namespace glassformer {
namespace {

using simd::F32x4;
using simd::I16x8;
using simd::I32x4;

constexpr int64_t kPanel = QuantizedMatrix::kPanel;
constexpr int64_t kBlock = QuantizedMatrix::kBlock;
constexpr int64_t kGroup = QuantizedMatrix::kGroup;
constexpr int64_t kRowBlock = 64;     // rows whose integers are kept together, as in matrix_product
constexpr int64_t kRowsTogether = 8;  // the fewest worth a thread of their own

// A sum of 64 products of a weight and an activation must fit into 32 bits: 64 * 128 * 2^15 = 2^28.
constexpr float kLargestActivation = 32767;

struct QuantizedRows {
  int16_t* integers;  // [rows, blocks * kBlock]
  float* scales;      // [rows, blocks]
  int64_t blocks;

  const int16_t* row(int64_t t) const { return integers + t * blocks * kBlock; }
  float scale(int64_t t, int64_t block) const { return scales[t * blocks + block]; }
};

QuantizedRows rows_in(TensorView workspace, int64_t blocks) {
  float* scales = workspace.data;
  // A float has room for two integers.
  auto* integers = reinterpret_cast<int16_t*>(scales + kRowBlock * blocks);
  return {integers, scales, blocks};
}

// Writes the integers of a block and returns their scale: NaN where an activation is not finite, so
// that what is computed from it is NaN as well.
float quantize_block(int16_t* integers, const float (&x)[kBlock]) {
  F32x4 largest_lanes = {}, zeros = {};
  for (int64_t i = 0; i < kBlock; i += 4) {
    const F32x4 value = simd::load(x + i);
    const F32x4 magnitude = simd::select(value < F32x4{}, -value, value);
    largest_lanes = simd::larger(magnitude, largest_lanes);
    zeros += value * simd::splat(0.0f);  // NaN where value is not finite
  }
  const float largest = simd::largest_lane(largest_lanes);
  const float zero = simd::sum(zeros);
  constexpr float kSmallest = 1e-30f;  // below, the scale's inverse would overflow
  if (zero != 0 || largest < kSmallest) {
    std::fill_n(integers, kBlock, int16_t{0});
    return zero;
  }
  // Adding 1.5 * 2^23 leaves the nearest whole number in the low bits.
  const F32x4 round = simd::splat(12582912.0f), inverse = simd::splat(kLargestActivation / largest);
  for (int64_t i = 0; i < kBlock; i += 4) {
    const I32x4 rounded = (I32x4)(simd::load(x + i) * inverse + round) - (I32x4)round;
    for (int64_t lane = 0; lane < 4; ++lane) {
      integers[i + lane] = static_cast<int16_t>(rounded[lane]);
    }
  }
  return largest / kLargestActivation;
}

void quantize_row(const QuantizedRows& rows, int64_t t, std::span<const float> x) {
  for (int64_t block = 0; block < rows.blocks; ++block) {
    const int64_t begin = block * kBlock;
    float values[kBlock] = {};
    const auto rest = x.subspan(static_cast<size_t>(begin));
    std::copy_n(rest.begin(), std::min<size_t>(rest.size(), kBlock), values);
    rows.scales[t * rows.blocks + block] =
        quantize_block(rows.integers + t * rows.blocks * kBlock + begin, values);
  }
}

// out[r] = the four outputs of a panel for row t + r.
template <int kRows>
inline void multiply_panel(F32x4 (&out)[kRows], const QuantizedRows& x, int64_t t,
                           const int8_t* panel, const float* scales) {
  for (int r = 0; r < kRows; ++r) out[r] = F32x4{};
  const int16_t* activations = x.row(t);
  const int64_t stride = x.blocks * kBlock;
  for (int64_t block = 0; block < x.blocks; ++block, scales += kPanel) {
    I32x4 sums[kRows][kPanel] = {};
    for (int64_t m = block * kBlock; m < (block + 1) * kBlock; m += kGroup) {
      I16x8 x_low[kRows], x_high[kRows];
      for (int r = 0; r < kRows; ++r) {
        x_low[r] = simd::load(activations + r * stride + m);
        x_high[r] = simd::load(activations + r * stride + m + kGroup / 2);
      }
      for (int lane = 0; lane < kPanel; ++lane, panel += kGroup) {
        const I16x8 low = simd::load_widened(panel);
        const I16x8 high = simd::load_widened(panel + kGroup / 2);
        for (int r = 0; r < kRows; ++r) {
          sums[r][lane] += simd::pair_products(low, x_low[r]);
          sums[r][lane] += simd::pair_products(high, x_high[r]);
        }
      }
    }
    for (int r = 0; r < kRows; ++r) {
      const F32x4 products =
          simd::to_floats(simd::sums(sums[r][0], sums[r][1], sums[r][2], sums[r][3]));
      const F32x4 scale = simd::load(scales) * simd::splat(x.scale(t + r, block));
      out[r] = simd::multiply_add(products, scale, out[r]);
    }
  }
}

template <int kRows>
void multiply_rows(TensorView y, int64_t first, const QuantizedRows& x, int64_t t,
                   const QuantizedMatrix& weight, int64_t panel, const float* bias) {
  F32x4 out[kRows];
  multiply_panel(out, x, t, weight.data + panel * kPanel * x.blocks * kBlock,
                 weight.scales + panel * kPanel * x.blocks);
  for (int r = 0; r < kRows; ++r) {
    store_outputs(y.data + (first + t + r) * weight.outputs, out[r], bias, panel * kPanel,
                  weight.outputs);
  }
}

}  // namespace

int64_t q8_workspace_size(int64_t inputs) {
  const int64_t blocks = (inputs + kBlock - 1) / kBlock;
  return kRowBlock * blocks * (1 + kBlock / 2);
}

void q8_product(TensorView y, ConstTensorView x, const QuantizedMatrix& weight,
                ConstTensorView bias, TensorView workspace) {
  assert(x.columns() == weight.inputs && y.columns() == weight.outputs && y.rows() == x.rows());
  assert(workspace.size() >= q8_workspace_size(weight.inputs));
  const QuantizedRows rows = rows_in(workspace, weight.blocks());
  const int64_t together =
      panels_together(kPanel * weight.blocks() * (kBlock + int64_t{sizeof(float)}));
  for (int64_t first = 0; first < x.rows(); first += kRowBlock) {
    const int64_t count = std::min(kRowBlock, x.rows() - first);
    parallel_ranges(count, kRowsTogether, [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; ++t) quantize_row(rows, t, x.row(first + t));
    });
    for_panels(weight.panels(), count * weight.inputs, together, [&](int64_t begin, int64_t end) {
      int64_t t = 0;
      for (; t + 2 <= count; t += 2) {
        for (int64_t panel = begin; panel < end; ++panel) {
          multiply_rows<2>(y, first, rows, t, weight, panel, bias.data);
        }
      }
      if (t == count) return;
      for (int64_t panel = begin; panel < end; ++panel) {
        multiply_rows<1>(y, first, rows, t, weight, panel, bias.data);
      }
    });
  }
}

}  // namespace glassformer
