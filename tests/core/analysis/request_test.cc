// Analyses asked for in JSON: replies in the documented form, refusals that name the field.
#include "core/analysis/request.h"

#include <nlohmann/json.hpp>

#include "tests/support/analysis.h"

namespace glassformer {
namespace {

using namespace testing_support;
using nlohmann::json;

class Requests : public ::testing::Test {
 protected:
  std::shared_ptr<const Model> model =
      std::make_shared<const Model>(load_model("tests/golden/plain"));

  AnalysisReply answered(const json& request, std::vector<float> values = {}) {
    const std::string text = request.dump();
    auto work = open_analysis(model, {.json = text, .values = std::move(values)});
    if (!work) {
      ADD_FAILURE() << work.error().message;
      return {};
    }
    return finished(std::move(work.value()));
  }
  std::string refusal(const std::string& text, std::vector<float> values = {}) {
    auto work = open_analysis(model, {.json = text, .values = std::move(values)});
    if (work) {
      auto result = work.value().finish();
      return result ? "was not refused" : result.error().message;
    }
    return work.error().message;
  }
};

TEST_F(Requests, EveryKindIsAnswered) {
  const json tokens = {5, 17, 30, 17};
  const auto C = static_cast<size_t>(model->config.n_embd);
  const json lens = json::parse(
      answered({{"kind", "logit_lens"}, {"tokens", tokens}, {"top", 2}, {"tracked", {1}}}).json);
  EXPECT_EQ(lens["layers"][0]["name"], "blocks.0.hook_resid_pre");
  EXPECT_EQ(lens["layers"][0]["positions"][3]["top"].size(), 2u);
  EXPECT_EQ(lens["layers"][0]["positions"][3]["tracked"][0]["id"], 1);
  const json attribution =
      json::parse(answered({{"kind", "logit_attribution"}, {"tokens", tokens}, {"token", 3}}).json);
  EXPECT_EQ(attribution["position"], 3);
  EXPECT_EQ(attribution["terms"][2]["kind"], "head");
  EXPECT_EQ(attribution["terms"][2]["block"], 0);
  const AnalysisReply scores = answered({{"kind", "head_scores"}, {"length", 10}, {"seed", 1}});
  EXPECT_EQ(json::parse(scores.json)["tokens"].size(), 20u);
  ASSERT_EQ(scores.tensors.size(), 3u);
  EXPECT_EQ(scores.tensors[2].name, "induction");
  EXPECT_EQ(scores.tensors[2].dims[0], model->config.n_layer);
  const AnalysisReply rollout = answered({{"kind", "attention_rollout"}, {"tokens", tokens}});
  EXPECT_EQ(rollout.tensors[0].dims, (std::vector<int64_t>{model->config.n_layer, 4, 4}));
  const AnalysisReply products =
      answered({{"kind", "attention_dot_products"}, {"tokens", tokens}, {"block", 1}});
  EXPECT_EQ(products.tensors[0].name, "dot_products");
  EXPECT_EQ(products.tensors[0].dims, (std::vector<int64_t>{model->config.n_head, 4, 4}));
  const AnalysisReply patching = answered({{"kind", "activation_patching"},
                                           {"from", tokens},
                                           {"into", {5, 18, 30, 17}},
                                           {"metric", {{"kind", "logit"}, {"token", 3}}}});
  EXPECT_EQ(patching.tensors[0].dims, (std::vector<int64_t>{model->config.n_layer, 4}));
  const AnalysisReply sum =
      answered({{"kind", "token_combination"}, {"tokens", {{{"id", 3}, {"weight", 1}}}}});
  EXPECT_EQ(sum.tensors[0].data.size(), C);
  const json near =
      json::parse(answered({{"kind", "nearest_tokens"}, {"top", 2}}, sum.tensors[0].data).json);
  EXPECT_EQ(near["tokens"][0]["id"], 3);
  const AnalysisReply components =
      answered({{"kind", "principal_components"}, {"dims", {3, 2}}}, {1, 2, 3, 4, 5, 7});
  EXPECT_EQ(components.tensors[0].dims, (std::vector<int64_t>{3, 2}));
  const AnalysisReply loss = answered({{"kind", "text_loss"}, {"tokens", tokens}});
  EXPECT_EQ(loss.tensors[0].data.size(), 3u);
  const json measured = json::parse(loss.json);
  EXPECT_GT(measured["perplexity"], 1);
  EXPECT_LT(measured["logProbability"], 0);
  EXPECT_LT(measured["probability"], 1);
  EXPECT_EQ(measured["probabilities"].size(), 3u);
  const json explanation = json::parse(answered({{"kind", "explain"},
                                                 {"tokens", tokens},
                                                 {"name", "blocks.0.attn.hook_attn_scores"},
                                                 {"index", {0, 1, 2}}})
                                           .json);
  EXPECT_EQ(explanation["value"], "-Infinity");
}

TEST_F(Requests, ThatMakeNoSenseAreRefusedByName) {
  EXPECT_EQ(refusal("[]"), "the request is not a JSON object");
  EXPECT_NE(refusal("{\"kind\"").find("the request is not valid JSON"), std::string::npos);
  EXPECT_EQ(refusal("{}"), "kind is missing");
  EXPECT_EQ(refusal(R"({"kind": "logit_lense"})"),
            "there is no analysis \"logit_lense\"; the nearest is \"logit_lens\"");
  EXPECT_EQ(refusal(R"({"kind": "logit_lens"})"), "tokens is missing");
  EXPECT_EQ(refusal(R"({"kind": "logit_lens", "tokens": [1, 2.5]})"),
            "tokens is not an array of whole numbers");
  EXPECT_EQ(refusal(R"({"kind": "logit_lens", "tokens": [1], "topp": 2})"),
            "there is no option \"topp\"; the nearest is \"top\"");
  EXPECT_EQ(refusal(R"({"kind": "logit_lens", "tokens": [1], "sublayers": 1})"),
            "sublayers is not true or false");
  EXPECT_EQ(refusal(R"({"kind": "logit_lens", "tokens": [1e300]})"),
            "tokens is not an array of whole numbers");
  EXPECT_EQ(refusal(R"({"kind": "nearest_tokens", "by": "angle"})"),
            "by is one of cosine, dot, not \"angle\"");
  EXPECT_EQ(refusal(R"({"kind": "activation_patching", "from": [1], "into": [1],
                        "metric": {"kind": "logit"}})"),
            "metric: token is missing");
  EXPECT_EQ(refusal(R"({"kind": "attention_dot_products", "tokens": [1]})"), "block is missing");
  EXPECT_NE(refusal(R"({"kind": "principal_components", "dims": [2, 2]})", {1, 2}).find("two dim"),
            std::string::npos);
}

}  // namespace
}  // namespace glassformer
