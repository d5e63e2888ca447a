// How well a model sorts, asked of core itself.
#pragma once

#include "core/model.h"
#include "tools/nano/sorting.h"

namespace glassformer::nano {

// Of `count` held-out prompts of `length` letters, of `kinds` different ones at most, how many the
// model continues greedily by exactly the sorted letters and the end. Fails as core's run does.
Result<int> count_sorted(const Model& model, const Sorting& task, int length, int kinds, int count,
                         uint64_t seed);

}  // namespace glassformer::nano
