// What the files of a tokenizer define, checked and ready to use.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/added_tokens.h"
#include "core/bpe.h"

namespace glassformer {

class Vocabulary;

struct TokenizerDefinition {
  std::vector<std::string> token_bytes;  // by id; empty where no token has the id
  std::array<int32_t, 256> byte_ids{};   // the token of each byte; -1 where there is none
  MergeTable merges;
  std::vector<AddedToken> added_tokens;
  bool add_prefix_space = false;  // a text that does not start with a space gets one
};

// The bytes of a token are what its spelling stands for in the byte-level alphabet; of an added
// token, and of one that no bytes are spelled as and so no merge can reach, its spelling itself.
TokenizerDefinition make_definition(const Vocabulary& vocabulary, std::span<const MergeRule> rules,
                                    std::vector<AddedToken> added_tokens);

}  // namespace glassformer
