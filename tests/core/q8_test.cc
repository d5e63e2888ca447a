// Quantized matrices and products with them, against their definitions in double.
#include "core/q8.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/q8_product.h"
#include "tests/support/near.h"
#include "tests/support/numbers.h"

namespace glassformer {
namespace {

using namespace testing_support;

struct OwnedMatrix {
  QuantizedMatrix matrix;
  std::vector<int8_t> integers;
  std::vector<float> scales;

  OwnedMatrix(int64_t outputs, int64_t inputs) : matrix{nullptr, nullptr, outputs, inputs} {
    integers.assign(static_cast<size_t>(matrix.data_size()), 99);
    scales.assign(static_cast<size_t>(matrix.scales_size()), 99);
    matrix.data = integers.data();
    matrix.scales = scales.data();
    clear(matrix);
  }

  void quantize(MatrixOrder order, std::span<const float> values) {
    const int64_t together = rows_together(matrix, order);
    const bool outputs_first = order == MatrixOrder::outputs_first;
    const int64_t rows = outputs_first ? matrix.outputs : matrix.inputs;
    const int64_t columns = outputs_first ? matrix.inputs : matrix.outputs;
    for (int64_t row = 0; row < rows; row += together) {
      const int64_t count = std::min(together, rows - row) * columns;
      quantize_rows(matrix, order, row,
                    values.subspan(static_cast<size_t>(row * columns), static_cast<size_t>(count)));
    }
  }
};

constexpr int64_t kSizes[][2] = {{1, 1}, {4, 64}, {5, 63}, {3, 65}, {13, 130}, {64, 192}};

TEST(QuantizedMatrix, IsWithinHalfAStepOfEachWeight) {
  for (const auto& [outputs, inputs] : kSizes) {
    for (const MatrixOrder order : {MatrixOrder::outputs_first, MatrixOrder::inputs_first}) {
      const std::vector<float> values = numbers(outputs * inputs, 1);
      OwnedMatrix owned(outputs, inputs);
      owned.quantize(order, values);
      std::vector<float> back(values.size());
      dequantize(owned.matrix, order, 0, back);
      for (int64_t n = 0; n < outputs; ++n) {
        for (int64_t m = 0; m < inputs; ++m) {
          const auto i = static_cast<size_t>(order == MatrixOrder::outputs_first ? n * inputs + m
                                                                                 : m * outputs + n);
          const float scale = owned.matrix.scales[owned.matrix.scale_index(n, m / 64)];
          EXPECT_LE(std::abs(back[i] - values[i]), scale * 0.5001f);
          EXPECT_LE(scale, 2.0f / 127);
        }
      }
    }
  }
}

TEST(QuantizedMatrix, KeepsTheLargestWeightOfEachBlockAndZeros) {
  OwnedMatrix owned(1, 128);
  std::vector<float> values(128);
  values[3] = -5;
  owned.quantize(MatrixOrder::outputs_first, values);
  EXPECT_FLOAT_EQ(owned.matrix.at(0, 3), -5);
  EXPECT_EQ(owned.matrix.at(0, 2), 0);
  EXPECT_EQ(owned.matrix.scales[owned.matrix.scale_index(0, 1)], 0);
}

TEST(QuantizedMatrix, SurvivesTheSmallestAndTheLargestNumbers) {
  OwnedMatrix owned(2, 1);
  owned.quantize(MatrixOrder::outputs_first, std::vector<float>{1e-45f, 3e38f});
  EXPECT_EQ(owned.matrix.at(0, 0), 0);
  EXPECT_FLOAT_EQ(owned.matrix.at(1, 0), 3e38f);
}

TEST(QuantizedMatrix, GivesBackItsIntegersAndScales) {
  for (const MatrixOrder order : {MatrixOrder::outputs_first, MatrixOrder::inputs_first}) {
    OwnedMatrix first(13, 130), second(13, 130);
    first.quantize(order, numbers(13 * 130, 1));
    std::vector<int8_t> integers(13 * 130);
    std::vector<float> scales(13 * 3);
    get_integers(first.matrix, order, 0, integers);
    get_scales(first.matrix, 0, scales);
    for (size_t i = 0; i < integers.size(); i += 100) {
      set_integers(second.matrix, order, static_cast<int64_t>(i),
                   std::span(integers).subspan(i, std::min<size_t>(100, integers.size() - i)));
    }
    set_scales(second.matrix, 0, std::span(scales).first(5));
    set_scales(second.matrix, 5, std::span(scales).subspan(5));
    EXPECT_EQ(second.integers, first.integers);
    EXPECT_EQ(second.scales, first.scales);
  }
}

class Q8Product : public ::testing::Test {
 protected:
  std::vector<float> memory;
  TensorView workspace(int64_t inputs) {
    memory.resize(static_cast<size_t>(q8_workspace_size(inputs)));
    return view1(memory.data(), std::ssize(memory));
  }
};

TEST_F(Q8Product, EqualsTheProductWithTheDequantizedWeights) {
  for (const auto& [N, M] : kSizes) {
    OwnedMatrix weight(N, M);
    weight.quantize(MatrixOrder::outputs_first, numbers(N * M, 2));
    const std::vector<float> b = numbers(N, 3);
    for (const int64_t T : {1, 2, 3, 67}) {
      SCOPED_TRACE(std::to_string(T) + " " + std::to_string(M) + " " + std::to_string(N));
      const std::vector<float> x = numbers(T * M, 1);
      std::vector<float> expected;
      for (int64_t t = 0; t < T; ++t) {
        for (int64_t n = 0; n < N; ++n) {
          double total = b[static_cast<size_t>(n)];
          for (int64_t m = 0; m < M; ++m) {
            total += double{x[static_cast<size_t>(t * M + m)]} * weight.matrix.at(n, m);
          }
          expected.push_back(static_cast<float>(total));
        }
      }
      std::vector<float> y(expected.size() + 1, 7.0f);
      const TensorView out = view2(y.data(), T, N);
      q8_product(out, view2(x.data(), T, M), weight.matrix, view1(b.data(), N), workspace(M));
      // Activations are rounded to 16 bits.
      EXPECT_TRUE(all_near(out.span(), expected, 4e-5));
      EXPECT_EQ(y.back(), 7.0f);
    }
  }
}

TEST_F(Q8Product, TheLargestIntegersDoNotOverflow) {
  OwnedMatrix weight(4, 64);
  weight.quantize(MatrixOrder::outputs_first, std::vector<float>(256, 1.0f));
  const std::vector<float> x(64, -1e6f);
  std::vector<float> y(4);
  q8_product(view2(y.data(), 1, 4), view2(x.data(), 1, 64), weight.matrix, {}, workspace(64));
  for (const float value : y) EXPECT_FLOAT_EQ(value, -64e6f);
}

TEST_F(Q8Product, WhatIsNotFiniteShows) {
  OwnedMatrix weight(4, 128);
  weight.quantize(MatrixOrder::outputs_first, std::vector<float>(512, 1.0f));
  for (const float bad : {NAN, std::numeric_limits<float>::infinity()}) {
    std::vector<float> x(128, 1.0f), y(4);
    x[70] = bad;
    q8_product(view2(y.data(), 1, 4), view2(x.data(), 1, 128), weight.matrix, {}, workspace(128));
    EXPECT_TRUE(std::isnan(y[2]));
  }
}

TEST_F(Q8Product, ARowDoesNotDependOnTheRowsBesideIt) {
  OwnedMatrix weight(40, 100);
  weight.quantize(MatrixOrder::outputs_first, numbers(4000, 2));
  const std::vector<float> x = numbers(3 * 100, 1);
  std::vector<float> together(3 * 40), alone(40);
  q8_product(view2(together.data(), 3, 40), view2(x.data(), 3, 100), weight.matrix, {},
             workspace(100));
  for (int64_t t = 0; t < 3; ++t) {
    q8_product(view2(alone.data(), 1, 40), view2(x.data() + t * 100, 1, 100), weight.matrix, {},
               workspace(100));
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + t * 40));
  }
}

}  // namespace
}  // namespace glassformer
