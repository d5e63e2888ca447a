// The forward pass against float64 traces of an independent implementation.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "core/sampler.h"
#include "core/tokenizer.h"
#include "tests/support/models.h"
#include "tests/support/near.h"

namespace glassformer {
namespace {

using namespace testing_support;

struct Golden {
  const char* name;
  const char* model;
  const char* trace;
};

std::ostream& operator<<(std::ostream& out, const Golden& golden) { return out << golden.name; }

class GoldenTrace : public ::testing::TestWithParam<Golden> {
 protected:
  Model model = load_model(GetParam().model);
  TensorFile golden = read_tensors(GetParam().trace);
  std::vector<int32_t> tokens =
      nlohmann::json::parse(golden.metadata["tokens"]).get<std::vector<int32_t>>();
};

TEST_P(GoldenTrace, EveryTensorEqualsTheReference) {
  RunOptions options;
  for (const auto& [name, tensor] : golden.tensors) options.names.push_back(name);
  ASSERT_GT(options.names.size(), 30u);
  const ForwardPass pass = run_fresh(model, tokens, options);
  ASSERT_EQ(pass.trace().entries().size(), golden.tensors.size());
  for (const Trace::Entry& entry : pass.trace().entries()) {
    const std::string name = activation_name(entry.id);
    SCOPED_TRACE(name);
    const Tensor& expected = golden.tensors.at(name);
    const auto dims = std::span(entry.tensor.dims).first(static_cast<size_t>(entry.tensor.rank));
    EXPECT_EQ(std::vector<int64_t>(dims.begin(), dims.end()), expected.dims);
    EXPECT_TRUE(all_near(entry.tensor.span(), expected.data, kReferenceTolerance));
  }
}

TEST_P(GoldenTrace, NamesEveryActivationOfTheTable) {
  for (const ActivationId id : *select_activations(std::vector<std::string>{"*"}, model.config)) {
    EXPECT_TRUE(golden.tensors.contains(activation_name(id))) << activation_name(id);
  }
}

TEST_P(GoldenTrace, DecodingTokenByTokenEqualsTheReference) {
  KvCache cache = *KvCache::create(model.config);
  const Tensor& logits = golden.tensors.at("logits");
  for (size_t t = 0; t < tokens.size(); ++t) {
    const Result<ForwardPass> pass =
        run(model, cache, std::span(tokens).subspan(t, 1), {.names = {"logits"}});
    ASSERT_TRUE(pass) << pass.error().message;
    const auto V = static_cast<size_t>(model.config.vocab_size);
    EXPECT_TRUE(all_near(captured(*pass, "logits").span(), std::span(logits.data).subspan(t * V, V),
                         kReferenceTolerance))
        << "position " << t;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, GoldenTrace,
    ::testing::Values(Golden{"plain", "tests/golden/plain", "tests/golden/plain/trace.safetensors"},
                      Golden{"odd", "tests/golden/odd", "tests/golden/odd/trace.safetensors"},
                      Golden{"stories", "weights/stories",
                             "tests/golden/stories/trace.safetensors"},
                      Golden{"nano", "weights/nano", "tests/golden/nano/trace.safetensors"}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(GoldenText, TheStoriesModelContinuesItsPromptGreedily) {
  const auto golden =
      nlohmann::json::parse(read_repository_file("tests/golden/stories/greedy.json"));
  const Model model = load_model("weights/stories");
  const auto tokenizer =
      Tokenizer::from_vocab_and_merges(read_repository_file("weights/stories/vocab.json"),
                                       read_repository_file("weights/stories/merges.txt"));
  ASSERT_TRUE(tokenizer);
  const std::string prompt = golden["prompt"];
  std::vector<int32_t> tokens = *tokenizer->encode(prompt, false);
  EXPECT_EQ(tokens, golden["ids"].get<std::vector<int32_t>>());

  KvCache cache = *KvCache::create(model.config);
  std::vector<int32_t> continuation;
  std::span<const int32_t> next = tokens;
  for (size_t i = 0; i < golden["greedy_24"].size(); ++i) {
    const Result<ForwardPass> pass = run(model, cache, next, {});
    ASSERT_TRUE(pass);
    const auto sampled = sample(pass->logits().span(), {.temperature = 0}, i);
    ASSERT_TRUE(sampled);
    continuation.push_back(sampled->token);
    next = std::span(continuation).last(1);
  }
  EXPECT_EQ(continuation, golden["greedy_24"].get<std::vector<int32_t>>());
  EXPECT_EQ(prompt + *tokenizer->decode(continuation), golden["text"].get<std::string>());
}

}  // namespace
}  // namespace glassformer
