// What is written is read back by another's parser.
#include "core/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

namespace glassformer {
namespace {

using nlohmann::json;

TEST(JsonWriter, NumbersComeBackToTheLastBit) {
  for (const double number :
       {0.0, -0.0, 1.0, 0.1, 1.0 / 3, 0.1 + 0.2, double{0.1f}, 1e300, 5e-324, 1e21, 123456789.0,
        std::numeric_limits<double>::max(), std::numeric_limits<double>::epsilon(), -2.5e-7}) {
    const double read = json::parse(JsonText(number).text).get<double>();
    EXPECT_EQ(read, number);
    EXPECT_EQ(std::signbit(read), std::signbit(number));
  }
  EXPECT_EQ(JsonText(0.1).text, "0.1");
  EXPECT_EQ(JsonText(2.0).text, "2.0");
  EXPECT_EQ(JsonText(INT64_MIN).text, "-9223372036854775808");
}

TEST(JsonWriter, NumbersThatJsonDoesNotHaveAreText) {
  EXPECT_EQ(JsonText(std::nan("")).text, "\"NaN\"");
  EXPECT_EQ(JsonText(HUGE_VAL).text, "\"Infinity\"");
  EXPECT_EQ(JsonText(-HUGE_VAL).text, "\"-Infinity\"");
}

TEST(JsonWriter, TextMayHoldAnyCharacter) {
  std::string all = "Grüße, 你好 🙂 ";
  for (char c = 0; c < 127; ++c) all += c;
  EXPECT_EQ(json::parse(JsonText(all).text).get<std::string>(), all);
}

TEST(JsonWriter, ArraysAndObjectsKeepTheirOrder) {
  const JsonText text = JsonObject()
                            .add("b", json_array(std::vector<int>{3, 1, 2}))
                            .add("a", nullptr)
                            .add("none", json_array(std::vector<int>{}))
                            .add("c", JsonObject())
                            .add("d", json_array(std::vector<int>{1, 2}, [](int i) {
                                   return JsonObject().add("i", i + 0.5);
                                 }));
  EXPECT_EQ(text.text, R"({"b":[3,1,2],"a":null,"none":[],"c":{},"d":[{"i":1.5},{"i":2.5}]})");
}

}  // namespace
}  // namespace glassformer
