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

TEST_P(IncrementalRuns, ComputeEverythingWithEditsAndAfterThem) {
  const RunOptions edited = {.names = {"*pattern"}, .edits = {{.activation = {Hook::z, 1}}}};
  expect_equal({1, 2, 3}, kPatterns);
  EXPECT_EQ(expect_equal({1, 2, 3, 4}, edited), 0);
  EXPECT_EQ(expect_equal({1, 2, 3, 4}, kPatterns), 0);
  EXPECT_EQ(expect_equal({1, 2, 3, 4}, kPatterns), 3);
}

TEST_P(IncrementalRuns, ComputeEverythingWithAStopAndAfterIt) {
  const RunOptions stopped = {.names = {"*pattern"}, .stop_at_layer = 2};
  expect_equal({1, 2, 3}, kPatterns);
  EXPECT_EQ(expect_equal({1, 2, 3, 4}, stopped), 0);
  EXPECT_EQ(expect_equal({1, 2, 3, 4}, kPatterns), 0);
}

TEST_P(IncrementalRuns, AreAbandonedWithoutHarm) {
  expect_equal({1, 2, 3, 4}, kPatterns);
  ASSERT_TRUE(runs_.begin(Tokens{1, 2, 9, 9, 9}, kPatterns).ok());
  runs_.step();
  runs_.step();
  EXPECT_EQ(expect_equal({1, 2, 3, 4}, kPatterns), 2);
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
