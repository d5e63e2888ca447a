// Packed matrices and products with them, against their definitions written out in double.
#include "core/matrix_product.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/support/near.h"
#include "tests/support/numbers.h"

namespace glassformer {
namespace {

using namespace testing_support;

// A matrix that owns its memory, whose element [n][m] is element n * inputs + m of `values`.
struct OwnedMatrix {
  PackedMatrix matrix;
  std::vector<float> memory;

  OwnedMatrix(int64_t outputs, int64_t inputs, std::span<const float> values)
      : matrix{nullptr, outputs, inputs} {
    memory.assign(static_cast<size_t>(matrix.stored_size()), 99.0f);
    matrix.data = memory.data();
    clear_filling(matrix);
    pack_rows(matrix, MatrixOrder::outputs_first, 0, values);
  }
};

constexpr std::array<std::array<int64_t, 2>, 7> kSizes = {
    {{1, 1}, {4, 4}, {5, 3}, {3, 9}, {8, 6}, {13, 11}, {64, 48}}};

TEST(PackedMatrix, EveryElementHasAPlaceOfItsOwn) {
  for (const auto& [outputs, inputs] : kSizes) {
    const PackedMatrix matrix{nullptr, outputs, inputs};
    std::vector<int> taken(static_cast<size_t>(matrix.stored_size()));
    for (int64_t n = 0; n < outputs; ++n) {
      for (int64_t m = 0; m < inputs; ++m) ++taken.at(static_cast<size_t>(matrix.index(n, m)));
    }
    EXPECT_EQ(std::count(taken.begin(), taken.end(), 1), outputs * inputs);
    EXPECT_EQ(std::count(taken.begin(), taken.end(), 0), matrix.stored_size() - outputs * inputs);
  }
}

TEST(PackedMatrix, PanelsReadAsTheProductDoes) {
  const PackedMatrix matrix{nullptr, 6, 10};
  EXPECT_EQ(matrix.stored_size(), 80);
  EXPECT_EQ(matrix.index(0, 3), 3);
  EXPECT_EQ(matrix.index(1, 0), 4);
  EXPECT_EQ(matrix.index(0, 4), 16);
  EXPECT_EQ(matrix.index(2, 8), 34);  // the rest: one input after the other
  EXPECT_EQ(matrix.index(4, 0), 40);
}

TEST(PackedMatrix, GivesBackWhatItTookInBothOrders) {
  for (const auto& [outputs, inputs] : kSizes) {
    for (const MatrixOrder order : {MatrixOrder::outputs_first, MatrixOrder::inputs_first}) {
      const std::vector<float> values = numbers(outputs * inputs, 1);
      OwnedMatrix owned(outputs, inputs, std::vector<float>(values.size()));
      const int64_t columns = order == MatrixOrder::outputs_first ? inputs : outputs;
      const auto first = static_cast<size_t>(columns);  // the first row alone, then the others
      pack_rows(owned.matrix, order, 0, std::span(values).first(first));
      pack_rows(owned.matrix, order, 1, std::span(values).subspan(first));
      std::vector<float> back(values.size());
      unpack(owned.matrix, order, 0, back);
      EXPECT_EQ(back, values);
      const int64_t n = outputs - 1, m = inputs / 2;
      EXPECT_EQ(owned.matrix.at(n, m),
                values[static_cast<size_t>(order == MatrixOrder::outputs_first ? n * inputs + m
                                                                               : m * outputs + n)]);
    }
  }
}

TEST(F32Product, EqualsItsDefinitionForAnyShape) {
  for (const auto& [N, M] : kSizes) {
    const std::vector<float> w = numbers(N * M, 2), b = numbers(N, 3);
    const OwnedMatrix weight(N, M, w);
    for (const int64_t T : {1, 2, 3, 7, 130}) {
      SCOPED_TRACE(std::to_string(T) + " " + std::to_string(M) + " " + std::to_string(N));
      const std::vector<float> x = numbers(T * M, 1);
      std::vector<float> expected, with_bias;
      for (int64_t t = 0; t < T; ++t) {
        for (int64_t n = 0; n < N; ++n) {
          double total = 0;
          for (int64_t m = 0; m < M; ++m) {
            total += double{x[static_cast<size_t>(t * M + m)]} * w[static_cast<size_t>(n * M + m)];
          }
          expected.push_back(static_cast<float>(total));
          with_bias.push_back(static_cast<float>(total + b[static_cast<size_t>(n)]));
        }
      }
      std::vector<float> y(expected.size() + 1, 7.0f);
      const TensorView out = view2(y.data(), T, N);
      f32_product(out, view2(x.data(), T, M), weight.matrix);
      EXPECT_TRUE(all_near(out.span(), expected, 1e-6));
      f32_product(out, view2(x.data(), T, M), weight.matrix, view1(b.data(), N));
      EXPECT_TRUE(all_near(out.span(), with_bias, 1e-6));
      EXPECT_EQ(y.back(), 7.0f);  // nothing is written past the end
    }
  }
}

TEST(F32Product, ARowDoesNotDependOnTheRowsBesideIt) {
  constexpr int64_t N = 40, M = 36;
  const OwnedMatrix weight(N, M, numbers(N * M, 2));
  const std::vector<float> x = numbers(5 * M, 1);
  std::vector<float> together(5 * N), alone(N);
  f32_product(view2(together.data(), 5, N), view2(x.data(), 5, M), weight.matrix);
  for (int64_t t = 0; t < 5; ++t) {
    f32_product(view2(alone.data(), 1, N), view2(x.data() + t * M, 1, M), weight.matrix);
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + t * N));
  }
}

TEST(ProjectHead, SumsOverHeadsToTheWholeProjection) {
  for (const int64_t D : {1, 3, 4, 8}) {
    constexpr int64_t T = 3, H = 3;
    const int64_t C = H * D;
    const std::vector<float> z = numbers(T * C, 1);
    const OwnedMatrix weight(C, C, numbers(C * C, 2));
    const WeightMatrix projection = {Storage::f32, weight.matrix, {}};
    std::vector<float> result(static_cast<size_t>(T * H * C)), total(static_cast<size_t>(T * C)),
        expected(total.size());
    for (int64_t h = 0; h < H; ++h) {
      project_head(view3(result.data(), T, H, C), view2(z.data(), T, C), projection, h, D);
    }
    for (int64_t t = 0; t < T; ++t) {
      for (int64_t h = 0; h < H; ++h) {
        for (int64_t c = 0; c < C; ++c) {
          total[static_cast<size_t>(t * C + c)] += result[static_cast<size_t>((t * H + h) * C + c)];
        }
      }
    }
    f32_product(view2(expected.data(), T, C), view2(z.data(), T, C), weight.matrix);
    EXPECT_TRUE(all_near(total, expected, kReorderingTolerance)) << D;
  }
}

}  // namespace
}  // namespace glassformer
