// Points whose principal components are known, and what holds for any.
#include "core/analysis/principal_components.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/sampler.h"

namespace glassformer {
namespace {

PrincipalComponents of(const std::vector<float>& rows, int64_t width, int components) {
  auto result = principal_components(rows, width, components).finish();
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return *result;
}

bool is_refused(const std::vector<float>& rows, int64_t width, int components) {
  return !principal_components(rows, width, components).finish().ok();
}

std::vector<float> random_rows(int64_t count, int64_t width) {
  std::vector<float> rows;
  for (int64_t i = 0; i < count * width; ++i) {
    rows.push_back(static_cast<float>(uniform_draw(3, static_cast<uint64_t>(i)) - 0.3));
  }
  return rows;
}

TEST(PrincipalComponents, OfPointsOnALineAreTheLine) {
  // (1, 2) + s (3, 4) / 5 for s = -5, 0, 10
  const PrincipalComponents found = of({-2, -2, 1, 2, 7, 10}, 2, 2);
  EXPECT_NEAR(found.components[0], 0.6, 1e-6);
  EXPECT_NEAR(found.components[1], 0.8, 1e-6);
  EXPECT_NEAR(found.mean[0], 2, 1e-6);
  EXPECT_NEAR(found.explained[0], 1, 1e-6);
  EXPECT_NEAR(found.explained[1], 0, 1e-6);
  // Less the mean of s, which is 5/3.
  EXPECT_NEAR(found.coordinates[0], -5 - 5.0 / 3, 1e-5);
  EXPECT_NEAR(found.coordinates[4], 10 - 5.0 / 3, 1e-5);
}

TEST(PrincipalComponents, AreOrthogonalAndOrderedHoweverManyVectorsThereAre) {
  for (const int64_t count : {6, 40}) {
    const int64_t width = 13, K = 3;
    const std::vector<float> rows = random_rows(count, width);
    const PrincipalComponents found = of(rows, width, K);
    for (int64_t a = 0; a < K; ++a) {
      for (int64_t b = 0; b <= a; ++b) {
        double product = 0;
        for (int64_t d = 0; d < width; ++d) {
          product += double{found.components[static_cast<size_t>(a * width + d)]} *
                     double{found.components[static_cast<size_t>(b * width + d)]};
        }
        EXPECT_NEAR(product, a == b ? 1 : 0, 1e-6);
      }
      if (a > 0) {
        EXPECT_LE(found.explained[static_cast<size_t>(a)],
                  found.explained[static_cast<size_t>(a - 1)]);
      }
    }
  }
}

TEST(PrincipalComponents, TogetherGiveTheVectorsBack) {
  const int64_t count = 9, width = 5;
  const std::vector<float> rows = random_rows(count, width);
  const PrincipalComponents found = of(rows, width, 5);
  double share = 0;
  for (const float value : found.explained) share += value;
  EXPECT_NEAR(share, 1, 1e-6);
  for (size_t n = 0; n < 9; ++n) {
    for (size_t d = 0; d < 5; ++d) {
      double x = found.mean[d];
      for (size_t k = 0; k < 5; ++k)
        x += found.coordinates[n * 5 + k] * found.components[k * 5 + d];
      EXPECT_NEAR(x, rows[n * 5 + d], 1e-5);
    }
  }
}

TEST(PrincipalComponents, OfEqualVectorsAreNoDirectionAtAll) {
  const PrincipalComponents found = of({1, 2, 1, 2, 1, 2}, 2, 1);
  EXPECT_EQ(found.explained[0], 0);
  for (const float coordinate : found.coordinates) EXPECT_EQ(coordinate, 0);
}

TEST(PrincipalComponents, RefusesWhatHasNone) {
  const std::vector<float> rows = random_rows(4, 3);
  EXPECT_TRUE(is_refused({1, 2, 3}, 3, 1));
  EXPECT_TRUE(is_refused(rows, 3, 0));
  EXPECT_TRUE(is_refused(rows, 3, 4));
  EXPECT_TRUE(is_refused({1, std::numeric_limits<float>::quiet_NaN(), 2, 3}, 2, 1));
  const int64_t many = kMostPrincipal + 1;
  EXPECT_TRUE(is_refused(std::vector<float>(static_cast<size_t>(many * many)), many, 1));
}

TEST(PrincipalComponents, TellsHowFarItIs) {
  Work<PrincipalComponents> work = principal_components(random_rows(1000, 3), 3, 1);
  int pauses = 0;
  while (work.step()) ++pauses;
  EXPECT_EQ(pauses, 4);
  EXPECT_EQ(work.progress().done, 1000);
}

}  // namespace
}  // namespace glassformer
