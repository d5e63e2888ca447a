#include "core/trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace glassformer {
namespace {

Config small() {
  return {
      .n_layer = 3, .n_head = 2, .n_embd = 8, .n_positions = 16, .n_inner = 20, .vocab_size = 50};
}

std::vector<std::string> selected(const std::vector<std::string>& patterns) {
  const auto ids = select_activations(patterns, small());
  if (!ids) return {ids.error().message};
  std::vector<std::string> names;
  for (const ActivationId id : *ids) names.push_back(activation_name(id));
  return names;
}

TEST(ActivationTable, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const ActivationRow& row : activation_table()) names.insert(row.name);
  EXPECT_EQ(names.size(), activation_table().size());
}

TEST(ActivationTable, FollowsTransformerLens) {
  EXPECT_EQ(activation_name({Hook::pattern, 11}), "blocks.11.attn.hook_pattern");
  EXPECT_EQ(activation_name({Hook::ln2_scale, 0}), "blocks.0.ln2.hook_scale");
  EXPECT_EQ(activation_name({Hook::ln_final_normalized}), "ln_final.hook_normalized");
  EXPECT_EQ(activation_name({Hook::logits}), "logits");
}

TEST(ActivationDims, FollowTheShapeRule) {
  using Dims = std::vector<int64_t>;
  EXPECT_EQ(activation_dims(Hook::resid_pre, small(), 5, 2), (Dims{5, 8}));
  EXPECT_EQ(activation_dims(Hook::ln1_scale, small(), 5, 2), (Dims{5, 1}));
  EXPECT_EQ(activation_dims(Hook::q, small(), 5, 2), (Dims{5, 2, 4}));
  EXPECT_EQ(activation_dims(Hook::pattern, small(), 5, 2), (Dims{2, 5, 7}));
  EXPECT_EQ(activation_dims(Hook::result, small(), 5, 2), (Dims{5, 2, 8}));
  EXPECT_EQ(activation_dims(Hook::mlp_post, small(), 5, 2), (Dims{5, 20}));
  EXPECT_EQ(activation_dims(Hook::logits, small(), 5, 2), (Dims{5, 50}));
}

TEST(SelectActivations, KeepsTheOrderOfComputationAndDropsDuplicates) {
  EXPECT_EQ(selected({"logits", "blocks.2.hook_resid_pre", "hook_embed", "hook_*"}),
            (std::vector<std::string>{"hook_embed", "hook_pos_embed", "blocks.2.hook_resid_pre",
                                      "logits"}));
}

TEST(SelectActivations, AStarTakesEverythingButWhatIsOnRequest) {
  const auto everything = selected({"*"});
  EXPECT_EQ(everything.size(), 2u + 3u * 17u + 3u);
  for (const std::string& name : everything) EXPECT_EQ(name.find("hook_result"), std::string::npos);
}

TEST(SelectActivations, AnOnRequestActivationMustBeSpeltOut) {
  EXPECT_EQ(selected({"*hook_result"}).size(), 3u);
  EXPECT_EQ(selected({"blocks.1.attn.hook_result"}).size(), 1u);
  EXPECT_EQ(selected({"blocks.1.attn.*"}).size(), 6u);
}

TEST(SelectActivations, NothingAskedForIsNothing) { EXPECT_TRUE(selected({}).empty()); }

TEST(SelectActivations, RefusesWhatMatchesNothing) {
  EXPECT_EQ(selected({"hook_embd"}),
            (std::vector<std::string>{
                "no activation is named \"hook_embd\"; the nearest is \"hook_embed\""}));
  EXPECT_EQ(
      selected({"hook_patern"}).front(),
      "no activation is named \"hook_patern\"; the nearest is \"blocks.0.attn.hook_pattern\"");
  for (const char* pattern : {"", "blocks.3.hook_resid_pre", "blocks.-1.hook_resid_pre", "x*"}) {
    const auto result = select_activations(std::vector<std::string>{pattern}, small());
    ASSERT_FALSE(result.ok()) << pattern;
    EXPECT_EQ(result.error().code, ErrorCode::bad_name);
  }
}

TEST(FindActivation, IsTheInverseOfTheName) {
  for (const std::string& name : selected({"*", "*hook_result"})) {
    const auto id = find_activation(name, small());
    ASSERT_TRUE(id) << name;
    EXPECT_EQ(activation_name(*id), name);
  }
}

TEST(FindActivation, TakesNoPatterns) { EXPECT_FALSE(find_activation("*", small()).ok()); }

TEST(Trace, HasRoomForExactlyWhatWasSelected) {
  const std::vector<ActivationId> ids = {{Hook::embed}, {Hook::pattern, 2}};
  const auto trace = Trace::create(small(), ids, 5, 2);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->bytes(), sizeof(float) * (5 * 8 + 2 * 5 * 7));
  ASSERT_NE(trace->find(Hook::pattern, 2), nullptr);
  EXPECT_EQ(trace->find(Hook::pattern, 2)->size(), 2 * 5 * 7);
  EXPECT_EQ(trace->find(Hook::pattern, 1), nullptr);
  EXPECT_EQ(trace->find(Hook::logits), nullptr);
}

TEST(Trace, ThatCannotFitSaysHowMuchItNeeds) {
  Config config = small();
  config.vocab_size = 1 << 22;
  config.n_positions = 1 << 20;
  const auto trace = Trace::create(config, std::vector<ActivationId>{{Hook::logits}}, 1 << 20, 0);
  ASSERT_FALSE(trace.ok());
  EXPECT_EQ(trace.error().code, ErrorCode::out_of_memory);
  EXPECT_NE(trace.error().message.find("17,592,186,044,416 bytes"), std::string::npos)
      << trace.error().message;
}

TEST(ShortNames, StandForTheFullOnes) {
  for (const auto& [given, full] : std::vector<std::pair<const char*, const char*>>{
           {"k6", "blocks.6.attn.hook_k"},
           {"pattern3", "blocks.3.attn.hook_pattern"},
           {"attn3", "blocks.3.attn.hook_pattern"},
           {"attn_scores0", "blocks.0.attn.hook_attn_scores"},
           {"resid_pre5", "blocks.5.hook_resid_pre"},
           {"mlp_out10", "blocks.10.hook_mlp_out"},
           {"mlp_post2", "blocks.2.mlp.hook_post"},
           {"pre2mlp", "blocks.2.mlp.hook_pre"},
           {"scale4ln1", "blocks.4.ln1.hook_scale"},
           {"normalized4ln2", "blocks.4.ln2.hook_normalized"},
           {"normalized", "ln_final.hook_normalized"},
           {"embed", "hook_embed"},
           {"pos_embed", "hook_pos_embed"},
           {"result1", "blocks.1.attn.hook_result"}}) {
    EXPECT_EQ(full_activation_name(given, 12), full) << given;
  }
  for (const char* none :
       {"", "k", "k12", "k99999999999", "scale4", "scale4ln3", "embed3", "q-1"}) {
    EXPECT_EQ(full_activation_name(none, 12), "") << none;
  }
}

TEST(ShortNames, AreFoundAndSelected) {
  const Config config{
      .n_layer = 2, .n_head = 1, .n_embd = 2, .n_positions = 2, .n_inner = 2, .vocab_size = 3};
  EXPECT_EQ(find_activation("z1", config).value(), (ActivationId{Hook::z, 1}));
  const std::vector<std::string> names = {"result0", "k1"};
  const auto selected = select_activations(names, config);
  ASSERT_TRUE(selected);
  EXPECT_EQ(*selected, (std::vector<ActivationId>{{Hook::result, 0}, {Hook::k, 1}}));
  EXPECT_FALSE(find_activation("z2", config));
}

}  // namespace
}  // namespace glassformer
