// Whatever was run before, a run gives what it would give alone, to the last bit.
#include "core/incremental_run.h"

#include <gtest/gtest.h>

#include <bit>
#include <map>
#include <string>

#include "tests/support/models.h"

namespace glassformer {
namespace {

using namespace testing_support;

using Tokens = std::vector<int32_t>;

// Bits, because NaN and -0 must be equal too.
std::vector<uint32_t> bits(std::span<const float> values) {
  std::vector<uint32_t> result;
  for (const float value : values) result.push_back(std::bit_cast<uint32_t>(value));
  return result;
}

std::shared_ptr<const Model> shared_model(Storage storage) {
  static std::map<Storage, std::shared_ptr<const Model>> models;
  auto& model = models[storage];
  if (!model) model = std::make_shared<const Model>(load_model("weights/stories", storage));
  return model;
}

class IncrementalRuns : public testing::TestWithParam<Storage> {
 protected:
  // Runs the text after all others, compares it with a run alone, and returns how many positions
  // were taken over.
  int expect_equal(const Tokens& tokens, const RunOptions& options) {
    EXPECT_TRUE(runs_.begin(tokens, options).ok());
    while (runs_.step()) {
    }
    Result<KvCache> cache = KvCache::create(model_->config);
    const Result<ForwardPass> alone = run(*model_, *cache, tokens, options);
    const auto expected = alone->trace().entries();
    const auto actual = runs_.activations();
    EXPECT_EQ(actual.size(), expected.size());
    for (size_t i = 0; i < std::min(actual.size(), expected.size()); ++i) {
      EXPECT_EQ(actual[i].id, expected[i].id);
      EXPECT_EQ(actual[i].tensor.dims, expected[i].tensor.dims);
      EXPECT_EQ(bits(actual[i].tensor.span()), bits(expected[i].tensor.span()))
          << activation_name(actual[i].id);
    }
    const ConstTensorView logits = runs_.logits(), expected_logits = alone->logits();
    if (options.logits == LogitRows::none || options.stop_at_layer) {
      EXPECT_EQ(logits.data, nullptr);
    } else {
      const int64_t rows = options.logits == LogitRows::all ? std::ssize(tokens) : 1;
      EXPECT_EQ(logits.rows(), rows);
      EXPECT_EQ(bits(logits.span()),
                bits(expected_logits.span().last(static_cast<size_t>(logits.size()))));
    }
    const int reused = runs_.reused();
    runs_.end();
    return reused;
  }

  const std::shared_ptr<const Model> model_ = shared_model(GetParam());
  IncrementalRun runs_{model_};
};

const RunOptions kEverything = {.names = {"*", "*hook_result"}, .logits = LogitRows::all};
const RunOptions kPatterns = {.names = {"*pattern"}};

TEST_P(IncrementalRuns, ComputeOnlyWhatIsNewAtTheEnd) {
  EXPECT_EQ(expect_equal({5, 6, 7}, kEverything), 0);
  EXPECT_EQ(expect_equal({5, 6, 7, 8}, kEverything), 3);          // grown by one
  EXPECT_EQ(expect_equal({5, 6, 7, 8, 9, 10}, kEverything), 4);   // by two
  EXPECT_EQ(expect_equal({5, 6, 7, 8, 9, 11}, kEverything), 5);   // changed at the end
  EXPECT_EQ(expect_equal({5, 6, 99, 8, 9, 11}, kEverything), 2);  // in the middle
  EXPECT_EQ(expect_equal({5, 6}, kEverything), 1);                // shortened
  EXPECT_EQ(expect_equal({5, 6}, kEverything), 1);                // the same again
  EXPECT_EQ(expect_equal({4, 6}, kEverything), 0);                // another beginning
  EXPECT_EQ(expect_equal({4}, kEverything), 0);
  EXPECT_EQ(expect_equal({4, 4}, kEverything), 1);
}

TEST_P(IncrementalRuns, GrowToTheWholeContext) {
  Tokens tokens;
  int reused = 0;
  for (const size_t length : {3, 60, 66, 67, 200, 256}) {
    for (size_t i = tokens.size(); i < length; ++i) tokens.push_back(static_cast<int>(i * 7 % 999));
    EXPECT_EQ(expect_equal(tokens, kPatterns), reused);
    reused = static_cast<int>(length);
  }
  tokens.push_back(1);
  const Status status = runs_.begin(tokens, kPatterns);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::context_overflow);
  tokens.pop_back();
  EXPECT_EQ(expect_equal(tokens, kPatterns), 255);
}

TEST_P(IncrementalRuns, MayAskForLessThanTheLastOne) {
  expect_equal({1, 2, 3}, kEverything);
  // Heads that are projected one by one are rounded differently.
  EXPECT_EQ(expect_equal({1, 2, 3}, {.names = {"*"}, .logits = LogitRows::all}), 0);
  EXPECT_EQ(expect_equal({1, 2, 3, 4}, kPatterns), 3);
  EXPECT_EQ(expect_equal({1, 2, 3, 4, 5}, {.names = {"blocks.2*"}}), 0);  // more than the last
  EXPECT_EQ(expect_equal({1, 2, 3, 4}, {.names = {}, .logits = LogitRows::none}), 3);
  EXPECT_EQ(expect_equal({1, 2, 3, 5}, {.names = {}}), 3);
  EXPECT_EQ(expect_equal({1, 2, 3, 5}, {.names = {}, .logits = LogitRows::all}), 0);
  EXPECT_EQ(expect_equal({1, 2, 3, 5, 8}, {.names = {}, .logits = LogitRows::all}), 4);
  EXPECT_EQ(expect_equal({1, 2, 3, 5, 8}, {.names = {"logits"}, .logits = LogitRows::last}), 4);
}

TEST_P(IncrementalRuns, TakeOverWhatAllTheRunsOfATextCaptured) {
  const RunOptions first = {.names = {"*pattern", "blocks.0*"}, .logits = LogitRows::all};
  const RunOptions second = {.names = {"blocks.2*"}, .logits = LogitRows::none};
  const RunOptions third = {.names = {"*pattern", "blocks.2*"}, .logits = LogitRows::all};
  EXPECT_EQ(expect_equal({1, 2, 3}, first), 0);
  EXPECT_EQ(expect_equal({1, 2, 3}, second), 0);  // another block is looked at
  EXPECT_EQ(expect_equal({1, 2, 3}, second), 2);
  EXPECT_EQ(expect_equal({1, 2, 3}, first), 2);
  EXPECT_EQ(expect_equal({1, 2, 3, 4}, third), 3);  // and the text goes on
  // Of the longer text no more than that is known.
  EXPECT_EQ(expect_equal({1, 2, 3, 4}, first), 0);
  EXPECT_EQ(expect_equal({1, 2, 3, 4, 5}, third), 4);
}

TEST_P(IncrementalRuns, ForgetAllRunsOfATextWithTheirRounding) {
  const RunOptions summed = {.names = {"*attn_out"}};
  const RunOptions by_head = {.names = {"blocks.1.attn.hook_result"}};
  expect_equal({1, 2, 3}, summed);
  expect_equal({1, 2, 3}, kPatterns);
  EXPECT_EQ(expect_equal({1, 2, 3}, by_head), 0);
  EXPECT_EQ(expect_equal({1, 2, 3}, by_head), 2);
  EXPECT_EQ(expect_equal({1, 2, 3}, summed), 0);
  EXPECT_EQ(expect_equal({1, 2, 3}, summed), 2);
}

TEST_P(IncrementalRuns, ComputeEverythingWhereTheNumbersMayBeOthersAndKeepWhatTheyHad) {
  const std::vector<float> residual(static_cast<size_t>(3 * model_->config.n_embd), 0.5f);
  const RunOptions edited = {.names = {"*pattern"}, .edits = {{.activation = {Hook::z, 1}}}};
  const RunOptions stopped = {.names = {"*pattern"}, .stop_at_layer = 2};
  const RunOptions some = {.names = {"*pattern"}, .positions = AxisRange{1, 3}};
  const RunOptions rest = {.names = {"*pattern"}, .start_at_layer = 2, .residual = residual};
  Tokens tokens = {1, 2, 3};
  expect_equal(tokens, kPatterns);
  for (const RunOptions& other : {edited, stopped, some, rest}) {
    tokens.push_back(4);
    EXPECT_EQ(expect_equal(other.residual.empty() ? tokens : Tokens(), other), 0);
    EXPECT_EQ(expect_equal(tokens, kPatterns), std::ssize(tokens) - 1);
  }
}

TEST_P(IncrementalRuns, AreAbandonedWithoutHarm) {
  expect_equal({1, 2, 3, 4}, kPatterns);
  ASSERT_TRUE(runs_.begin(Tokens{1, 2, 9, 9, 9}, kPatterns).ok());
  runs_.step();
  runs_.step();
  EXPECT_EQ(expect_equal({1, 2, 3, 4}, kPatterns), 2);

  // Also where everything was to be computed: what is kept of the text is not lost with it.
  const RunOptions more = {.names = {"blocks.2*"}};
  ASSERT_TRUE(runs_.begin(Tokens{1, 2, 3, 4}, more).ok());
  runs_.step();
  EXPECT_EQ(expect_equal({1, 2, 3, 4}, more), 0);
  const RunOptions both = {.names = {"*pattern", "blocks.2*"}};
  EXPECT_EQ(expect_equal({1, 2, 3, 4, 5}, both), 4);
}

TEST_P(IncrementalRuns, ComputeEverythingWithOtherWeights) {
  auto model = std::make_shared<Model>(load_model("weights/stories", GetParam()));
  IncrementalRun runs(model);
  const auto reused = [&runs] {
    EXPECT_TRUE(runs.begin(Tokens{1, 2, 3}, kPatterns).ok());
    while (runs.step()) {
    }
    return runs.reused();
  };
  EXPECT_EQ(reused(), 0);
  EXPECT_EQ(reused(), 2);
  model->weights.version += 1;
  EXPECT_EQ(reused(), 0);
  EXPECT_EQ(reused(), 2);
}

TEST_P(IncrementalRuns, SurviveWhatIsRefused) {
  expect_equal({1, 2, 3}, kPatterns);
  EXPECT_FALSE(runs_.begin(Tokens{1, 2, -7}, kPatterns).ok());
  EXPECT_FALSE(runs_.begin(Tokens{}, kPatterns).ok());
  EXPECT_FALSE(runs_.begin(Tokens{1, 2, 3}, {.names = {"nonsense"}}).ok());
  expect_equal({1, 2, 3, 4}, kPatterns);
}

INSTANTIATE_TEST_SUITE_P(Storages, IncrementalRuns, testing::Values(Storage::f32, Storage::q8),
                         [](const auto& storage) { return storage_name(storage.param); });

}  // namespace
}  // namespace glassformer
