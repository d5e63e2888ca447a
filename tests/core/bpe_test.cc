#include "core/bpe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace glassformer {
namespace {

using Ids = std::vector<int32_t>;
using Rules = std::vector<MergeRule>;

Ids merge(const Rules& rules, Ids ids, size_t first = 0) {
  const MergeTable table(rules, 100);
  BpeMerger(table).merge(ids, first);
  return ids;
}

// Encoder.bpe of GPT-2's encoder.py, as it stands there: find the pair of lowest rank, replace all
// its occurrences from left to right, start again.
Ids merge_naively(const Rules& rules, Ids ids) {
  std::map<std::pair<int32_t, int32_t>, std::pair<size_t, int32_t>> ranks;
  for (size_t rank = 0; rank < rules.size(); ++rank) {
    ranks[{rules[rank].left, rules[rank].right}] = {rank, rules[rank].product};
  }
  while (true) {
    auto best = ranks.end();
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      const auto found = ranks.find({ids[i], ids[i + 1]});
      if (found == ranks.end()) continue;
      if (best == ranks.end() || found->second.first < best->second.first) best = found;
    }
    if (best == ranks.end()) return ids;
    Ids merged;
    for (size_t i = 0; i < ids.size(); ++i) {
      if (i + 1 < ids.size() && best->first == std::pair(ids[i], ids[i + 1])) {
        merged.push_back(best->second.second);
        ++i;
      } else {
        merged.push_back(ids[i]);
      }
    }
    ids = merged;
  }
}

TEST(MergeTable, FindsEachRuleWithItsRankAndNoOther) {
  const MergeTable table(Rules{{5, 1, 10}, {5, 0, 11}, {2, 5, 12}}, 20);
  ASSERT_NE(table.find(5, 0), nullptr);
  EXPECT_EQ(table.find(5, 0)->product, 11);
  EXPECT_EQ(table.find(5, 0)->rank, 1u);
  EXPECT_EQ(table.find(5, 1)->rank, 0u);
  EXPECT_EQ(table.find(2, 5)->product, 12);
  EXPECT_EQ(table.find(5, 2), nullptr);
  EXPECT_EQ(table.find(0, 5), nullptr);
  EXPECT_EQ(table.find(19, 19), nullptr);
}

TEST(MergeTable, LetsTheLaterOfTwoRulesForOnePairCount) {
  const MergeTable table(Rules{{1, 2, 10}, {3, 4, 11}, {1, 2, 10}}, 20);
  EXPECT_EQ(table.find(1, 2)->rank, 2u);
}

TEST(MergeTable, MayBeEmpty) { EXPECT_EQ(MergeTable(Rules{}, 1).find(0, 0), nullptr); }

TEST(BpeMerger, LeavesWordsOfNoOrOneTokenAlone) {
  EXPECT_EQ(merge({{1, 1, 10}}, {}), (Ids{}));
  EXPECT_EQ(merge({{1, 1, 10}}, {1}), (Ids{1}));
}

TEST(BpeMerger, LeavesTokensThatDoNotMergeAlone) {
  EXPECT_EQ(merge({{1, 2, 10}}, {2, 1, 1}), (Ids{2, 1, 1}));
}

TEST(BpeMerger, AppliesTheRuleOfLowestRankFirst) {
  EXPECT_EQ(merge({{2, 3, 10}, {1, 2, 11}}, {1, 2, 3}), (Ids{1, 10}));
  EXPECT_EQ(merge({{1, 2, 11}, {2, 3, 10}}, {1, 2, 3}), (Ids{11, 3}));
}

TEST(BpeMerger, AppliesARuleFromLeftToRight) {
  EXPECT_EQ(merge({{1, 1, 10}}, {1, 1, 1}), (Ids{10, 1}));
  EXPECT_EQ(merge({{1, 1, 10}}, {1, 1, 1, 1, 1}), (Ids{10, 10, 1}));
}

TEST(BpeMerger, MergesWhatMergesHaveMade) {
  EXPECT_EQ(merge({{1, 1, 10}, {10, 10, 11}, {11, 1, 12}}, {1, 1, 1, 1, 1}), (Ids{12}));
}

TEST(BpeMerger, MergesAPairEverywhereBeforeALowerRankThatThisMadePossible) {
  // No training gives such a list: rule 0 needs what rule 1 makes.
  const Rules rules = {{10, 1, 11}, {1, 2, 10}};
  EXPECT_EQ(merge(rules, {1, 2, 1, 2}), (Ids{10, 10}));
  EXPECT_EQ(merge(rules, {1, 2, 1}), (Ids{11}));
}

TEST(BpeMerger, LeavesTheIdsBeforeTheWordAlone) {
  EXPECT_EQ(merge({{1, 2, 10}}, {1, 2, 1, 2}, 2), (Ids{1, 2, 10}));
}

TEST(BpeMerger, StartsAfreshWithEachWord) {
  const MergeTable table(Rules{{1, 2, 10}}, 20);
  BpeMerger merger(table);
  Ids ids = {1, 2, 1, 2, 3, 1};
  merger.merge(ids, 0);
  EXPECT_EQ(ids, (Ids{10, 10, 3, 1}));
  ids = {3, 1, 2};
  merger.merge(ids, 0);
  EXPECT_EQ(ids, (Ids{3, 10}));
}

TEST(BpeMerger, EqualsTheNaiveAlgorithmOnRandomRulesAndWords) {
  std::mt19937 random(20190214);
  const auto below = [&random](int n) {
    return static_cast<int32_t>(random() % static_cast<uint32_t>(n));
  };
  for (int round = 0; round < 2000; ++round) {
    // Few letters and many rules make overlapping merges frequent. Half of the lists are in an
    // order that training could have produced; the others are shuffled.
    const int letters = 1 + below(4);
    Rules rules;
    for (int id = letters; id < letters + 12; ++id) rules.push_back({below(id), below(id), id});
    if (round % 2 == 1) std::shuffle(rules.begin(), rules.end(), random);
    Ids word(static_cast<size_t>(below(60)));
    for (int32_t& id : word) id = below(letters);
    ASSERT_EQ(merge(rules, word), merge_naively(rules, word)) << "round " << round;
  }
}

}  // namespace
}  // namespace glassformer
