#include "core/weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/files.h"
#include "tests/support/weights_files.h"

namespace glassformer {
namespace {

using namespace testing_support;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

Result<Weights> read(const std::string& file, const Config& config = tiny_config(),
                     size_t chunk = SIZE_MAX, bool size_known = true) {
  WeightsReader reader(config, size_known ? file.size() : 0);
  for (size_t i = 0; i < file.size(); i += std::min(chunk, file.size() - i)) {
    const auto piece = bytes_of(file).subspan(i, std::min(chunk, file.size() - i));
    if (Status status = reader.feed(piece); !status) return status.error();
  }
  return reader.finish();
}

Result<Weights> read(const std::vector<TestTensor>& tensors) { return read(make_file(tensors)); }

std::string problem(const Result<Weights>& weights) {
  if (weights) return "was accepted";
  EXPECT_EQ(weights.error().code, ErrorCode::bad_weights);
  return weights.error().message;
}

// Every stored tensor holds its test values.
void expect_test_values(const Weights& weights) {
  for (size_t place = 0; place < weights.named.size(); ++place) {
    const NamedWeight& weight = weights.named[place];
    std::vector<float> values(static_cast<size_t>(weight.size()));
    weight.read(0, values);
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
    const auto weights = read(file, tiny_config(), chunk);
    ASSERT_TRUE(weights) << weights.error().message;
    EXPECT_EQ(weights->file_dtype, GetParam());
    expect_test_values(*weights);
  }
}

INSTANTIATE_TEST_SUITE_P(Dtypes, WeightsOfDtype, ::testing::Values("F32", "F16", "BF16"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST(Weights, ViewsPointToTheTensorsOfTheirNames) {
  const auto weights = read(make_tensors(tiny_config()));
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
  const auto weights = read(make_tensors(tiny_config()));
  ASSERT_TRUE(weights);
  // h.0.attn.c_attn.weight, the fifth tensor, is [4 inputs, 12 outputs]; wte is [5, 4].
  EXPECT_EQ(weights->blocks[0].attn_c_attn.weight.at(7, 2), test_value(4, 2 * 12 + 7));
  EXPECT_EQ(weights->wte.at(3, 1), test_value(0, 3 * 4 + 1));
}

TEST(Weights, OfUnknownFileSizeAreReadToo) {
  EXPECT_TRUE(read(make_file(make_tensors(tiny_config())), tiny_config(), 100, false));
}

TEST(Weights, NamesMayHaveThePrefixTransformer) {
  const auto weights = read(make_tensors(tiny_config(), "F32", "transformer."));
  ASSERT_TRUE(weights) << weights.error().message;
  expect_test_values(*weights);
  EXPECT_EQ(weights->named.front().name, "wte.weight");
}

TEST(Weights, TheOrderInTheFileDoesNotMatter) {
  std::vector<TestTensor> tensors = make_tensors(tiny_config());
  std::reverse(tensors.begin(), tensors.end());
  const auto weights = read(tensors);
  ASSERT_TRUE(weights) << weights.error().message;
  expect_test_values(*weights);
}

TEST(Weights, TensorsMayDifferInDtype) {
  std::vector<TestTensor> tensors = make_tensors(tiny_config(), "BF16");
  tensors[1] = make_tensors(tiny_config(), "F32")[1];
  tensors[2] = make_tensors(tiny_config(), "F16")[2];
  const auto weights = read(tensors);
  ASSERT_TRUE(weights) << weights.error().message;
  expect_test_values(*weights);
}

TEST(Weights, ATiedHeadIsTheTokenEmbedding) {
  const auto weights = read(make_tensors(tiny_config()));
  EXPECT_EQ(weights->lm_head.packed.data, weights->wte.packed.data);
  EXPECT_EQ(weights->find("lm_head.weight"), nullptr);
}

TEST(Weights, ARedundantHeadOfATiedModelIsSkipped) {
  std::vector<TestTensor> tensors = make_tensors(tiny_config());
  tensors.insert(tensors.begin() + 1, {"lm_head.weight", "F32", {5, 4}, std::string(80, '\1')});
  const auto weights = read(tensors);
  ASSERT_TRUE(weights) << weights.error().message;
  expect_test_values(*weights);
}

TEST(Weights, AnUntiedHeadIsItsOwn) {
  Config config = tiny_config();
  config.tie_word_embeddings = false;
  const auto weights = read(make_file(make_tensors(config)), config);
  ASSERT_TRUE(weights) << weights.error().message;
  expect_test_values(*weights);
  EXPECT_EQ(weights->lm_head.packed.data, weights->find("lm_head.weight")->matrix.packed.data);
  EXPECT_EQ(problem(read(make_file(make_tensors(tiny_config())), config)),
            "model.safetensors: tensor lm_head.weight is missing, and config.json's "
            "tie_word_embeddings is false");
}

TEST(Weights, MaskBuffersAreSkipped) {
  std::vector<TestTensor> tensors = make_tensors(tiny_config(), "F32", "transformer.");
  tensors.insert(tensors.begin() + 3,
                 {"transformer.h.0.attn.bias", "U8", {1, 1, 3, 3}, std::string(9, '\1')});
  tensors.insert(tensors.begin() + 5,
                 {"transformer.h.1.attn.masked_bias", "F32", {}, std::string(4, '\1')});
  const auto weights = read(make_file(tensors), tiny_config(), 5);
  ASSERT_TRUE(weights) << weights.error().message;
  expect_test_values(*weights);
}

TEST(Weights, RefuseWhatIsMissingUnknownOrTwice) {
  std::vector<TestTensor> tensors = make_tensors(tiny_config());
  tensors.erase(tensors.begin() + 1);
  EXPECT_EQ(problem(read(tensors)), "model.safetensors: tensor wpe.weight is missing");

  tensors = make_tensors(tiny_config());
  tensors.push_back({"score.weight", "F32", {1}, std::string(4, '\0')});
  EXPECT_EQ(problem(read(tensors)),
            "model.safetensors: tensor \"score.weight\" does not belong to the GPT-2 that "
            "config.json describes");

  tensors = make_tensors(tiny_config());
  TestTensor twice = tensors[0];
  twice.name = "transformer." + twice.name;
  tensors.push_back(twice);
  EXPECT_EQ(problem(read(tensors)),
            "model.safetensors: tensor \"transformer.wte.weight\" is there twice, with and without "
            "\"transformer.\"");
}

TEST(Weights, RefuseAShapeThatTheConfigurationDoesNotHave) {
  std::vector<TestTensor> tensors = make_tensors(tiny_config());
  tensor_named(tensors, "h.0.attn.c_attn.weight").shape = {12, 4};
  EXPECT_EQ(problem(read(tensors)),
            "model.safetensors: tensor \"h.0.attn.c_attn.weight\" has the shape [12, 4], but "
            "config.json asks for [4, 12]");
}

TEST(Weights, RefuseADtypeThatIsNotAFloatOfAtMost32Bits) {
  std::vector<TestTensor> tensors = make_tensors(tiny_config());
  TestTensor& tensor = tensor_named(tensors, "ln_f.weight");
  tensor.dtype = "F64";
  tensor.bytes.resize(4 * 8);
  EXPECT_EQ(problem(read(tensors)),
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
      EXPECT_EQ(problem(read(make_file(tensors), tiny_config(), 9)),
                std::string("model.safetensors: h.1.mlp.c_fc.weight[1, 2] is ") +
                    (std::isnan(value) ? "NaN" : "infinite") + "; weights must be finite");
    }
  }
}

TEST(Weights, RefuseAFileThatEndsEarlyWhereverItEnds) {
  const std::string file = make_file(make_tensors(tiny_config()));
  for (size_t size = 0; size < file.size(); size += 97) {
    const std::string shown = problem(read(file.substr(0, size), tiny_config(), 64, false));
    EXPECT_EQ(shown.find("model.safetensors: ends early, after "), 0u) << shown;
  }
}

TEST(Weights, RefuseBytesAfterTheEnd) {
  const std::string file = make_file(make_tensors(tiny_config())) + "!";
  EXPECT_NE(problem(read(file, tiny_config(), SIZE_MAX, true)).find("describes only"),
            std::string::npos);
  EXPECT_NE(problem(read(file, tiny_config(), SIZE_MAX, false)).find("has more bytes"),
            std::string::npos);
}

// ---- q8

// A q8 file of tiny_config with known integers and scales.
std::vector<TestTensor> make_q8_tensors() {
  std::vector<TestTensor> stored;
  for (TestTensor& tensor : make_tensors(tiny_config())) {
    if (tensor.shape.size() == 1 || tensor.name == "wpe.weight") {
      stored.push_back(tensor);
      continue;
    }
    const bool outputs_first = tensor.name == "wte.weight";
    const int64_t outputs = outputs_first ? tensor.shape[0] : tensor.shape[1];
    TestTensor scales{tensor.name + ".scales", "F32", {outputs, 1}, {}};
    for (int64_t n = 0; n < outputs; ++n) {
      scales.bytes += encode(0.5f + static_cast<float>(n), "F32");
    }
    stored.push_back(scales);
    tensor.dtype = "I8";
    const size_t count = tensor.bytes.size() / sizeof(float);
    tensor.bytes.clear();
    for (size_t i = 0; i < count; ++i) tensor.bytes += static_cast<char>(i * 7 % 128);
    stored.push_back(tensor);
  }
  return stored;
}

const nlohmann::ordered_json kQ8Metadata = {{"glassformer.q8.block", "64"}};

TEST(Q8Weights, AreReadExactlyWhateverTheChunks) {
  const std::string file = make_file(make_q8_tensors(), kQ8Metadata);
  for (const size_t chunk : {size_t{1}, size_t{13}, SIZE_MAX}) {
    const auto weights = read(file, tiny_config(), chunk);
    ASSERT_TRUE(weights) << weights.error().message;
    EXPECT_EQ(weights->storage, Storage::q8);
    EXPECT_EQ(weights->file_dtype, "Q8");
    // [4 inputs, 12 outputs]: element [2][7] has the index 31.
    EXPECT_EQ(weights->blocks[1].attn_c_attn.weight.at(7, 2), (31 * 7 % 128) * 7.5f);
    EXPECT_EQ(weights->wte.at(3, 1), (13 * 7 % 128) * 3.5f);
    EXPECT_EQ(weights->lm_head.at(3, 1), (13 * 7 % 128) * 3.5f);
  }
}

TEST(Q8Weights, RefuseWhatDoesNotFit) {
  std::vector<TestTensor> tensors = make_q8_tensors();
  EXPECT_EQ(problem(read(make_file(tensors, {{"glassformer.q8.block", "32"}}))),
            "model.safetensors: its metadata gives glassformer.q8.block as \"32\"; only 64 can be "
            "read");
  EXPECT_EQ(problem(read(make_file(tensors))),
            "model.safetensors: tensor \"wte.weight.scales\" does not belong to the GPT-2 that "
            "config.json describes");
  EXPECT_EQ(
      problem(read(make_file(make_tensors(tiny_config()), kQ8Metadata))),
      "model.safetensors: tensor \"wte.weight\" has the dtype F32; in a q8 file it must be I8");
  tensors.erase(tensors.begin());
  EXPECT_EQ(problem(read(make_file(tensors, kQ8Metadata))),
            "model.safetensors: tensor wte.weight.scales is missing");
  tensors = make_q8_tensors();
  tensors[0].bytes.replace(4, 4, encode(NAN, "F32"));
  EXPECT_EQ(problem(read(make_file(tensors, kQ8Metadata))),
            "model.safetensors: wte.weight.scales[1, 0] is NaN; weights must be finite");
}

TEST(Q8Weights, AreMadeFromFloatsWhileThoseStreamIn) {
  Config config = tiny_config();
  config.n_embd = 68;  // more than one block, and not a whole number of them
  config.n_inner = 130;
  const std::string file = make_file(make_tensors(config));
  const auto exact = read(file, config);
  ASSERT_TRUE(exact);
  for (const size_t chunk : {size_t{5}, size_t{4096}, SIZE_MAX}) {
    WeightsReader reader(config, file.size(), Storage::q8);
    for (size_t i = 0; i < file.size(); i += std::min(chunk, file.size() - i)) {
      ASSERT_TRUE(reader.feed(bytes_of(file).subspan(i, std::min(chunk, file.size() - i))).ok());
    }
    const auto weights = reader.finish();
    ASSERT_TRUE(weights) << weights.error().message;
    EXPECT_EQ(weights->storage, Storage::q8);
    EXPECT_LT(weights->bytes(), exact->bytes() / 2);
    for (size_t i = 0; i < weights->named.size(); ++i) {
      std::vector<float> expected(static_cast<size_t>(exact->named[i].size())), actual(expected);
      exact->named[i].read(0, expected);
      weights->named[i].read(0, actual);
      for (size_t e = 0; e < expected.size(); ++e) {
        // Half a step where the largest weight of a block is 8.
        ASSERT_NEAR(actual[e], expected[e], 8.0 / 127 / 2 + 1e-5) << weights->named[i].name;
      }
    }
  }
}

TEST(WeightsReader, RepeatsItsFirstError) {
  WeightsReader reader(tiny_config(), 0);
  const std::string zeros(16, '\0');
  const Status first = reader.feed(bytes_of(zeros));
  ASSERT_FALSE(first.ok());
  const Status second = reader.feed(bytes_of(make_file(make_tensors(tiny_config()))));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message, first.error().message);
  EXPECT_EQ(reader.finish().error().message, first.error().message);
}

TEST(WeightsReader, CountsTheBytesThatItHasRead) {
  const std::string file = make_file(make_tensors(tiny_config()));
  WeightsReader reader(tiny_config(), file.size());
  EXPECT_TRUE(reader.feed(bytes_of(file).first(20)).ok());
  EXPECT_EQ(reader.bytes_read(), 20u);
}

TEST(WeightsReader, AllocatesNothingForADimensionThatTheFileDoesNotHave) {
  Config config = tiny_config();
  config.vocab_size = 1 << 22;  // would be 64 GiB with this width
  config.n_embd = 1 << 12;
  EXPECT_NE(problem(read(make_file(make_tensors(tiny_config())), config)).find("has the shape"),
            std::string::npos);
}

}  // namespace
}  // namespace glassformer
