// Weights change where an edit says so and nowhere else, and undoing is exact.
#include "core/weight_edits.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "tests/support/models.h"

namespace glassformer {
namespace {

using namespace testing_support;

class WeightEdits : public ::testing::TestWithParam<Storage> {
 protected:
  Model model = load_model("tests/golden/odd", GetParam());
  WeightEditor editor{model.weights};

  std::vector<float> values_of(const char* name) {
    const NamedWeight* weight = model.weights.find(name);
    std::vector<float> values(static_cast<size_t>(weight->size()));
    weight->read(0, values);
    return values;
  }
  std::vector<uint32_t> memory() {
    std::vector<uint32_t> words;
    const FloatBuffer& floats = model.weights.memory;
    for (size_t i = 0; i < floats.size(); ++i) {
      words.push_back(std::bit_cast<uint32_t>(floats.data()[i]));
    }
    return words;
  }
  // 8 bits of the largest weight of a block.
  double tolerance(const std::vector<float>& values) {
    if (GetParam() == Storage::f32) return 0;
    float largest = 0;
    for (const float value : values) largest = std::max(largest, std::abs(value));
    return largest / 127;
  }
  std::string refusal(const WeightEdit& edit) {
    const Status status = editor.apply(std::span(&edit, 1));
    EXPECT_FALSE(status.ok());
    return status.ok() ? "" : status.error().message;
  }
};

TEST_P(WeightEdits, ChangeASliceAndNothingElse) {
  for (const char* name : {"h.0.attn.c_attn.weight", "h.1.mlp.c_proj.weight", "wte.weight",
                           "wpe.weight", "lm_head.weight"}) {
    SCOPED_TRACE(name);
    const std::vector<float> before = values_of(name);
    const std::vector<WeightEdit> edits = {{.weight = name,
                                            .operation = EditOperation::scale,
                                            .row = AxisRange{3, 9},
                                            .column = AxisRange{-5, -2},
                                            .values = {0.5f}}};
    ASSERT_TRUE(editor.apply(edits).ok());
    const std::vector<float> after = values_of(name);
    const int64_t columns = model.weights.find(name)->shape.back();
    const double error = tolerance(before);
    size_t wrong = 0;
    for (size_t i = 0; i < after.size(); ++i) {
      const auto row = static_cast<int64_t>(i) / columns;
      const auto column = static_cast<int64_t>(i) % columns;
      const bool edited = row >= 3 && row < 9 && column >= columns - 5 && column < columns - 2;
      const float expected = edited ? before[i] / 2 : before[i];
      wrong += !(std::abs(after[i] - expected) <= error);
    }
    EXPECT_EQ(wrong, 0u);
  }
}

TEST_P(WeightEdits, SetRowByRow) {
  const std::vector<WeightEdit> edits = {{.weight = "transformer.h.0.mlp.c_fc.weight",
                                          .operation = EditOperation::set,
                                          .row = AxisRange{1, 3},
                                          .column = AxisRange{0, 3},
                                          .values = {1, -1, 0.5f, 0.25f, -0.5f, 1}}};
  ASSERT_TRUE(editor.apply(edits).ok());
  const std::vector<float> after = values_of("h.0.mlp.c_fc.weight");
  const auto columns = static_cast<size_t>(model.config.n_inner);
  const double error = GetParam() == Storage::f32 ? 0 : 1.0 / 127;
  EXPECT_NEAR(after[columns + 1], -1, error);
  EXPECT_NEAR(after[2 * columns], 0.25, error);
  EXPECT_NEAR(after[2 * columns + 2], 1, error);
}

TEST_P(WeightEdits, ZeroIsExactlyZero) {
  const std::vector<WeightEdit> edits = {{.weight = "h.0.attn.c_proj.weight"},
                                         {.weight = "h.0.attn.c_proj.bias"}};
  ASSERT_TRUE(editor.apply(edits).ok());
  for (const char* name : {"h.0.attn.c_proj.weight", "h.0.attn.c_proj.bias"}) {
    const std::vector<float> values = values_of(name);
    EXPECT_EQ(values, std::vector<float>(values.size()));
  }
  const ForwardPass pass =
      run_fresh(model, std::vector<int32_t>{1, 2, 3}, {.names = {"blocks.0.hook_attn_out"}});
  for (const float value : captured(pass, "blocks.0.hook_attn_out").span()) EXPECT_EQ(value, 0);
}

TEST_P(WeightEdits, AreUndoneToTheLastBitInReverseOrder) {
  const auto original = memory();
  const std::vector<WeightEdit> first = {{.weight = "h.0.attn.c_attn.weight",
                                          .operation = EditOperation::add,
                                          .column = AxisRange{0, 7},
                                          .values = {0.3f}},
                                         {.weight = "h.0.attn.c_attn.weight",
                                          .operation = EditOperation::zero,
                                          .column = AxisRange{5, 9}}};
  const std::vector<WeightEdit> second = {
      {.weight = "wpe.weight", .operation = EditOperation::scale, .values = {3}}};
  ASSERT_TRUE(editor.apply(first).ok());
  const auto between = memory();
  EXPECT_TRUE(between != original);
  ASSERT_TRUE(editor.apply(second).ok());
  EXPECT_EQ(editor.applied(), 2);
  EXPECT_TRUE(editor.undo());
  EXPECT_TRUE(memory() == between);
  EXPECT_TRUE(editor.undo());
  EXPECT_TRUE(memory() == original);
  EXPECT_FALSE(editor.undo());
}

TEST_P(WeightEdits, CountTheVersionOfTheWeights) {
  const uint64_t version = model.weights.version;
  const std::vector<WeightEdit> edits = {{.weight = "wpe.weight"}};
  ASSERT_TRUE(editor.apply(edits).ok());
  EXPECT_NE(model.weights.version, version);
  const uint64_t edited = model.weights.version;
  editor.undo();
  EXPECT_NE(model.weights.version, edited);
}

TEST_P(WeightEdits, AreRefusedWholeAndByName) {
  const auto original = memory();
  EXPECT_EQ(refusal({.weight = "h.0.attn.c_attn.wait"}),
            "edit 0 (h.0.attn.c_attn.wait) names no weight: \"h.0.attn.c_attn.wait\"; the nearest "
            "is \"h.0.attn.c_attn.weight\"");
  EXPECT_EQ(refusal({.weight = "h.0.attn.c_attn.bias", .row = AxisRange{0, 1}}),
            "edit 0 (h.0.attn.c_attn.bias) selects a row, but the weight has only columns");
  EXPECT_NE(refusal({.weight = "wpe.weight", .row = AxisRange{0, 5000}}).find("5000"),
            std::string::npos);
  EXPECT_NE(refusal({.weight = "wpe.weight", .row = AxisRange{3, 3}}).find("rows 3"),
            std::string::npos);
  const std::vector<WeightEdit> edits = {
      {.weight = "wpe.weight"},
      {.weight = "wte.weight", .operation = EditOperation::set, .values = {1, 2}}};
  EXPECT_FALSE(editor.apply(edits).ok());
  EXPECT_TRUE(memory() == original);
  EXPECT_EQ(editor.applied(), 0);
}

INSTANTIATE_TEST_SUITE_P(Storages, WeightEdits, testing::Values(Storage::f32, Storage::q8),
                         [](const auto& storage) { return storage_name(storage.param); });

TEST(ParseWeightEdits, ReadsEveryField) {
  const Model model = load_model("tests/golden/plain");
  const auto edits = parse_weight_edits(
      R"([{"weight": "h.0.attn.c_proj.weight", "op": "set", "row": 1, "column": [0, 2],
           "value": [3, 4.5]}, {"weight": "transformer.wpe.weight", "op": "zero"}])",
      model.weights);
  ASSERT_TRUE(edits) << edits.error().message;
  EXPECT_EQ(edits->at(0).row, (AxisRange{1, 2}));
  EXPECT_EQ(edits->at(0).column, (AxisRange{0, 2}));
  EXPECT_EQ(edits->at(0).values, (std::vector<float>{3, 4.5f}));
  EXPECT_EQ(edits->at(1).operation, EditOperation::zero);
}

TEST(ParseWeightEdits, SaysWhatIsWrongAndWhere) {
  const Model model = load_model("tests/golden/plain");
  const auto problem = [&](const char* json) {
    const auto edits = parse_weight_edits(json, model.weights);
    return edits ? "" : edits.error().message;
  };
  EXPECT_EQ(problem("{}"), "the list of weight edits is not a JSON array");
  EXPECT_EQ(problem(R"([{"op": "zero"}])"), "edit 0 has no \"weight\", the weight that it changes");
  EXPECT_EQ(problem(R"([{"weight": "wpe.weight", "op": "mean"}])"),
            "edit 0 must have an \"op\" that is zero, scale, add or set, not \"mean\"");
  EXPECT_EQ(problem(R"([{"weight": "wpe.weight", "op": "zero", "rows": 1}])"),
            "edit 0 has the unknown field \"rows\"; did you mean \"row\"?");
  EXPECT_EQ(problem(R"([{"weight": "wpe.weight", "op": "scale"}])"),
            "edit 0 must have a \"value\" to scale");
}

}  // namespace
}  // namespace glassformer
