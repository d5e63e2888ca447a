// Matching of names that people type.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace glassformer {

// Whether the whole text matches a pattern in which * stands for any characters and ? for one.
// Linear in practice, never exponential.
bool glob_match(std::string_view pattern, std::string_view text);

// The candidate with the smallest edit distance (Levenshtein 1966); empty where there are none.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

}  // namespace glassformer
