// The identities that a GPT-2 fulfils whatever its weights are, and what a run refuses.
#include "core/model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/models.h"
#include "tests/support/near.h"

namespace glassformer {
namespace {

using namespace testing_support;

constexpr float kMasked = -std::numeric_limits<float>::infinity();

std::vector<float> sum(ConstTensorView a, ConstTensorView b) {
  std::vector<float> result(a.span().begin(), a.span().end());
  for (size_t i = 0; i < result.size(); ++i) result[i] += b.data[i];
  return result;
}

std::vector<float> copy(ConstTensorView tensor) {
  return {tensor.span().begin(), tensor.span().end()};
}

class Identities : public ::testing::TestWithParam<const char*> {
 protected:
  Model model = load_model(GetParam());
  Config config = model.config;
  std::vector<int32_t> tokens = {5, 17, 300, 44, 8, 8, 411, 0, 99};

  std::string in_block(int i, const char* name) {
    return "blocks." + std::to_string(i) + "." + name;
  }
};

TEST_P(Identities, RowsOfAttentionSumToOneAndLaterPositionsGetNothing) {
  const ForwardPass pass = run_fresh(model, tokens, {.names = {"*attn_scores", "*pattern"}});
  const auto T = static_cast<int64_t>(tokens.size());
  for (int i = 0; i < config.n_layer; ++i) {
    const ConstTensorView pattern = captured(pass, in_block(i, "attn.hook_pattern"));
    const ConstTensorView scores = captured(pass, in_block(i, "attn.hook_attn_scores"));
    ASSERT_EQ(pattern.rows(), config.n_head * T);
    for (int64_t row = 0; row < pattern.rows(); ++row) {
      double total = 0;
      for (int64_t s = 0; s < T; ++s) {
        const float weight = pattern.row(row)[static_cast<size_t>(s)];
        const float score = scores.row(row)[static_cast<size_t>(s)];
        total += weight;
        if (s > row % T) {
          EXPECT_EQ(weight, 0.0f);
          EXPECT_EQ(score, kMasked);
        } else {
          EXPECT_GE(weight, 0.0f);
          EXPECT_TRUE(std::isfinite(score));
        }
      }
      EXPECT_NEAR(total, 1.0, 1e-6);
    }
  }
}

TEST_P(Identities, TheResidualStreamAddsUp) {
  const ForwardPass pass =
      run_fresh(model, tokens, {.names = {"hook_embed", "hook_pos_embed", "*_out", "*resid*"}});
  EXPECT_EQ(copy(captured(pass, "blocks.0.hook_resid_pre")),
            sum(captured(pass, "hook_embed"), captured(pass, "hook_pos_embed")));
  for (int i = 0; i < config.n_layer; ++i) {
    const ConstTensorView middle = captured(pass, in_block(i, "hook_resid_mid"));
    const ConstTensorView after = captured(pass, in_block(i, "hook_resid_post"));
    EXPECT_EQ(copy(middle), sum(captured(pass, in_block(i, "hook_resid_pre")),
                                captured(pass, in_block(i, "hook_attn_out"))));
    EXPECT_EQ(copy(after), sum(middle, captured(pass, in_block(i, "hook_mlp_out"))));
    if (i + 1 < config.n_layer) {
      EXPECT_EQ(copy(captured(pass, in_block(i + 1, "hook_resid_pre"))), copy(after));
    }
  }
}

TEST_P(Identities, TheResultsOfTheHeadsAndTheBiasAddUpToTheLayersOutput) {
  // Apart, because where the results are captured the output is computed as their sum.
  const ForwardPass heads = run_fresh(model, tokens, {.names = {"*hook_result"}});
  const ForwardPass whole = run_fresh(model, tokens, {.names = {"*hook_attn_out"}});
  for (int i = 0; i < config.n_layer; ++i) {
    const ConstTensorView result = captured(heads, in_block(i, "attn.hook_result"));
    const ConstTensorView bias = model.weights.blocks[static_cast<size_t>(i)].attn_c_proj.bias;
    std::vector<float> total;
    for (int64_t t = 0; t < result.dims[0]; ++t) {
      for (int64_t c = 0; c < config.n_embd; ++c) {
        double value = bias.data[c];
        for (int64_t h = 0; h < config.n_head; ++h) {
          value += result.row(t * config.n_head + h)[static_cast<size_t>(c)];
        }
        total.push_back(static_cast<float>(value));
      }
    }
    EXPECT_TRUE(all_near(captured(whole, in_block(i, "hook_attn_out")).span(), total,
                         kReorderingTolerance));
  }
}

TEST_P(Identities, ALaterTokenChangesNothingBeforeIt) {
  std::vector<int32_t> changed = tokens;
  changed.back() = 123;
  const ForwardPass a = run_fresh(model, tokens, {.names = {"*"}});
  const ForwardPass b = run_fresh(model, changed, {.names = {"*"}});
  for (const Trace::Entry& entry : a.trace().entries()) {
    const std::string name = activation_name(entry.id);
    SCOPED_TRACE(name);
    const ConstTensorView left = entry.tensor, right = captured(b, name);
    const bool heads_first = activation_row(entry.id.hook).shape.starts_with('H');
    const int64_t heads = heads_first ? left.dims[0] : 1;
    const int64_t rows = left.rows() / heads;
    const int64_t rows_of_last = rows / static_cast<int64_t>(tokens.size());
    for (int64_t h = 0; h < heads; ++h) {
      for (int64_t r = 0; r < rows - rows_of_last; ++r) {
        ASSERT_TRUE(all_near(left.row(h * rows + r), right.row(h * rows + r), 1e-6));
      }
    }
    if (name == "logits") {
      EXPECT_FALSE(all_near(left.row(rows - 1), right.row(rows - 1), 1e-6));
    }
  }
}

TEST_P(Identities, DecodingAfterAnyPrefillEqualsOnePrefill) {
  const ForwardPass whole = run_fresh(model, tokens, {.names = {"*"}});
  for (size_t prefix = 1; prefix < tokens.size(); prefix += 3) {
    KvCache cache = *KvCache::create(config);
    ASSERT_TRUE(run(model, cache, std::span(tokens).first(prefix), {}));
    const auto rest = run(model, cache, std::span(tokens).subspan(prefix), {.names = {"*"}});
    ASSERT_TRUE(rest) << rest.error().message;
    for (const char* name : {"logits", "blocks.1.hook_resid_post", "blocks.1.attn.hook_z"}) {
      const auto expected = captured(whole, name).span();
      const auto actual = captured(*rest, name).span();
      EXPECT_TRUE(all_near(actual, expected.last(actual.size()), kReorderingTolerance)) << name;
    }
    const ConstTensorView pattern = captured(*rest, "blocks.1.attn.hook_pattern");
    EXPECT_EQ(pattern.dims[1], static_cast<int64_t>(tokens.size() - prefix));
    EXPECT_EQ(pattern.dims[2], static_cast<int64_t>(tokens.size()));
    EXPECT_EQ(cache.length(), static_cast<int>(tokens.size()));
  }
}

TEST_P(Identities, PatchingTheWholeInputOfABlockGivesTheOtherRun) {
  std::vector<int32_t> other = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const ForwardPass source = run_fresh(model, other, {.names = {"*"}});
  for (int i = 0; i < config.n_layer; ++i) {
    Edit patch{.activation = {Hook::resid_pre, i}, .operation = EditOperation::set};
    patch.values = copy(captured(source, in_block(i, "hook_resid_pre")));
    const ForwardPass patched = run_fresh(model, tokens, {.names = {"logits"}, .edits = {patch}});
    EXPECT_EQ(copy(captured(patched, "logits")), copy(captured(source, "logits"))) << i;
  }
}

TEST_P(Identities, ARunFromAResidualContinuesWhereItWasTaken) {
  const ForwardPass whole = run_fresh(model, tokens, {.names = {"*"}, .logits = LogitRows::all});
  for (int start = 0; start <= config.n_layer; ++start) {
    SCOPED_TRACE(start);
    const std::string name = start < config.n_layer
                                 ? in_block(start, "hook_resid_pre")
                                 : in_block(config.n_layer - 1, "hook_resid_post");
    const ForwardPass rest = run_fresh(model, {},
                                       {.names = {"*"},
                                        .start_at_layer = start,
                                        .residual = captured(whole, name).span(),
                                        .logits = LogitRows::all});
    for (const Trace::Entry& entry : rest.trace().entries()) {
      const std::string of_rest = activation_name(entry.id);
      EXPECT_EQ(copy(entry.tensor), copy(captured(whole, of_rest))) << of_rest;
      EXPECT_TRUE(!activation_row(entry.id.hook).per_block || entry.id.block >= start);
    }
    EXPECT_EQ(copy(rest.trace().find(Hook::logits) ? *rest.trace().find(Hook::logits)
                                                   : ConstTensorView{}),
              std::vector<float>(whole.logits().span().begin(), whole.logits().span().end()));
  }
}

TEST_P(Identities, ASliceOfPositionsIsThatPartOfTheWhole) {
  const RunOptions every = {.names = {"*", "*hook_result"}, .logits = LogitRows::all};
  RunOptions some = every;
  some.positions = AxisRange{-5, -2};
  const ForwardPass whole = run_fresh(model, tokens, every), part = run_fresh(model, tokens, some);
  const auto T = static_cast<int64_t>(tokens.size());
  ASSERT_EQ(part.trace().entries().size(), whole.trace().entries().size());
  for (const Trace::Entry& entry : part.trace().entries()) {
    const std::string name = activation_name(entry.id);
    SCOPED_TRACE(name);
    const ConstTensorView all = captured(whole, name);
    const bool heads_first = activation_row(entry.id.hook).shape.front() == 'H';
    EXPECT_EQ(entry.tensor.dims[heads_first ? 1 : 0], 3);
    const int64_t heads = heads_first ? config.n_head : 1;
    const int64_t row = all.size() / heads / T;
    for (int64_t h = 0; h < heads; ++h) {
      const std::span<const float> expected(all.data + (h * T + T - 5) * row,
                                            static_cast<size_t>(3 * row));
      const std::span<const float> actual(entry.tensor.data + h * 3 * row,
                                          static_cast<size_t>(3 * row));
      EXPECT_TRUE(std::equal(actual.begin(), actual.end(), expected.begin()));
    }
  }
  EXPECT_EQ(part.logits().rows(), 3);
}

TEST_P(Identities, TheLastOfSomePositionsHasTheLogits) {
  const ForwardPass whole = run_fresh(model, tokens, {.logits = LogitRows::all});
  const ForwardPass part = run_fresh(model, tokens, {.positions = AxisRange{2, 4}});
  const auto row = whole.logits().row(3);
  EXPECT_EQ(copy(part.logits()), std::vector<float>(row.begin(), row.end()));
}

INSTANTIATE_TEST_SUITE_P(Models, Identities,
                         ::testing::Values("tests/golden/plain", "tests/golden/odd",
                                           "weights/stories"),
                         [](const auto& parameter) {
                           const std::string path = parameter.param;
                           return path.substr(path.rfind('/') + 1);
                         });

class Run : public ::testing::Test {
 protected:
  Model model = load_model("tests/golden/plain");
  Config config = model.config;
  KvCache cache = *KvCache::create(config);
  std::vector<int32_t> tokens = {5, 17, 300};

  Error refused(const std::vector<int32_t>& ids, const RunOptions& options = {}) {
    const Result<ForwardPass> pass = run(model, cache, ids, options);
    if (pass) return {ErrorCode::io, "was not refused"};
    return pass.error();
  }
};

TEST_F(Run, CapturesNothingUnlessAsked) {
  const auto pass = run(model, cache, tokens, {});
  EXPECT_TRUE(pass->trace().entries().empty());
  EXPECT_EQ(pass->trace().bytes(), 0u);
}

TEST_F(Run, GivesTheLastRowOfLogitsUnlessAskedForMoreOrLess) {
  const ForwardPass all = run_fresh(model, tokens, {.logits = LogitRows::all});
  const ForwardPass last = run_fresh(model, tokens, {});
  const ForwardPass none = run_fresh(model, tokens, {.logits = LogitRows::none});
  ASSERT_EQ(all.logits().rows(), 3);
  ASSERT_EQ(last.logits().rows(), 1);
  EXPECT_TRUE(all_near(last.logits().row(0), all.logits().row(2), kReorderingTolerance));
  EXPECT_EQ(none.logits().data, nullptr);
}

TEST_F(Run, AdvancesAStageAtATimeAndCountsPositionsAtTheEnd) {
  auto pass = ForwardPass::create(model, cache, tokens, {});
  ASSERT_TRUE(pass);
  EXPECT_EQ(pass->stages(), 2 + config.n_layer);
  for (int stage = 1; stage <= pass->stages(); ++stage) {
    EXPECT_EQ(cache.length(), 0);
    EXPECT_EQ(pass->logits().data, nullptr);
    EXPECT_EQ(pass->step(), stage < pass->stages());
    EXPECT_EQ(pass->stages_done(), stage);
  }
  EXPECT_EQ(cache.length(), 3);
  EXPECT_NE(pass->logits().data, nullptr);
  EXPECT_FALSE(pass->step());
  EXPECT_EQ(cache.length(), 3);
}

TEST_F(Run, AbandonedHalfWayLeavesTheCacheAsItWas) {
  ASSERT_TRUE(run(model, cache, tokens, {}));
  const std::vector<int32_t> other = {9, 9, 9, 9}, next = {44};
  {
    auto pass = ForwardPass::create(model, cache, other, {});
    pass->step();
    pass->step();
  }
  EXPECT_EQ(cache.length(), 3);
  const auto after = run(model, cache, next, {});
  const std::vector<int32_t> whole = {5, 17, 300, 44};
  EXPECT_TRUE(all_near(after->logits().span(), run_fresh(model, whole, {}).logits().span(),
                       kReorderingTolerance));
}

TEST_F(Run, TruncatedCacheForgetsWhatFollowed) {
  const std::vector<int32_t> wrong = {5, 17, 9, 9}, rest = {300, 44};
  ASSERT_TRUE(run(model, cache, wrong, {}));
  cache.truncate(2);
  const auto after = run(model, cache, rest, {});
  const std::vector<int32_t> whole = {5, 17, 300, 44};
  EXPECT_TRUE(all_near(after->logits().span(), run_fresh(model, whole, {}).logits().span(),
                       kReorderingTolerance));
}

TEST_F(Run, StopsBeforeALayer) {
  const ForwardPass whole = run_fresh(model, tokens, {.names = {"*"}});
  const ForwardPass stopped = run_fresh(model, tokens, {.names = {"*"}, .stop_at_layer = 1});
  EXPECT_EQ(stopped.logits().data, nullptr);
  std::vector<std::string> names;
  for (const auto& entry : stopped.trace().entries()) {
    const std::string name = activation_name(entry.id);
    names.push_back(name);
    EXPECT_EQ(copy(entry.tensor), copy(captured(whole, name))) << name;
  }
  EXPECT_EQ(names.front(), "hook_embed");
  EXPECT_EQ(names.back(), "blocks.0.hook_resid_post");
}

TEST_F(Run, CountsANegativeStopFromTheLastLayer) {
  const ForwardPass a = run_fresh(model, tokens, {.names = {"*"}, .stop_at_layer = -1});
  const ForwardPass b =
      run_fresh(model, tokens, {.names = {"*"}, .stop_at_layer = config.n_layer - 1});
  EXPECT_EQ(a.trace().entries().size(), b.trace().entries().size());
}

TEST_F(Run, StoppedEarlyLeavesTheCacheAsItWas) {
  ASSERT_TRUE(run(model, cache, tokens, {.stop_at_layer = config.n_layer}));
  EXPECT_EQ(cache.length(), 0);
}

TEST_F(Run, StartedLateLeavesTheCacheAsItWas) {
  const std::vector<float> residual(static_cast<size_t>(config.n_embd) * 2, 0.5f);
  EXPECT_TRUE(run(model, cache, {}, {.start_at_layer = 0, .residual = residual}));
  EXPECT_EQ(cache.length(), 0);
}

TEST_F(Run, RefusesAStartThatMakesNoSense) {
  const std::vector<float> residual(static_cast<size_t>(config.n_embd), 0.5f);
  EXPECT_EQ(refused({1}, {.start_at_layer = 1, .residual = residual}).message,
            "a run with start_at_layer takes a residual instead of tokens");
  EXPECT_EQ(refused({}, {.start_at_layer = config.n_layer + 1, .residual = residual}).code,
            ErrorCode::bad_option);
  EXPECT_EQ(refused({}, {.start_at_layer = 1, .residual = std::span(residual).first(3)}).code,
            ErrorCode::bad_option);
  EXPECT_EQ(refused({}, {.start_at_layer = 1}).code, ErrorCode::bad_option);
  EXPECT_EQ(refused({}, {.start_at_layer = 1, .residual = residual, .stop_at_layer = 0}).message,
            "start_at_layer is 1, after stop_at_layer, which is 0");
  std::vector<float> wrong = residual;
  wrong[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refused({}, {.start_at_layer = 1, .residual = wrong}).message,
            "a run with start_at_layer needs finite numbers, which element 7 of its residual is "
            "not");
  ASSERT_TRUE(run(model, cache, tokens, {}));
  EXPECT_EQ(refused({}, {.start_at_layer = 1, .residual = residual}).message,
            "a run with start_at_layer cannot follow earlier positions");
}

TEST_F(Run, RefusesPositionsThatItDoesNotCompute) {
  ASSERT_TRUE(run(model, cache, tokens, {}));
  EXPECT_EQ(refused({1, 2}, {.positions = AxisRange{2, 4}}).message,
            "positions are 2 up to but not 4, but the run has 3 up to but not 5");
  EXPECT_EQ(refused({1, 2}, {.positions = AxisRange{4, 4}}).code, ErrorCode::bad_option);
  EXPECT_EQ(refused({1, 2}, {.positions = AxisRange{4, 6}}).code, ErrorCode::bad_option);
}

TEST_F(Run, FillsTheContextExactly) {
  std::vector<int32_t> full(static_cast<size_t>(config.n_positions), 7);
  EXPECT_TRUE(run(model, cache, full, {}));
  const Error error = refused({7});
  EXPECT_EQ(error.code, ErrorCode::context_overflow);
  EXPECT_EQ(error.message, std::to_string(config.n_positions + 1) +
                               " tokens do not fit into the model's context of " +
                               std::to_string(config.n_positions));
}

TEST_F(Run, RefusesMoreThanTheCacheWasMadeFor) {
  cache = *KvCache::create(config, 2);
  const Error error = refused(tokens);
  EXPECT_EQ(error.code, ErrorCode::context_overflow);
  EXPECT_EQ(error.message, "3 tokens do not fit into the room reserved for 2");
}

TEST_F(Run, RefusesTokensOutsideTheVocabulary) {
  EXPECT_EQ(refused({}).code, ErrorCode::bad_tokens);
  EXPECT_EQ(refused({5, -1}).message, "token 1 is -1, but the vocabulary's ids are 0 to 511");
  EXPECT_EQ(refused({512}).code, ErrorCode::bad_tokens);
  EXPECT_EQ(cache.length(), 0);
}

TEST_F(Run, RefusesALayerToStopAtThatIsNotThere) {
  EXPECT_EQ(refused(tokens, {.stop_at_layer = 99}).code, ErrorCode::bad_option);
  EXPECT_EQ(refused(tokens, {.stop_at_layer = -99}).code, ErrorCode::bad_option);
}

TEST_F(Run, RefusesAnUnknownNameAndSuggestsTheNearest) {
  const Error error = refused(tokens, {.names = {"blocks.0.attn.hook_patern"}});
  EXPECT_EQ(error.code, ErrorCode::bad_name);
  EXPECT_NE(error.message.find("the nearest is \"blocks.0.attn.hook_pattern\""), std::string::npos);
}

TEST_F(Run, ScalesTheScoresAsTheConfigurationSays) {
  const auto scores = [&](const Model& m) {
    return copy(captured(run_fresh(m, tokens, {.names = {"blocks.1.attn.hook_attn_scores"}}),
                         "blocks.1.attn.hook_attn_scores"));
  };
  // Only the first layer's values reach block 1's input: keep them the same by comparing scores
  // with the block's own q and k.
  for (const bool by_width : {true, false}) {
    for (const bool by_layer : {true, false}) {
      model.config.scale_attn_weights = by_width;
      model.config.scale_attn_by_inverse_layer_idx = by_layer;
      const ForwardPass pass =
          run_fresh(model, tokens, {.names = {"blocks.1.attn.hook_q", "blocks.1.attn.hook_k"}});
      const ConstTensorView q = captured(pass, "blocks.1.attn.hook_q");
      const ConstTensorView k = captured(pass, "blocks.1.attn.hook_k");
      double dot = 0;  // head 0, query 2, key 1
      for (int64_t d = 0; d < config.head_width(); ++d) {
        dot += double{q.row(2 * config.n_head)[static_cast<size_t>(d)]} *
               k.row(1 * config.n_head)[static_cast<size_t>(d)];
      }
      const double factor =
          (by_width ? 1 / std::sqrt(double(config.head_width())) : 1.0) * (by_layer ? 0.5 : 1.0);
      EXPECT_NEAR(scores(model)[2 * 3 + 1], dot * factor, 1e-4 * std::abs(dot));
    }
  }
}

TEST_F(Run, EachNonlinearityIsItsOwn) {
  for (const auto& [activation, expected] :
       {std::pair{Activation::relu, 0.0}, std::pair{Activation::gelu, -0.15865525393145707},
        std::pair{Activation::gelu_new, -0.15880800939172324}}) {
    model.config.activation = activation;
    Edit edit{.activation = {Hook::mlp_pre, 0}, .operation = EditOperation::set};
    edit.values = {-1.0f};
    const ForwardPass pass =
        run_fresh(model, tokens, {.names = {"blocks.0.mlp.hook_post"}, .edits = {edit}});
    EXPECT_NEAR(captured(pass, "blocks.0.mlp.hook_post").data[0], expected, 1e-6);
  }
}

}  // namespace
}  // namespace glassformer
