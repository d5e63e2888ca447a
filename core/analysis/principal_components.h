// Principal component analysis (Pearson 1901; as in Jolliffe 2002, section 3.1): the directions in
// which vectors differ most.
#pragma once

#include <vector>

#include "core/analysis/work.h"
#include "core/tensor.h"

namespace glassformer {

struct PrincipalComponents {
  std::vector<float> mean;         // [D]
  std::vector<float> components;   // [K,D], of length 1, orthogonal; the largest entry is positive
  std::vector<float> coordinates;  // [N,K]: (x - mean) . component
  std::vector<float> explained;    // [K]: the share of the variance along each component
};

// The larger of the two sides is summed over; the smaller must not exceed this.
inline constexpr int64_t kMostPrincipal = 2048;

// Of the rows of N vectors of D numbers, in double. bad_option unless there are at least two rows,
// all numbers are finite, and 1 <= K <= min(N,D).
Work<PrincipalComponents> principal_components(std::vector<float> vectors, int64_t D, int K);

}  // namespace glassformer
