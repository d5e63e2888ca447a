// What makes eigenvalues and eigenvectors ones, for matrices of all kinds.
#include "core/analysis/symmetric_eigen.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "core/sampler.h"

namespace glassformer {
namespace {

using Matrix = std::vector<double>;

double at(const Matrix& matrix, int64_t columns, int64_t row, int64_t column) {
  return matrix[static_cast<size_t>(row * columns + column)];
}

Matrix made(int64_t n, auto entry) {
  Matrix matrix;
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) matrix.push_back(entry(std::max(i, j), std::min(i, j)));
  }
  return matrix;
}

Matrix random_symmetric(int64_t n) {
  return made(n, [n](int64_t i, int64_t j) {
    return uniform_draw(5, static_cast<uint64_t>(i * n + j)) - 0.5;
  });
}

// All n, after A v = lambda v, orthonormality and the order have been checked.
SymmetricEigen checked(const Matrix& matrix, int64_t n) {
  const SymmetricEigen found = *symmetric_eigen(matrix, n, n);
  double norm = 0;
  for (const double entry : matrix) norm += entry * entry;
  const double close = 1e-14 * static_cast<double>(n) * std::sqrt(norm);
  for (int64_t a = 0; a < n; ++a) {
    const double value = found.values[static_cast<size_t>(a)];
    for (int64_t i = 0; i < n; ++i) {
      double image = 0;
      for (int64_t j = 0; j < n; ++j) image += at(matrix, n, i, j) * at(found.vectors, n, j, a);
      EXPECT_NEAR(image, value * at(found.vectors, n, i, a), close);
    }
    for (int64_t b = 0; b <= a; ++b) {
      double product = 0;
      for (int64_t i = 0; i < n; ++i) {
        product += at(found.vectors, n, i, a) * at(found.vectors, n, i, b);
      }
      EXPECT_NEAR(product, a == b ? 1 : 0, 1e-14 * static_cast<double>(n));
    }
    if (a > 0) {
      EXPECT_GE(found.values[static_cast<size_t>(a - 1)], value);
    }
  }
  return found;
}

TEST(SymmetricEigen, OfOneNumberIsThatNumber) {
  for (const double value : {3.0, -2.0, 0.0}) {
    const SymmetricEigen found = checked({value}, 1);
    EXPECT_EQ(found.values[0], value);
    EXPECT_EQ(found.vectors[0], 1);
  }
}

TEST(SymmetricEigen, OfTwoByTwo) {
  const SymmetricEigen found = checked({2, 1, 1, 2}, 2);
  EXPECT_NEAR(found.values[0], 3, 1e-15);
  EXPECT_NEAR(found.values[1], 1, 1e-15);
  EXPECT_NEAR(std::abs(found.vectors[0]), std::numbers::sqrt2 / 2, 1e-15);
}

TEST(SymmetricEigen, HoldsForMatricesOfAllSizes) {
  for (const int64_t n : {2, 3, 4, 5, 8, 17, 64, 150}) checked(random_symmetric(n), n);
}

TEST(SymmetricEigen, OfASecondDifferenceAreCosines) {
  const int64_t n = 40;
  const Matrix matrix = made(n, [](int64_t i, int64_t j) {
    return i == j ? 2.0 : i == j + 1 ? -1.0 : 0.0;
  });
  const SymmetricEigen found = checked(matrix, n);
  for (int64_t k = 0; k < n; ++k) {
    const double angle = std::numbers::pi * static_cast<double>(n - k) / static_cast<double>(n + 1);
    EXPECT_NEAR(found.values[static_cast<size_t>(k)], 2 - 2 * std::cos(angle), 1e-14 * n);
  }
}

TEST(SymmetricEigen, MayBeEqual) {
  for (const double value :
       checked(made(9, [](int64_t i, int64_t j) { return i == j ? 4.0 : 0; }), 9).values) {
    EXPECT_EQ(value, 4);
  }
  // All ones, plus the identity: 31 once, and 1 for whatever is orthogonal to that.
  const int64_t n = 30;
  const SymmetricEigen found =
      checked(made(n, [](int64_t i, int64_t j) { return i == j ? 2.0 : 1.0; }), n);
  EXPECT_NEAR(found.values[0], 31, 1e-12);
  for (size_t k = 1; k < found.values.size(); ++k) EXPECT_NEAR(found.values[k], 1, 1e-12);
}

TEST(SymmetricEigen, MayBeZero) {
  for (const double value : checked(Matrix(36), 6).values) EXPECT_EQ(value, 0);
  // Of rank two.
  const int64_t n = 50;
  const SymmetricEigen found = checked(made(n,
                                            [](int64_t i, int64_t j) {
                                              const auto x = [](int64_t k) { return std::sin(k); };
                                              const auto y = [](int64_t k) { return k % 3 - 1.0; };
                                              return x(i) * x(j) + y(i) * y(j);
                                            }),
                                       n);
  EXPECT_GT(found.values[1], 1);
  for (size_t k = 2; k < found.values.size(); ++k) EXPECT_NEAR(found.values[k], 0, 1e-12);
}

TEST(SymmetricEigen, MayDifferByManyOrdersOfMagnitude) {
  // Beginning with the small ones, and with the large ones.
  for (const int direction : {1, -1}) {
    checked(made(20,
                 [&](int64_t i, int64_t j) {
                   return std::pow(10.0, direction * static_cast<double>(i + j - 20) / 2) *
                          (i == j ? 2.0 : 1.0);
                 }),
            20);
  }
}

TEST(SymmetricEigen, MayBeHugeOrTiny) {
  const int64_t n = 12;
  const Matrix matrix = random_symmetric(n);
  const SymmetricEigen plain = checked(matrix, n);
  for (const double factor : {0x1p1000, 0x1p-900}) {
    Matrix scaled = matrix;
    for (double& entry : scaled) entry *= factor;
    const SymmetricEigen found = *symmetric_eigen(scaled, n, n);
    EXPECT_EQ(found.vectors, plain.vectors);
    for (size_t k = 0; k < found.values.size(); ++k) {
      EXPECT_EQ(found.values[k], plain.values[k] * factor);
    }
  }
}

TEST(SymmetricEigen, OfWhichAFewAreWantedAreTheLargest) {
  const int64_t n = 33;
  const Matrix matrix = random_symmetric(n);
  const SymmetricEigen all = checked(matrix, n), few = *symmetric_eigen(matrix, n, 3);
  EXPECT_EQ(few.values, std::vector(all.values.begin(), all.values.begin() + 3));
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t k = 0; k < 3; ++k) EXPECT_EQ(at(few.vectors, 3, i, k), at(all.vectors, n, i, k));
  }
}

TEST(SymmetricEigen, ReadsHalfOfTheMatrix) {
  EXPECT_EQ(symmetric_eigen({2, NAN, 1, 2}, 2, 2)->values,
            symmetric_eigen({2, 1, 1, 2}, 2, 2)->values);
}

TEST(SymmetricEigen, RefusesWhatIsNoNumber) {
  for (const double entry :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()}) {
    const auto refused = symmetric_eigen({1, 0, entry, 1}, 2, 1);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::bad_option);
  }
}

}  // namespace
}  // namespace glassformer
