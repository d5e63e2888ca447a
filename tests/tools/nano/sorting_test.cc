#include "tools/nano/sorting.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/models.h"
#include "tools/nano/adam.h"
#include "tools/nano/evaluate.h"

namespace glassformer::nano {
namespace {

using Ids = std::vector<int32_t>;

TEST(Sorting, WritesThePromptThenItSortedThenTheEnd) {
  EXPECT_EQ(Sorting().text(Ids{2, 0, 3, 0}), (Ids{2, 0, 3, 0, 26, 0, 0, 2, 3, 27}));
  EXPECT_EQ(Sorting().text(Ids(10, 25)).size(), static_cast<size_t>(Sorting().n_positions()));
}

TEST(Sorting, SpellsEachTokenOnce) {
  const std::vector<std::string> spellings = Sorting().spellings();
  EXPECT_EQ(spellings.size(), static_cast<size_t>(Sorting().vocab_size()));
  EXPECT_EQ(std::set(spellings.begin(), spellings.end()).size(), spellings.size());
  EXPECT_EQ(spellings[25] + spellings[26] + spellings[27], "Z=<|endoftext|>");
}

TEST(Sorting, DrawsPromptsOfSoManyLetters) {
  Random random(1);
  for (int round = 0; round < 100; ++round) {
    const Ids prompt = Sorting().draw(random, 9, 3);
    EXPECT_EQ(prompt.size(), 9u);
    EXPECT_LE(std::set(prompt.begin(), prompt.end()).size(), 3u);
    for (const int32_t letter : prompt) EXPECT_TRUE(letter >= 0 && letter < 26);
  }
}

TEST(Sorting, HoldsOutASixteenthOfThePrompts) {
  Random random(2);
  int held_out = 0;
  for (int i = 0; i < 16'000; ++i) {
    held_out += Sorting::is_held_out(Sorting().draw(random, 8, 26)) ? 1 : 0;
  }
  EXPECT_NEAR(held_out, 1000, 100);
}

TEST(LearningRate, RisesThenFallsToNone) {
  EXPECT_DOUBLE_EQ(learning_rate(0.5, 0, 10, 110), 0.05);
  EXPECT_DOUBLE_EQ(learning_rate(0.5, 9, 10, 110), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate(0.5, 10, 10, 110), 0.5);
  EXPECT_NEAR(learning_rate(0.5, 60, 10, 110), 0.25, 1e-12);
  EXPECT_LT(learning_rate(0.5, 109, 10, 110), 1e-3);
}

// The model card's claim, on fewer prompts.
TEST(Nano, SortsPromptsThatItWasNotTrainedOn) {
  const Model model = testing_support::load_model("weights/nano");
  for (const int kinds : {26, 3}) {
    int sorted = 0;
    for (int length = 1; length <= 8; ++length) {
      sorted += *count_sorted(model, Sorting(), length, kinds, 100, 1);
    }
    EXPECT_GE(sorted, 792) << kinds << " letters";
  }
}

}  // namespace
}  // namespace glassformer::nano
