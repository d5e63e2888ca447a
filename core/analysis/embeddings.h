// Directions in the space that tokens are embedded in.
#pragma once

#include <cstdint>
#include <vector>

#include "core/analysis/work.h"
#include "core/model.h"

namespace glassformer {

// Which matrix [V,C] gives each token its direction: the one that reads it or the one that predicts
// it. They are the same where tied.
enum class TokenSpace { input, output };

// A token's row [C].
Result<std::vector<float>> token_direction(const Model& model, TokenSpace space, int32_t token);

struct WeightedToken {
  int32_t token = 0;
  double weight = 1;
};

// The weighted sum [C] of tokens' rows: king - man + woman (Mikolov et al. 2013, section 4).
Result<std::vector<float>> combine_tokens(const Model& model, TokenSpace space,
                                          std::span<const WeightedToken> tokens);

struct NearestOptions {
  TokenSpace space = TokenSpace::input;
  bool cosine = true;  // else the dot product
  int top = 10;
  std::vector<int32_t> exclude;  // tokens that are not listed
};

struct NearToken {
  int32_t id = 0;
  double similarity = 0;
};

// The tokens whose rows are most similar to the vector [C], the most similar first, equals by id. A
// row of zeros has cosine 0. bad_option for a vector of another width, or that is zero where the
// cosine is asked for, or not finite.
Work<std::vector<NearToken>> nearest_tokens(const Model& model, std::vector<float> vector,
                                            NearestOptions options);

}  // namespace glassformer
