// Weights that are held, or stored, as q8.
#include <gtest/gtest.h>

#include <cmath>

#include "core/weights.h"
#include "tests/support/read_weights.h"

namespace glassformer {
namespace {

using namespace testing_support;

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
    const auto weights = read_weights(file, tiny_config(), {.chunk = chunk});
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
  EXPECT_EQ(problem(read_weights(make_file(tensors, {{"glassformer.q8.block", "32"}}))),
            "model.safetensors: its metadata gives glassformer.q8.block as \"32\"; only 64 can be "
            "read");
  EXPECT_EQ(problem(read_weights(make_file(tensors))),
            "model.safetensors: tensor \"wte.weight.scales\" does not belong to the GPT-2 that "
            "config.json describes");
  EXPECT_EQ(
      problem(read_weights(make_file(make_tensors(tiny_config()), kQ8Metadata))),
      "model.safetensors: tensor \"wte.weight\" has the dtype F32; in a q8 file it must be I8");
  tensors.erase(tensors.begin());
  EXPECT_EQ(problem(read_weights(make_file(tensors, kQ8Metadata))),
            "model.safetensors: tensor wte.weight.scales is missing");
  tensors = make_q8_tensors();
  tensors[0].bytes.replace(4, 4, encode(NAN, "F32"));
  EXPECT_EQ(problem(read_weights(make_file(tensors, kQ8Metadata))),
            "model.safetensors: wte.weight.scales[1, 0] is NaN; weights must be finite");
}

TEST(Q8Weights, AreMadeFromFloatsWhileThoseStreamIn) {
  Config config = tiny_config();
  config.n_embd = 68;  // more than one block, and not a whole number of them
  config.n_inner = 130;
  const std::string file = make_file(make_tensors(config));
  const auto exact = read_weights(file, config);
  ASSERT_TRUE(exact);
  for (const size_t chunk : {size_t{5}, size_t{4096}, SIZE_MAX}) {
    const auto weights = read_weights(file, config, {.chunk = chunk, .storage = Storage::q8});
    ASSERT_TRUE(weights) << weights.error().message;
    EXPECT_EQ(weights->storage, Storage::q8);
    EXPECT_LT(weights->bytes(), exact->bytes() / 2);
    for (size_t i = 0; i < weights->named.size(); ++i) {
      const std::vector<float> expected = values_of(exact->named[i]);
      const std::vector<float> actual = values_of(weights->named[i]);
      for (size_t e = 0; e < expected.size(); ++e) {
        // Half a step where the largest weight of a block is 8.
        ASSERT_NEAR(actual[e], expected[e], 8.0 / 127 / 2 + 1e-5) << weights->named[i].name;
      }
    }
  }
}

}  // namespace
}  // namespace glassformer
