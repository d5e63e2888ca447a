#include "core/tokenizer_definition.h"

#include <utility>

#include "core/byte_level.h"
#include "core/vocabulary.h"

namespace glassformer {

TokenizerDefinition make_definition(const Vocabulary& vocabulary, std::span<const MergeRule> rules,
                                    std::vector<AddedToken> added_tokens) {
  TokenizerDefinition definition;
  definition.token_bytes.resize(vocabulary.size());
  for (size_t id = 0; id < vocabulary.size(); ++id) {
    const std::string_view spelling = vocabulary.spelling_of(static_cast<int32_t>(id));
    definition.token_bytes[id] = byte_level_decode(spelling).value_or(std::string(spelling));
  }
  for (const AddedToken& token : added_tokens) {
    definition.token_bytes[static_cast<size_t>(token.id)] = token.text;
  }
  definition.byte_ids = vocabulary.byte_ids();
  definition.merges = MergeTable(rules, vocabulary.size());
  definition.added_tokens = std::move(added_tokens);
  return definition;
}

}  // namespace glassformer
