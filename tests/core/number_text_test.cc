#include "core/number_text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace glassformer {
namespace {

TEST(NumberText, IsAsShortAsItCanBe) {
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(2.0), "2");
  EXPECT_EQ(number_text(-0.0), "-0");
  EXPECT_EQ(number_text(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(number_text(0.1 + 0.2), "0.30000000000000004");
}

TEST(NumberText, OfAFloatIsAsShortAsAFloatCanBe) {
  EXPECT_EQ(number_text(0.1f), "0.1");
  EXPECT_EQ(number_text(-0.0f), "-0");
  EXPECT_EQ(number_text(1.0f / 3), "0.33333334");
  EXPECT_EQ(number_text(16777216.0f), "16777216");
}

TEST(NumberText, NamesWhatIsNoFiniteNumber) {
  EXPECT_EQ(number_text(std::nan("")), "NaN");
  EXPECT_EQ(number_text(HUGE_VAL), "Infinity");
  EXPECT_EQ(number_text(-HUGE_VAL), "-Infinity");
}

}  // namespace
}  // namespace glassformer
