#include "core/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace glassformer {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Logits whose softmax at temperature 1 is 0.5, 0.25, 0.15, 0.1 in the order 2, 0, 3, 1.
const std::vector<float> kLogits = {std::log(0.25f), std::log(0.10f), std::log(0.50f),
                                    std::log(0.15f)};

SamplingStages sampled(const SamplingOptions& options, std::span<const float> logits = kLogits,
                       uint64_t step = 0) {
  const auto stages = sample(logits, options, step);
  if (stages) return *stages;
  ADD_FAILURE() << stages.error().message;
  return {};
}

void expect_near(const std::vector<float>& actual, const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 1e-6) << i;
}

TEST(Sample, KeepsEveryStageOverTheWholeVocabulary) {
  const SamplingStages stages = sampled({});
  EXPECT_EQ(stages.logits, kLogits);
  EXPECT_EQ(stages.scaled, kLogits);
  expect_near(stages.probabilities, {0.25, 0.10, 0.50, 0.15});
  EXPECT_EQ(stages.order, (std::vector<int32_t>{2, 0, 3, 1}));
  EXPECT_EQ(stages.after_top_k, 4);
  EXPECT_EQ(stages.after_top_p, 4);
  expect_near(stages.filtered, {0.25, 0.10, 0.50, 0.15});
}

TEST(Sample, TemperatureDividesTheLogits) {
  const SamplingStages stages = sampled({.temperature = 0.5f});
  EXPECT_FLOAT_EQ(stages.scaled[1], 2 * kLogits[1]);
  const double total = 0.0625 + 0.01 + 0.25 + 0.0225;  // probabilities squared
  expect_near(stages.probabilities, {0.0625 / total, 0.01 / total, 0.25 / total, 0.0225 / total});
}

TEST(Sample, TopKKeepsTheMostProbable) {
  const SamplingStages stages = sampled({.top_k = 2});
  EXPECT_EQ(stages.after_top_k, 2);
  expect_near(stages.filtered, {1.0 / 3, 0, 2.0 / 3, 0});
  EXPECT_EQ(sampled({.top_k = 99}).after_top_k, 4);
}

TEST(Sample, TopPKeepsTheFewestThatReachIt) {
  EXPECT_EQ(sampled({.top_p = 0.49f}).after_top_p, 1);
  EXPECT_EQ(sampled({.top_p = 0.51f}).after_top_p, 2);
  EXPECT_EQ(sampled({.top_p = 0.76f}).after_top_p, 3);
  EXPECT_EQ(sampled({.top_p = 1.0f}).after_top_p, 4);
  EXPECT_EQ(sampled({.top_p = 1e-9f}).after_top_p, 1);
}

TEST(Sample, TopPCountsWithinWhatTopKLeft) {
  // Of the 0.75 that top-k 2 leaves, token 2 has two thirds.
  EXPECT_EQ(sampled({.top_k = 2, .top_p = 0.6f}).after_top_p, 1);
  EXPECT_EQ(sampled({.top_k = 2, .top_p = 0.7f}).after_top_p, 2);
}

TEST(Sample, MinPKeepsWhatIsProbableEnoughBesideTheBest) {
  EXPECT_EQ(sampled({.min_p = 0.6f}).after_min_p, 1);
  EXPECT_EQ(sampled({.min_p = 0.4f}).after_min_p, 2);
  EXPECT_EQ(sampled({.min_p = 0.25f}).after_min_p, 3);
  EXPECT_EQ(sampled({.min_p = 0}).after_min_p, 4);
  EXPECT_EQ(sampled({.top_k = 1, .min_p = 0.1f}).after_min_p, 1);
  expect_near(sampled({.min_p = 0.4f}).filtered, {1.0 / 3, 0, 2.0 / 3, 0});
}

TEST(Sample, RepetitionIsPenalizedInThePromptToo) {
  const std::vector<float> logits = {2, -1, 3, 0.5f};
  const std::vector<int32_t> prompt = {0, 99}, generated = {1, 1};
  const auto stages = sample(logits, {.repetition_penalty = 2}, 0, {prompt, generated});
  ASSERT_TRUE(stages);
  EXPECT_EQ(stages->logits, logits);
  EXPECT_EQ(stages->penalized, (std::vector<float>{1, -2, 3, 0.5f}));
  EXPECT_EQ(stages->scaled, stages->penalized);
}

TEST(Sample, FrequencyAndPresenceCountOnlyWhatWasGenerated) {
  const std::vector<float> logits = {2, -1, 3, 0.5f};
  const std::vector<int32_t> prompt = {0}, generated = {2, 2, 3};
  const auto stages = sample(logits, {.frequency_penalty = 0.5f, .presence_penalty = 0.25f}, 0,
                             {prompt, generated});
  ASSERT_TRUE(stages);
  EXPECT_EQ(stages->penalized, (std::vector<float>{2, -1, 1.75f, -0.25f}));
}

TEST(Sample, PenaltiesChangeTheOrder) {
  const std::vector<int32_t> generated = {2};
  const auto stages =
      sample(kLogits, {.temperature = 0, .frequency_penalty = 5}, 0, {{}, generated});
  EXPECT_EQ(stages->token, 0);
  EXPECT_EQ(stages->order.back(), 2);
}

TEST(Sample, GreedyTakesTheMostProbableAndTheLowestIdAmongEquals) {
  const SamplingStages stages = sampled({.temperature = 0, .top_k = 3, .seed = 9});
  EXPECT_EQ(stages.token, 2);
  expect_near(stages.probabilities, {0.25, 0.10, 0.50, 0.15});
  EXPECT_EQ(stages.filtered, (std::vector<float>{0, 0, 1, 0}));
  EXPECT_EQ(sampled({.temperature = 0}, std::vector<float>{1, 7, 7, 7}).token, 1);
}

TEST(Sample, DrawsEachTokenAsOftenAsItsProbabilitySays) {
  std::vector<int> counts(4);
  constexpr int kDraws = 20'000;
  for (int step = 0; step < kDraws; ++step) {
    ++counts[static_cast<size_t>(sampled({.seed = 7}, kLogits, static_cast<uint64_t>(step)).token)];
  }
  const double expected[] = {0.25, 0.10, 0.50, 0.15};
  for (size_t id = 0; id < 4; ++id) {
    // Five standard deviations of a binomial count.
    const double sigma = std::sqrt(kDraws * expected[id] * (1 - expected[id]));
    EXPECT_NEAR(counts[id], kDraws * expected[id], 5 * sigma);
  }
}

TEST(Sample, TheDrawnNumberPicksTheToken) {
  // The draw falls into the interval of the token: the cumulated shares in order of probability.
  for (uint64_t step = 0; step < 100; ++step) {
    const SamplingStages stages = sampled({.top_k = 3}, kLogits, step);
    double below = 0;
    for (const int32_t id : stages.order) {
      if (id == stages.token) break;
      below += stages.filtered[static_cast<size_t>(id)];
    }
    EXPECT_GE(stages.draw, below - 1e-6);
    EXPECT_LT(stages.draw, below + stages.filtered[static_cast<size_t>(stages.token)] + 1e-6);
  }
}

TEST(Sample, OrdersAnyLogitsAndEqualsById) {
  std::vector<float> logits = {0.0f, -0.0f, -1e-40f, 1e-40f, -kInfinity, 3e38f, -3e38f, -1, 1, 1};
  EXPECT_EQ(sampled({}, logits).order, (std::vector<int32_t>{5, 8, 9, 3, 0, 1, 2, 7, 6, 4}));
  // Many, against a sort by comparison.
  logits.clear();
  for (int i = 0; i < 5000; ++i) logits.push_back(std::round(100 * std::sin(float(i * i))) / 7);
  std::vector<int32_t> expected(logits.size());
  std::iota(expected.begin(), expected.end(), 0);
  std::stable_sort(expected.begin(), expected.end(), [&](int32_t a, int32_t b) {
    return logits[static_cast<size_t>(a)] > logits[static_cast<size_t>(b)];
  });
  EXPECT_EQ(sampled({}, logits).order, expected);
}

TEST(SampleNext, SaysTheSameAsAllStages) {
  // Enough tokens that only the top is sorted, with many equals among them.
  std::vector<float> logits(5000);
  for (size_t i = 0; i < logits.size(); ++i) {
    logits[i] = std::round(40 * std::sin(static_cast<float>(i * i))) / 9;
  }
  logits[7] = -kInfinity;
  const SamplingOptions all[] = {{},
                                 {.temperature = 0},
                                 {.temperature = 0.2f, .seed = 3},
                                 {.temperature = 5, .seed = 4},
                                 {.top_k = 1},
                                 {.top_k = 70, .seed = 9},
                                 {.top_k = 4999, .seed = 1},
                                 {.top_p = 0.3f},
                                 {.top_p = 0.999f, .seed = 8},
                                 {.temperature = 2, .top_k = 900, .top_p = 0.8f, .seed = 5}};
  for (const SamplingOptions& options : all) {
    for (uint64_t step = 0; step < 20; ++step) {
      const SamplingStages stages = sampled(options, logits, step);
      const auto next = sample_next(logits, options, step, 12);
      ASSERT_TRUE(next.ok());
      const auto expect_same = [&](const Candidate& candidate, int32_t id) {
        const auto i = static_cast<size_t>(id);
        EXPECT_EQ(candidate.id, id);
        EXPECT_EQ(candidate.logit, stages.logits[i]);
        EXPECT_EQ(candidate.probability, stages.probabilities[i]);
        EXPECT_EQ(candidate.filtered, stages.filtered[i]);
      };
      expect_same(next->chosen, stages.token);
      ASSERT_EQ(next->candidates.size(), 12u);
      for (size_t i = 0; i < 12; ++i) expect_same(next->candidates[i], stages.order[i]);
    }
  }
}

TEST(SampleNext, GivesAtMostTheWholeVocabularyAndRefusesWhatSampleRefuses) {
  EXPECT_EQ(sample_next(kLogits, {}, 0, 99)->candidates.size(), 4u);
  EXPECT_EQ(sample_next(kLogits, {}, 0, 0)->candidates.size(), 0u);
  EXPECT_FALSE(sample_next(std::vector<float>{0, NAN}, {}, 0, 1).ok());
  EXPECT_FALSE(sample_next(std::vector<float>{1, 20}, {.temperature = 1e-38f}, 0, 1).ok());
}

TEST(Sample, NeverDrawsATokenThatIsRuledOut) {
  const std::vector<float> logits = {-kInfinity, 0, -kInfinity, -200};
  for (uint64_t step = 0; step < 50; ++step) EXPECT_EQ(sampled({}, logits, step).token, 1);
}

TEST(Sample, SurvivesAnyFiniteLogits) {
  const float largest = std::numeric_limits<float>::max();
  const SamplingStages stages = sampled({}, std::vector<float>{largest, -largest, largest});
  expect_near(stages.probabilities, {0.5, 0, 0.5});
}

TEST(Sample, RefusesLogitsThatAreNotNumbers) {
  for (const auto& logits : {std::vector<float>{0, NAN}, std::vector<float>{kInfinity, 0},
                             std::vector<float>{-kInfinity, -kInfinity}}) {
    const auto stages = sample(logits, {}, 0);
    ASSERT_FALSE(stages.ok());
    EXPECT_EQ(stages.error().code, ErrorCode::bad_logits);
  }
}

TEST(Sample, RefusesATemperatureThatMakesTheLogitsOverflow) {
  const auto stages = sample(kLogits, {.temperature = 1e-45f}, 0);
  ASSERT_FALSE(stages.ok());
  EXPECT_EQ(stages.error().code, ErrorCode::bad_option);
}

TEST(CheckSampling, NamesTheOptionThatIsOutOfRange) {
  EXPECT_TRUE(check_sampling({}).ok());
  const std::pair<SamplingOptions, const char*> refused[] = {
      {{.temperature = -0.1f}, "temperature"},
      {{.temperature = NAN}, "temperature"},
      {{.temperature = kInfinity}, "temperature"},
      {{.top_k = -1}, "top_k"},
      {{.top_p = 0}, "top_p"},
      {{.top_p = 1.1f}, "top_p"},
      {{.top_p = NAN}, "top_p"}};
  for (const auto& [options, name] : refused) {
    const Status status = check_sampling(options);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().message.find(name), 0u) << status.error().message;
  }
}

TEST(UniformDraw, IsSplitMix64) {
  // The generator's published first outputs for the seed 1234567 (Vigna's splitmix64.c).
  const uint64_t published[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                4593380528125082431u, 16408922859458223821u};
  for (uint64_t step = 0; step < 5; ++step) {
    EXPECT_EQ(uniform_draw(1234567, step), static_cast<double>(published[step] >> 11) * 0x1.0p-53);
  }
}

}  // namespace
}  // namespace glassformer
