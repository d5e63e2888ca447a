// Work on several threads: every part once, and the same numbers however many there are.
#include "core/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "core/model.h"
#include "tests/support/models.h"

namespace glassformer {
namespace {

using namespace testing_support;

class Threads : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { set_thread_count(GetParam()); }
  void TearDown() override { set_thread_count(1); }
};

TEST_P(Threads, DoEveryPartOnce) {
  for (int repetition = 0; repetition < 500; ++repetition) {
    std::vector<std::atomic<int>> times(1 + repetition % 40);
    parallel_parts(static_cast<int>(times.size()), [&](int part) { ++times[part]; });
    for (const std::atomic<int>& count : times) ASSERT_EQ(count, 1);
  }
}

TEST_P(Threads, CoverARangeWithoutGapOrOverlap) {
  for (const int64_t count : {0, 1, 7, 64, 1001}) {
    for (const int64_t smallest : {0, 1, 10, 5000}) {
      std::vector<std::atomic<int>> times(count);
      parallel_ranges(count, smallest, [&](int64_t begin, int64_t end) {
        if (end - begin < smallest) {
          EXPECT_EQ(end - begin, count);
        }
        for (int64_t i = begin; i < end; ++i) ++times[i];
      });
      for (const std::atomic<int>& n : times) ASSERT_EQ(n, 1);
    }
  }
}

TEST_P(Threads, SplitWorkWithinWorkAlone) {
  std::atomic<int> sum = 0;
  parallel_parts(6, [&](int) { parallel_parts(5, [&](int part) { sum += part; }); });
  EXPECT_EQ(sum, 6 * 10);
}

TEST_P(Threads, ServeSeveralCallers) {
  std::atomic<int> sum = 0;
  const auto call = [&] {
    for (int i = 0; i < 200; ++i) parallel_parts(4, [&](int part) { sum += part; });
  };
  std::thread other(call);
  call();
  other.join();
  EXPECT_EQ(sum, 2 * 200 * 6);
}

TEST_P(Threads, SleepAndWakeUp) {
  for (int i = 0; i < 3; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::atomic<int> sum = 0;
    parallel_parts(8, [&](int part) { sum += part; });
    EXPECT_EQ(sum, 28);
  }
}

// 2: as a machine with two cores; 5: more than there are heads for and cores.
INSTANTIATE_TEST_SUITE_P(Counts, Threads, testing::Values(1, 2, 5));

class SameNumbers : public testing::TestWithParam<Storage> {};

TEST_P(SameNumbers, WhateverTheThreadCount) {
  const Model model = load_model("weights/stories", GetParam());
  std::vector<int32_t> tokens(120);
  for (size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<int32_t>(i * 37 % 1000);
  RunOptions options{.names = {"*", "*hook_result"}};
  options.logits = LogitRows::all;
  const auto values = [&](int threads) {
    set_thread_count(threads);
    Result<KvCache> cache = KvCache::create(model.config);
    Result<ForwardPass> pass = run(model, *cache, tokens, options);
    std::vector<float> all;
    for (const Trace::Entry& entry : pass->trace().entries()) {
      all.insert(all.end(), entry.tensor.span().begin(), entry.tensor.span().end());
    }
    set_thread_count(1);
    return all;
  };
  const std::vector<float> alone = values(1);
  EXPECT_EQ(alone, values(2));
  EXPECT_EQ(alone, values(3));
}

INSTANTIATE_TEST_SUITE_P(Storages, SameNumbers, testing::Values(Storage::f32, Storage::q8));

}  // namespace
}  // namespace glassformer
