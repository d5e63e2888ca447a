// The models of the repository, read by WeightsReader and, by other means, here.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/config.h"
#include "core/weights.h"
#include "tests/support/files.h"
#include "tests/support/read_weights.h"

namespace glassformer {
namespace {

using namespace testing_support;

// IEEE 754 binary16 by its definition; the models hold neither infinities nor NaN.
float half_value(uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double size =
      exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  return static_cast<float>(bits & 0x8000 ? -size : size);
}

// The tensor of a safetensors file, found and decoded without the code under test.
std::vector<float> stored_values(const std::string& file, const std::string& name) {
  uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof length);
  const auto header = nlohmann::json::parse(file.substr(8, length), nullptr, false);
  const auto found = header.find(header.contains(name) ? name : "transformer." + name);
  if (found == header.end()) {
    ADD_FAILURE() << name << " is not stored";
    return {};
  }
  const size_t begin = 8 + length + (*found)["data_offsets"][0].get<size_t>();
  const size_t end = 8 + length + (*found)["data_offsets"][1].get<size_t>();
  std::vector<float> values;
  if ((*found)["dtype"] == "F32") {
    values.resize((end - begin) / sizeof(float));
    std::memcpy(values.data(), file.data() + begin, end - begin);
    return values;
  }
  EXPECT_EQ((*found)["dtype"], "F16");
  for (size_t at = begin; at < end; at += 2) {
    uint16_t bits = 0;
    std::memcpy(&bits, file.data() + at, sizeof bits);
    values.push_back(half_value(bits));
  }
  return values;
}

class WeightsOfModel : public ::testing::TestWithParam<const char*> {};

TEST_P(WeightsOfModel, AreTheNumbersOfTheFile) {
  const std::string folder = GetParam();
  const auto config = parse_config(read_repository_file(folder + "/config.json"));
  ASSERT_TRUE(config);
  const std::string file = read_repository_file(folder + "/model.safetensors");
  const auto weights = read_weights(file, *config, {.chunk = 65'521});  // a prime
  ASSERT_TRUE(weights) << weights.error().message;
  EXPECT_EQ(weights->named.size(),
            2u + 12u * weights->blocks.size() + 2u + (config->tie_word_embeddings ? 0u : 1u));
  for (const NamedWeight& weight : weights->named) {
    EXPECT_TRUE(values_of(weight) == stored_values(file, weight.name)) << weight.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, WeightsOfModel,
                         ::testing::Values("tests/golden/plain", "tests/golden/odd",
                                           "weights/stories", "weights/tang", "weights/nano"),
                         [](const auto& parameter) {
                           const std::string folder = parameter.param;
                           return folder.substr(folder.rfind('/') + 1);
                         });

}  // namespace
}  // namespace glassformer
