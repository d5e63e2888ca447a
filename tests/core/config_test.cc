#include "core/config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/files.h"

namespace glassformer {
namespace {

using nlohmann::json;
using namespace testing_support;

// What is in GPT-2 small's own file and matters.
json gpt2_small() {
  return {{"model_type", "gpt2"},
          {"activation_function", "gelu_new"},
          {"n_layer", 12},
          {"n_head", 12},
          {"n_embd", 768},
          {"n_positions", 1024},
          {"n_ctx", 1024},
          {"vocab_size", 50257},
          {"layer_norm_epsilon", 1e-05},
          {"bos_token_id", 50256},
          {"eos_token_id", 50256}};
}

Config with(const json& changes) {
  json config = gpt2_small();
  config.update(changes);
  const auto parsed = parse_config(config.dump());
  if (parsed) return *parsed;
  ADD_FAILURE() << parsed.error().message;
  return {};
}

std::string problem(const json& changes) {
  json config = gpt2_small();
  config.update(changes);
  const auto parsed = parse_config(config.dump());
  if (parsed) return "was accepted";
  EXPECT_EQ(parsed.error().code, ErrorCode::bad_config);
  return parsed.error().message;
}

TEST(ParseConfig, ReadsGpt2Small) {
  const Config config = with(json::object());
  EXPECT_EQ(config.n_layer, 12);
  EXPECT_EQ(config.n_head, 12);
  EXPECT_EQ(config.n_embd, 768);
  EXPECT_EQ(config.head_width(), 64);
  EXPECT_EQ(config.n_positions, 1024);
  EXPECT_EQ(config.n_inner, 3072);
  EXPECT_EQ(config.vocab_size, 50257);
  EXPECT_EQ(config.activation, Activation::gelu_new);
  EXPECT_EQ(config.layer_norm_epsilon, 1e-5f);
  EXPECT_TRUE(config.scale_attn_weights);
  EXPECT_FALSE(config.scale_attn_by_inverse_layer_idx);
  EXPECT_TRUE(config.tie_word_embeddings);
  EXPECT_EQ(config.eos_token_id, 50256);
}

TEST(ParseConfig, ReadsTheModelsOfTheRepository) {
  for (const char* folder : {"weights/stories", "weights/tang", "weights/nano",
                             "tests/golden/plain", "tests/golden/odd"}) {
    EXPECT_TRUE(parse_config(read_repository_file(std::string(folder) + "/config.json"))) << folder;
  }
}

TEST(ParseConfig, HonoursWhatIsNotStandard) {
  const Config config = with({{"n_inner", 80},
                              {"activation_function", "relu"},
                              {"layer_norm_epsilon", 1e-6},
                              {"scale_attn_weights", false},
                              {"scale_attn_by_inverse_layer_idx", true},
                              {"tie_word_embeddings", false}});
  EXPECT_EQ(config.n_inner, 80);
  EXPECT_EQ(config.activation, Activation::relu);
  EXPECT_EQ(config.layer_norm_epsilon, 1e-6f);
  EXPECT_FALSE(config.scale_attn_weights);
  EXPECT_TRUE(config.scale_attn_by_inverse_layer_idx);
  EXPECT_FALSE(config.tie_word_embeddings);
}

TEST(ParseConfig, KnowsTheNamesOfTheActivations) {
  for (const auto& [name, activation] :
       {std::pair{"gelu", Activation::gelu}, std::pair{"gelu_new", Activation::gelu_new},
        std::pair{"gelu_pytorch_tanh", Activation::gelu_new},
        std::pair{"relu", Activation::relu}}) {
    EXPECT_EQ(with({{"activation_function", name}}).activation, activation) << name;
  }
  EXPECT_STREQ(activation_name(Activation::gelu_new), "gelu_new");
}

TEST(ParseConfig, NullMeansTheDefault) {
  const Config config = with({{"n_inner", nullptr}, {"eos_token_id", nullptr}});
  EXPECT_EQ(config.n_inner, 3072);
  EXPECT_EQ(config.eos_token_id, std::nullopt);
}

TEST(ParseConfig, TakesNCtxWhereThereIsNoNPositions) {
  EXPECT_EQ(with({{"n_positions", nullptr}, {"n_ctx", 77}}).n_positions, 77);
}

TEST(ParseConfig, ForgetsTokenIdsOutsideTheVocabulary) {
  EXPECT_EQ(with({{"vocab_size", 500}}).eos_token_id, std::nullopt);
  EXPECT_EQ(with({{"eos_token_id", -1}}).eos_token_id, std::nullopt);
  EXPECT_EQ(with({{"eos_token_id", {7, 8}}}).eos_token_id, 7);
}

TEST(ParseConfig, RefusesWhatItCannotRun) {
  EXPECT_EQ(problem({{"model_type", "llama"}}),
            "config.json: model_type is \"llama\"; only \"gpt2\" can be run");
  EXPECT_EQ(problem({{"model_type", nullptr}}),
            "config.json: model_type is missing; it must be \"gpt2\"");
  EXPECT_EQ(problem({{"activation_function", "swish"}}),
            "config.json: activation_function is \"swish\"; only \"gelu_new\", \"gelu\" and "
            "\"relu\" are known");
  EXPECT_EQ(problem({{"add_cross_attention", true}}),
            "config.json: add_cross_attention is true; only a plain decoder can be run");
  EXPECT_EQ(problem({{"n_head", 5}}), "config.json: n_embd, 768, is not divisible by n_head, 5");
}

TEST(ParseConfig, RefusesDimensionsThatAreNone) {
  EXPECT_EQ(problem({{"n_layer", nullptr}}), "config.json: n_layer is missing");
  EXPECT_EQ(problem({{"n_layer", 0}}), "config.json: n_layer must be positive, not 0");
  EXPECT_EQ(problem({{"n_layer", -3}}), "config.json: n_layer must be positive, not -3");
  EXPECT_EQ(problem({{"n_layer", 1.5}}), "config.json: n_layer must be a whole number, not 1.5");
  EXPECT_EQ(problem({{"n_layer", "12"}}),
            "config.json: n_layer must be a whole number, not \"12\"");
  EXPECT_EQ(problem({{"vocab_size", 5'000'000}}),
            "config.json: vocab_size is 5000000, more than the 4,194,304 that can be run");
  EXPECT_EQ(problem({{"n_embd", UINT64_MAX}}),
            "config.json: n_embd is 18446744073709551615, more than the 65,536 that can be run");
  EXPECT_EQ(problem({{"n_inner", json::array()}}),
            "config.json: n_inner must be a whole number, not an array");
}

TEST(ParseConfig, RefusesFlagsAndNumbersOfTheWrongKind) {
  EXPECT_EQ(problem({{"tie_word_embeddings", 1}}),
            "config.json: tie_word_embeddings must be true or false, not 1");
  for (const json& epsilon : {json(0), json(-1e-5), json("tiny"), json(1e-60), json(1e60)}) {
    EXPECT_EQ(problem({{"layer_norm_epsilon", epsilon}})
                  .find("config.json: layer_norm_epsilon must be a positive number"),
              0u)
        << epsilon;
  }
}

TEST(ParseConfig, RefusesWhatIsNotAnObject) {
  EXPECT_EQ(parse_config("").error().message, "config.json is not valid JSON at its end");
  EXPECT_EQ(parse_config("{\n \"n_layer\": }").error().message,
            "config.json is not valid JSON at line 2, column 13");
  EXPECT_EQ(parse_config("[]").error().message,
            "config.json: must hold a JSON object, not an array");
  EXPECT_FALSE(parse_config(std::string(2'000'000, '[')).ok());
}

}  // namespace
}  // namespace glassformer
