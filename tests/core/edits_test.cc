#include "core/edits.h"

#include <gtest/gtest.h>

#include "tests/support/models.h"
#include "tests/support/near.h"

namespace glassformer {
namespace {

using namespace testing_support;

// ---- The JSON form

Config small() {
  return {.n_layer = 2, .n_head = 2, .n_embd = 4, .n_positions = 8, .n_inner = 6, .vocab_size = 9};
}

std::string parse_problem(const char* json) {
  const auto edits = parse_edits(json, small());
  if (edits) return "";
  EXPECT_EQ(edits.error().code, ErrorCode::bad_edit);
  return edits.error().message;
}

TEST(ParseEdits, ReadsEveryField) {
  const auto edits = parse_edits(
      R"([{"name": "blocks.1.attn.hook_z", "op": "set", "head": 1, "position": [2, 4],
           "neuron": [0, 2], "value": [[1, 2], [3, 4.5]]}])",
      small());
  ASSERT_TRUE(edits) << edits.error().message;
  const Edit& edit = edits->at(0);
  EXPECT_EQ(edit.activation, (ActivationId{Hook::z, 1}));
  EXPECT_EQ(edit.operation, EditOperation::set);
  EXPECT_EQ(edit.head, (AxisRange{1, 2}));
  EXPECT_EQ(edit.position, (AxisRange{2, 4}));
  EXPECT_EQ(edit.neuron, (AxisRange{0, 2}));
  EXPECT_EQ(edit.values, (std::vector<float>{1, 2, 3, 4.5f}));
}

TEST(ParseEdits, ReadsEveryOperation) {
  const auto edits = parse_edits(
      R"([{"name": "hook_embed", "op": "zero"}, {"name": "hook_embed", "op": "mean"},
          {"name": "hook_embed", "op": "scale", "value": 2},
          {"name": "hook_embed", "op": "add", "value": -1},
          {"name": "logits", "op": "set", "value": 0}])",
      small());
  ASSERT_TRUE(edits) << edits.error().message;
  EXPECT_EQ(edits->at(1).operation, EditOperation::mean);
  EXPECT_EQ(edits->at(3).values, std::vector<float>{-1});
  EXPECT_EQ(edits->at(4).activation.hook, Hook::logits);
}

TEST(ParseEdits, NoEditsAreNoEdits) { EXPECT_TRUE(parse_edits("[]", small())->empty()); }

TEST(ParseEdits, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(parse_problem("{}"), "the list of edits is not a JSON array");
  EXPECT_EQ(parse_problem("[{]"), "the list of edits is not valid JSON at line 1, column 3");
  EXPECT_EQ(parse_problem("[3]"), "edit 0 is not a JSON object");
  EXPECT_EQ(parse_problem(R"([{"op": "zero"}])"),
            "edit 0 has no \"name\", the activation that it changes");
  EXPECT_EQ(
      parse_problem(R"([{"name": "hook_embed", "op": "zero"}, {"name": "logit", "op": "zero"}])"),
      "edit 1: no activation is named \"logit\"; the nearest is \"logits\"");
  EXPECT_EQ(
      parse_problem(R"([{"name": "logits", "op": "swap"}])"),
      "edit 0 must have an \"op\" that is zero, scale, add, set, patch or mean, not \"swap\"");
  EXPECT_EQ(parse_problem(R"([{"name": "logits"}])"),
            "edit 0 must have an \"op\" that is zero, scale, add, set, patch or mean");
  EXPECT_EQ(parse_problem(R"([{"name": "logits", "op": "zero", "heads": 1}])"),
            "edit 0 has the unknown field \"heads\"; did you mean \"head\"?");
  EXPECT_EQ(parse_problem(R"([{"name": "logits", "op": "zero", "position": 1.5}])"),
            "edit 0 must have an index or a range [begin, end] as its \"position\"");
  EXPECT_EQ(parse_problem(R"([{"name": "logits", "op": "zero", "neuron": [1, 2, 3]}])"),
            "edit 0 must have an index or a range [begin, end] as its \"neuron\"");
  EXPECT_EQ(parse_problem(R"([{"name": "logits", "op": "zero", "neuron": 99999999999999999999}])"),
            "edit 0 must have an index or a range [begin, end] as its \"neuron\"");
  EXPECT_EQ(parse_problem(R"([{"name": "logits", "op": "zero", "value": 1}])"),
            "edit 0 must not have a \"value\" to zero");
  EXPECT_EQ(parse_problem(R"([{"name": "logits", "op": "scale"}])"),
            "edit 0 must have a \"value\" to scale");
  for (const char* value : {"\"1\"", "[]", "[1, null]", "1e39", "[[[[[1]]]]]", "{}"}) {
    const std::string json =
        R"([{"name": "logits", "op": "set", "value": )" + std::string(value) + "}]";
    EXPECT_EQ(parse_problem(json.c_str()), "edit 0 must have finite numbers as its \"value\"")
        << value;
  }
}

// ---- Ranges and values against a pass

std::string plan_problem(const Edit& edit) {
  const auto plans = plan_edits(std::vector<Edit>{edit}, small(), 3, 2);
  if (plans) return "";
  EXPECT_EQ(plans.error().code, ErrorCode::bad_edit);
  return plans.error().message;
}

PlannedEdit planned(const Edit& edit) {
  return plan_edits(std::vector<Edit>{edit}, small(), 3, 2)->at(0);
}

TEST(PlanEdits, WithoutARangeTakesTheWholeAxis) {
  const PlannedEdit plan = planned({.activation = {Hook::pattern, 0}});
  EXPECT_EQ(plan.heads, (AxisRange{0, 2}));
  EXPECT_EQ(plan.positions, (AxisRange{0, 5}));
  EXPECT_EQ(plan.columns, (AxisRange{0, 5}));
}

TEST(PlanEdits, CountsNegativeNumbersFromTheEnd) {
  EXPECT_EQ(planned({.activation = {Hook::z, 0}, .position = AxisRange{-1, 0}}).positions,
            (AxisRange{4, 5}));
  EXPECT_EQ(planned({.activation = {Hook::z, 0}, .position = AxisRange{-3, -1}}).positions,
            (AxisRange{2, 4}));
  EXPECT_EQ(planned({.activation = {Hook::z, 0}, .position = AxisRange{1, -1}}).positions,
            (AxisRange{1, 4}));
}

TEST(PlanEdits, RefusesWhatIsNotThere) {
  EXPECT_EQ(plan_problem({.activation = {Hook::z, 1}, .head = AxisRange{2, 3}}),
            "edit 0 (blocks.1.attn.hook_z) selects head 2, but there are 2");
  EXPECT_EQ(plan_problem({.activation = {Hook::z, 1}, .position = AxisRange{3, 6}}),
            "edit 0 (blocks.1.attn.hook_z) selects position 3 up to but not 6, but there are 5");
  EXPECT_EQ(plan_problem({.activation = {Hook::z, 1}, .neuron = AxisRange{-3, -2}}),
            "edit 0 (blocks.1.attn.hook_z) selects neuron -1, but there are 2");
  EXPECT_EQ(plan_problem({.activation = {Hook::z, 1}, .neuron = AxisRange{1, 1}}),
            "edit 0 (blocks.1.attn.hook_z) selects neuron 1 up to but not 1, but there are 2");
  EXPECT_EQ(plan_problem({.activation = {Hook::mlp_pre, 1}, .head = AxisRange{0, 1}}),
            "edit 0 (blocks.1.mlp.hook_pre) selects a head, but the activation has no heads");
}

TEST(PlanEdits, WantsOneValueOrOneForEachElement) {
  Edit edit{.activation = {Hook::z, 0}, .operation = EditOperation::add};
  edit.values.assign(5 * 2 * 2, 1.0f);
  EXPECT_EQ(plan_problem(edit), "");
  edit.values.resize(1);
  EXPECT_EQ(plan_problem(edit), "");
  edit.values.resize(3);
  EXPECT_EQ(plan_problem(edit),
            "edit 0 (blocks.0.attn.hook_z) gives 3 values for the 20 elements that it selects");
}

// ---- Edits of a model at work

class EditedRun : public ::testing::Test {
 protected:
  Model model = load_model("tests/golden/plain");
  Config config = model.config;
  std::vector<int32_t> tokens = {5, 17, 300, 44, 8};

  ForwardPass edited(std::vector<Edit> edits) {
    return run_fresh(model, tokens, {.names = {"*", "*hook_result"}, .edits = std::move(edits)});
  }
  static std::vector<float> copy(ConstTensorView tensor) {
    return {tensor.span().begin(), tensor.span().end()};
  }
};

TEST_F(EditedRun, EveryActivationOfTheTableCanBeEditedAndWhatFollowsReadsIt) {
  const ForwardPass before = edited({});
  for (const ActivationRow& row : activation_table()) {
    // Block 0, so that the logits come after every one of them.
    SCOPED_TRACE(row.name);
    const ActivationId id{row.hook, 0};
    const ForwardPass after = edited({{.activation = id,
                                       .operation = EditOperation::scale,
                                       .position = AxisRange{2, 3},
                                       .values = {1.5f}}});
    const ConstTensorView was = captured(before, activation_name(id));
    const ConstTensorView is = captured(after, activation_name(id));
    const bool heads_first = row.shape.starts_with('H');
    const auto T = static_cast<int64_t>(tokens.size());
    for (int64_t r = 0; r < was.rows(); ++r) {
      const int64_t position = heads_first ? r % T : r / (was.rows() / T);
      for (size_t c = 0; c < was.row(r).size(); ++c) {
        EXPECT_FLOAT_EQ(is.row(r)[c], was.row(r)[c] * (position == 2 ? 1.5f : 1.0f));
      }
    }
    // Later positions see position 2 only through its keys and values.
    const auto logits_were = captured(before, "logits"), logits_are = captured(after, "logits");
    EXPECT_TRUE(all_near(logits_are.row(1), logits_were.row(1), kReorderingTolerance));
    EXPECT_FALSE(all_near(logits_are.row(2), logits_were.row(2), kReorderingTolerance));
  }
}

TEST_F(EditedRun, ZeroingAHeadTakesItsResultOutOfTheSum) {
  const ForwardPass before = edited({});
  const ForwardPass after = edited({{.activation = {Hook::z, 0}, .head = AxisRange{2, 3}}});
  const ConstTensorView result = captured(before, "blocks.0.attn.hook_result");
  std::vector<float> expected = copy(captured(before, "blocks.0.hook_attn_out"));
  for (int64_t t = 0; t < result.dims[0]; ++t) {
    for (int64_t c = 0; c < config.n_embd; ++c) {
      expected[static_cast<size_t>(t * config.n_embd + c)] -=
          result.row(t * config.n_head + 2)[static_cast<size_t>(c)];
    }
  }
  EXPECT_TRUE(
      all_near(captured(after, "blocks.0.hook_attn_out").span(), expected, kReorderingTolerance));
  const ForwardPass same = edited({{.activation = {Hook::result, 0}, .head = AxisRange{2, 3}}});
  EXPECT_TRUE(all_near(captured(same, "logits").span(), captured(after, "logits").span(),
                       kReorderingTolerance));
}

TEST_F(EditedRun, SetWritesValuesInTheOrderOfTheShape) {
  // [T,H,D]: position outside, then head, then column.
  Edit edit{.activation = {Hook::q, 1},
            .operation = EditOperation::set,
            .head = AxisRange{1, 3},
            .position = AxisRange{3, 5},
            .neuron = AxisRange{0, 2},
            .values = {1, 2, 3, 4, 5, 6, 7, 8}};
  const ForwardPass after = edited({edit});
  const ConstTensorView q = captured(after, "blocks.1.attn.hook_q");
  const auto at = [&](int64_t t, int64_t h, size_t d) { return q.row(t * config.n_head + h)[d]; };
  EXPECT_EQ(at(3, 1, 0), 1);
  EXPECT_EQ(at(3, 2, 1), 4);
  EXPECT_EQ(at(4, 1, 0), 5);
  EXPECT_EQ(at(4, 2, 1), 8);
  EXPECT_NE(at(4, 2, 2), 8);
}

TEST_F(EditedRun, SetOfAPatternPutsHeadsFirst) {
  Edit edit{.activation = {Hook::pattern, 0},
            .operation = EditOperation::set,
            .head = AxisRange{0, 2},
            .position = AxisRange{3, 5},
            .neuron = AxisRange{1, 2},
            .values = {0.1f, 0.2f, 0.3f, 0.4f}};
  const ForwardPass after = edited({edit});
  const ConstTensorView pattern = captured(after, "blocks.0.attn.hook_pattern");
  EXPECT_EQ(pattern.row(0 * 5 + 3)[1], 0.1f);
  EXPECT_EQ(pattern.row(0 * 5 + 4)[1], 0.2f);
  EXPECT_EQ(pattern.row(1 * 5 + 3)[1], 0.3f);
  EXPECT_EQ(pattern.row(1 * 5 + 4)[1], 0.4f);
}

TEST_F(EditedRun, PatchTakesTheSameElementsOfAnotherRun) {
  const std::vector<int32_t> other = {9, 8, 7, 6, 5};
  for (const char* name : {"blocks.1.attn.hook_z", "blocks.0.attn.hook_pattern"}) {
    const ForwardPass source = run_fresh(model, other, {.names = {name}});
    const ConstTensorView values = captured(source, name);
    Edit edit{.activation = *find_activation(name, config),
              .operation = EditOperation::patch,
              .head = AxisRange{1, 3},
              .position = AxisRange{2, 4},
              .neuron = AxisRange{0, 3}};
    edit.values.assign(values.span().begin(), values.span().end());
    const ForwardPass before = edited({}), after = edited({edit});
    const ConstTensorView was = captured(before, name), is = captured(after, name);
    const bool heads_first = edit.activation.hook == Hook::pattern;
    for (int64_t row = 0; row < is.rows(); ++row) {
      const int64_t h = heads_first ? row / 5 : row % config.n_head;
      const int64_t t = heads_first ? row % 5 : row / config.n_head;
      for (size_t c = 0; c < is.row(row).size(); ++c) {
        const bool patched = h >= 1 && h < 3 && t >= 2 && t < 4 && c < 3;
        EXPECT_EQ(is.row(row)[c], (patched ? values : was).row(row)[c]) << name;
      }
    }
  }
}

TEST_F(EditedRun, PatchWantsTheWholeActivation) {
  const Edit edit{.activation = {Hook::z, 1},
                  .operation = EditOperation::patch,
                  .values = std::vector<float>(7)};
  KvCache cache = *KvCache::create(config);
  const auto pass = run(model, cache, tokens, {.edits = {edit}});
  ASSERT_FALSE(pass);
  EXPECT_EQ(pass.error().message,
            "edit 0 (blocks.1.attn.hook_z) patches from 7 values, but the whole activation has " +
                std::to_string(5 * config.n_embd));
}

TEST_F(EditedRun, NoEditLetsATokenSeeLaterOnes) {
  for (const Hook hook : {Hook::attn_scores, Hook::pattern}) {
    for (const EditOperation operation :
         {EditOperation::zero, EditOperation::set, EditOperation::add, EditOperation::mean}) {
      const ForwardPass after =
          edited({{.activation = {hook, 0}, .operation = operation, .values = {0.5f}}});
      const ConstTensorView pattern = captured(after, "blocks.0.attn.hook_pattern");
      for (int64_t r = 0; r < pattern.rows(); ++r) {
        for (int64_t s = r % 5 + 1; s < 5; ++s) {
          EXPECT_EQ(pattern.row(r)[static_cast<size_t>(s)], 0.0f);
        }
      }
    }
  }
}

TEST_F(EditedRun, MeanReplacesByTheMeanOverPositions) {
  const ForwardPass before = edited({});
  const ForwardPass after = edited({{.activation = {Hook::mlp_post, 1},
                                     .operation = EditOperation::mean,
                                     .position = AxisRange{4, 5}}});
  const ConstTensorView was = captured(before, "blocks.1.mlp.hook_post");
  const ConstTensorView is = captured(after, "blocks.1.mlp.hook_post");
  for (size_t f = 0; f < was.row(0).size(); ++f) {
    double sum = 0;
    for (int64_t t = 0; t < 5; ++t) sum += was.row(t)[f];
    EXPECT_NEAR(is.row(4)[f], sum / 5, 1e-6);
    EXPECT_EQ(is.row(3)[f], was.row(3)[f]);
  }
}

TEST_F(EditedRun, MeanOfAPatternCountsOnlyWhatATokenCanSee) {
  const ForwardPass before = edited({});
  const ForwardPass after =
      edited({{.activation = {Hook::pattern, 0}, .operation = EditOperation::mean}});
  const ConstTensorView was = captured(before, "blocks.0.attn.hook_pattern");
  // Key 3 is seen by queries 3 and 4 only.
  EXPECT_NEAR(captured(after, "blocks.0.attn.hook_pattern").row(4)[3],
              (was.row(3)[3] + was.row(4)[3]) / 2, 1e-6);
}

TEST_F(EditedRun, EditsComposeInOrder) {
  const Edit add{.activation = {Hook::embed}, .operation = EditOperation::add, .values = {1}};
  const Edit twice{.activation = {Hook::embed}, .operation = EditOperation::scale, .values = {2}};
  const std::vector<float> was = copy(captured(edited({}), "hook_embed"));
  const std::vector<float> add_first = copy(captured(edited({add, twice}), "hook_embed"));
  const std::vector<float> scale_first = copy(captured(edited({twice, add}), "hook_embed"));
  EXPECT_FLOAT_EQ(add_first[7], (was[7] + 1) * 2);
  EXPECT_FLOAT_EQ(scale_first[7], was[7] * 2 + 1);
}

TEST_F(EditedRun, TheLastRowOfLogitsIsEditedAsInAWholeRun) {
  const std::vector<Edit> edits = {
      {.activation = {Hook::logits}, .operation = EditOperation::mean, .neuron = AxisRange{0, 9}},
      {.activation = {Hook::logits},
       .operation = EditOperation::add,
       .position = AxisRange{-1, 0},
       .values = {3}}};
  const ForwardPass all = run_fresh(model, tokens, {.edits = edits, .logits = LogitRows::all});
  const ForwardPass last = run_fresh(model, tokens, {.edits = edits});
  const ForwardPass plain = run_fresh(model, tokens, {});
  const auto row = last.logits().row(last.logits().rows() - 1);
  EXPECT_TRUE(all_near(row, all.logits().row(4), kReorderingTolerance));
  EXPECT_NEAR(row[100], plain.logits().row(0)[100] + 3, 1e-4);
}

TEST_F(EditedRun, PositionsAreCountedWithinTheWholeContext) {
  const std::vector<Edit> edits = {{.activation = {Hook::resid_pre, 1},
                                    .operation = EditOperation::scale,
                                    .position = AxisRange{3, 4},
                                    .values = {2}}};
  KvCache cache = *KvCache::create(config);
  ASSERT_TRUE(run(model, cache, std::span(tokens).first(2), {}));
  const auto rest = run(model, cache, std::span(tokens).subspan(2), {.edits = edits});
  ASSERT_TRUE(rest) << rest.error().message;
  EXPECT_TRUE(all_near(rest->logits().span(),
                       run_fresh(model, tokens, {.edits = edits}).logits().span(),
                       kReorderingTolerance));
}

}  // namespace
}  // namespace glassformer
