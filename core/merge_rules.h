// The lists of merges of both tokenizer formats, checked against the vocabulary.
// Include this from .cc files only: it brings in nlohmann/json.hpp.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "core/bpe.h"
#include "core/result.h"
#include "core/vocabulary.h"

namespace glassformer {

// Both refuse (bad_tokenizer), by line or index, a rule that is not two tokens of the vocabulary
// whose concatenation is a token too.

// merges.txt: a rule "left right" on each line, most important first; the first line may be a
// "#version" comment; lines end in \n or \r\n, and empty ones at the end do not count.
Result<std::vector<MergeRule>> parse_merges_txt(std::string_view text,
                                                const Vocabulary& vocabulary);

// tokenizer.json's model.merges: an array of "left right" or, in newer files, ["left", "right"].
Result<std::vector<MergeRule>> parse_merges_array(const nlohmann::json& value,
                                                  const Vocabulary& vocabulary);

}  // namespace glassformer
