#include "core/weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/read_weights.h"
#include "tests/support/weights_files.h"

namespace glassformer {
namespace {

using namespace testing_support;

// Every stored tensor holds its test values.
void expect_test_values(const Weights& weights) {
  for (size_t place = 0; place < weights.named.size(); ++place) {
    const NamedWeight& weight = weights.named[place];
    const std::vector<float> values = values_of(weight);
    for (size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(values[i], test_value(place, static_cast<int64_t>(i))) << weight.name << " " << i;
    }
  }
}

TestTensor& tensor_named(std::vector<TestTensor>& tensors, const std::string& name) {
  for (TestTensor& tensor : tensors) {
    if (tensor.name == name) return tensor;
  }
  ADD_FAILURE() << name;
  return tensors.front();
}

class WeightsOfDtype : public ::testing::TestWithParam<const char*> {};

TEST_P(WeightsOfDtype, AreReadExactlyWhateverTheChunks) {
  const std::string file = make_file(make_tensors(tiny_config(), GetParam()));
  for (const size_t chunk : {size_t{1}, size_t{3}, size_t{7}, size_t{1000}, SIZE_MAX}) {
    const auto weights = read_weights(file, tiny_config(), {.chunk = chunk});
    ASSERT_TRUE(weights) << weights.error().message;
    EXPECT_EQ(weights->file_dtype, GetParam());
    expect_test_values(*weights);
  }
}

INSTANTIATE_TEST_SUITE_P(Dtypes, WeightsOfDtype, ::testing::Values("F32", "F16", "BF16"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST(Weights, ViewsPointToTheTensorsOfTheirNames) {
  const auto weights = read_weights(make_tensors(tiny_config()));
  ASSERT_TRUE(weights);
  EXPECT_EQ(weights->named.size(), 2u + 2u * 12u + 2u);
  EXPECT_EQ(weights->parameter_count(), 5 * 4 + 3 * 4 + 2 * (8 + 60 + 20 + 8 + 30 + 28) + 8);
  const WeightMatrix& up = weights->blocks[1].mlp_c_fc.weight;
  EXPECT_EQ(weights->find("h.1.mlp.c_fc.weight")->matrix.packed.data, up.packed.data);
  EXPECT_EQ(up.outputs(), 6);  // n_inner
  EXPECT_EQ(up.inputs(), 4);
  EXPECT_EQ(weights->find("wpe.weight")->plain.data, weights->wpe.data);
  EXPECT_EQ(weights->find("ln_f.bias")->plain.data, weights->ln_f.bias.data);
  EXPECT_EQ(weights->find("nothing"), nullptr);
}

TEST(Weights, AMatrixHasAnOutputForEachColumnOfAConv1DAndEachRowOfAnEmbedding) {
  const auto weights = read_weights(make_tensors(tiny_config()));
  ASSERT_TRUE(weights);
  // h.0.attn.c_attn.weight, the fifth tensor, is [4 inputs, 12 outputs]; wte is [5, 4].
  EXPECT_EQ(weights->blocks[0].attn_c_attn.weight.at(7, 2), test_value(4, 2 * 12 + 7));
  EXPECT_EQ(weights->wte.at(3, 1), test_value(0, 3 * 4 + 1));
}

TEST(Weights, OfUnknownFileSizeAreReadToo) {
  EXPECT_TRUE(read_weights(make_file(make_tensors(tiny_config())), tiny_config(),
                           {.chunk = 100, .file_size_known = false}));
}

TEST(Weights, NamesMayHaveThePrefixTransformer) {
  const auto weights = read_weights(make_tensors(tiny_config(), "F32", "transformer."));
  ASSERT_TRUE(weights) << weights.error().message;
  expect_test_values(*weights);
  EXPECT_EQ(weights->named.front().name, "wte.weight");
}

TEST(Weights, TheOrderInTheFileDoesNotMatter) {
  std::vector<TestTensor> tensors = make_tensors(tiny_config());
  std::reverse(tensors.begin(), tensors.end());
  const auto weights = read_weights(tensors);
  ASSERT_TRUE(weights) << weights.error().message;
  expect_test_values(*weights);
}

TEST(Weights, TensorsMayDifferInDtype) {
  std::vector<TestTensor> tensors = make_tensors(tiny_config(), "BF16");
  tensors[1] = make_tensors(tiny_config(), "F32")[1];
  tensors[2] = make_tensors(tiny_config(), "F16")[2];
  const auto weights = read_weights(tensors);
  ASSERT_TRUE(weights) << weights.error().message;
  expect_test_values(*weights);
}

TEST(Weights, ATiedHeadIsTheTokenEmbedding) {
  const auto weights = read_weights(make_tensors(tiny_config()));
  EXPECT_EQ(weights->lm_head.packed.data, weights->wte.packed.data);
  EXPECT_EQ(weights->find("lm_head.weight"), nullptr);
}

TEST(Weights, ARedundantHeadOfATiedModelIsSkipped) {
  std::vector<TestTensor> tensors = make_tensors(tiny_config());
  tensors.insert(tensors.begin() + 1, {"lm_head.weight", "F32", {5, 4}, std::string(80, '\1')});
  const auto weights = read_weights(tensors);
  ASSERT_TRUE(weights) << weights.error().message;
  expect_test_values(*weights);
}

TEST(Weights, AnUntiedHeadIsItsOwn) {
  Config config = tiny_config();
  config.tie_word_embeddings = false;
  const auto weights = read_weights(make_file(make_tensors(config)), config);
  ASSERT_TRUE(weights) << weights.error().message;
  expect_test_values(*weights);
  EXPECT_EQ(weights->lm_head.packed.data, weights->find("lm_head.weight")->matrix.packed.data);
  EXPECT_EQ(problem(read_weights(make_file(make_tensors(tiny_config())), config)),
            "model.safetensors: tensor lm_head.weight is missing, and config.json's "
            "tie_word_embeddings is false");
}

TEST(Weights, MaskBuffersAreSkipped) {
  std::vector<TestTensor> tensors = make_tensors(tiny_config(), "F32", "transformer.");
  tensors.insert(tensors.begin() + 3,
                 {"transformer.h.0.attn.bias", "U8", {1, 1, 3, 3}, std::string(9, '\1')});
  tensors.insert(tensors.begin() + 5,
                 {"transformer.h.1.attn.masked_bias", "F32", {}, std::string(4, '\1')});
  const auto weights = read_weights(make_file(tensors), tiny_config(), {.chunk = 5});
  ASSERT_TRUE(weights) << weights.error().message;
  expect_test_values(*weights);
}

TEST(Weights, RefuseWhatIsMissingUnknownOrTwice) {
  std::vector<TestTensor> tensors = make_tensors(tiny_config());
  tensors.erase(tensors.begin() + 1);
  EXPECT_EQ(problem(read_weights(tensors)), "model.safetensors: tensor wpe.weight is missing");

  tensors = make_tensors(tiny_config());
  tensors.push_back({"score.weight", "F32", {1}, std::string(4, '\0')});
  EXPECT_EQ(problem(read_weights(tensors)),
            "model.safetensors: tensor \"score.weight\" does not belong to the GPT-2 that "
            "config.json describes");

  tensors = make_tensors(tiny_config());
  TestTensor twice = tensors[0];
  twice.name = "transformer." + twice.name;
  tensors.push_back(twice);
  EXPECT_EQ(problem(read_weights(tensors)),
            "model.safetensors: tensor \"transformer.wte.weight\" is there twice, with and without "
            "\"transformer.\"");
}

TEST(Weights, RefuseAShapeThatTheConfigurationDoesNotHave) {
  std::vector<TestTensor> tensors = make_tensors(tiny_config());
  tensor_named(tensors, "h.0.attn.c_attn.weight").shape = {12, 4};
  EXPECT_EQ(problem(read_weights(tensors)),
            "model.safetensors: tensor \"h.0.attn.c_attn.weight\" has the shape [12, 4], but "
            "config.json asks for [4, 12]");
}

TEST(Weights, RefuseADtypeThatIsNotAFloatOfAtMost32Bits) {
  std::vector<TestTensor> tensors = make_tensors(tiny_config());
  TestTensor& tensor = tensor_named(tensors, "ln_f.weight");
  tensor.dtype = "F64";
  tensor.bytes.resize(4 * 8);
  EXPECT_EQ(problem(read_weights(tensors)),
            "model.safetensors: tensor \"ln_f.weight\" has the dtype F64; only F32, F16 and BF16 "
            "can be read");
}

TEST(Weights, RefuseAValueThatIsNotFinite) {
  for (const char* dtype : {"F32", "F16", "BF16"}) {
    for (const float value : {NAN, std::numeric_limits<float>::infinity()}) {
      std::vector<TestTensor> tensors = make_tensors(tiny_config(), dtype);
      TestTensor& tensor = tensor_named(tensors, "h.1.mlp.c_fc.weight");
      const std::string bad = encode(value, dtype);
      tensor.bytes.replace(8 * bad.size(), bad.size(), bad);
      EXPECT_EQ(problem(read_weights(make_file(tensors), tiny_config(), {.chunk = 9})),
                std::string("model.safetensors: h.1.mlp.c_fc.weight[1, 2] is ") +
                    (std::isnan(value) ? "NaN" : "infinite") + "; weights must be finite");
    }
  }
}

TEST(Weights, RefuseAFileThatEndsEarlyWhereverItEnds) {
  const std::string file = make_file(make_tensors(tiny_config()));
  for (size_t size = 0; size < file.size(); size += 97) {
    const std::string shown = problem(
        read_weights(file.substr(0, size), tiny_config(), {.chunk = 64, .file_size_known = false}));
    EXPECT_EQ(shown.find("model.safetensors: ends early, after "), 0u) << shown;
  }
}

TEST(Weights, RefuseBytesAfterTheEnd) {
  const std::string file = make_file(make_tensors(tiny_config())) + "!";
  EXPECT_NE(problem(read_weights(file, tiny_config())).find("describes only"), std::string::npos);
  EXPECT_NE(
      problem(read_weights(file, tiny_config(), {.file_size_known = false})).find("has more bytes"),
      std::string::npos);
}

TEST(WeightsReader, RepeatsItsFirstError) {
  WeightsReader reader(tiny_config(), 0);
  const std::string zeros(16, '\0'), file = make_file(make_tensors(tiny_config()));
  const Status first = reader.feed(std::as_bytes(std::span(zeros)));
  ASSERT_FALSE(first.ok());
  const Status second = reader.feed(std::as_bytes(std::span(file)));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message, first.error().message);
  EXPECT_EQ(reader.finish().error().message, first.error().message);
}

TEST(WeightsReader, CountsTheBytesThatItHasRead) {
  const std::string file = make_file(make_tensors(tiny_config()));
  WeightsReader reader(tiny_config(), file.size());
  EXPECT_TRUE(reader.feed(std::as_bytes(std::span(file)).first(20)).ok());
  EXPECT_EQ(reader.bytes_read(), 20u);
}

TEST(WeightsReader, AllocatesNothingForADimensionThatTheFileDoesNotHave) {
  Config config = tiny_config();
  config.vocab_size = 1 << 22;  // would be 64 GiB with this width
  config.n_embd = 1 << 12;
  EXPECT_NE(
      problem(read_weights(make_file(make_tensors(tiny_config())), config)).find("has the shape"),
      std::string::npos);
}

}  // namespace
}  // namespace glassformer
