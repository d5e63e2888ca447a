// The two formats in which a tokenizer comes.
#pragma once

#include <string_view>

#include "core/result.h"
#include "core/tokenizer_definition.h"

namespace glassformer {

// Each refuses (bad_tokenizer) with a sentence that starts with the file's name.

// vocab.json and merges.txt. Nothing there says which tokens are special: it is those of the form
// <|...|> that no merge makes.
Result<TokenizerDefinition> parse_vocab_and_merges(std::string_view vocab_json,
                                                   std::string_view merges_txt);

// Hugging Face's tokenizer.json. Its truncation and padding settings, which are about batches, are
// ignored; everything else that would change an id and is not GPT-2's is refused by name.
Result<TokenizerDefinition> parse_tokenizer_json(std::string_view text);

}  // namespace glassformer
