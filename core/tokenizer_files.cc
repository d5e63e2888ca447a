#include "core/tokenizer_files.h"

#include <string>
#include <utility>
#include <vector>

#include "core/json_text.h"
#include "core/merge_rules.h"
#include "core/quote.h"
#include "core/vocabulary.h"

namespace glassformer {
namespace {

using nlohmann::json;

bool looks_special(std::string_view spelling) {
  return spelling.size() > 4 && spelling.starts_with("<|") && spelling.ends_with("|>");
}

Result<std::vector<AddedToken>> find_special_tokens(const Vocabulary& vocabulary,
                                                    const std::vector<MergeRule>& rules) {
  std::vector<bool> merged(vocabulary.size());
  for (const MergeRule& rule : rules) merged[static_cast<size_t>(rule.product)] = true;
  std::vector<AddedToken> special;
  for (size_t id = 0; id < vocabulary.size(); ++id) {
    const std::string_view spelling = vocabulary.spelling_of(static_cast<int32_t>(id));
    if (merged[id] || !looks_special(spelling)) continue;
    if (spelling.size() > kMaxAddedTokenBytes) {
      return Error{ErrorCode::bad_tokenizer, vocabulary.place() + ": the special token " +
                                                 quoted(spelling) + " is longer than " +
                                                 std::to_string(kMaxAddedTokenBytes) + " bytes"};
    }
    special.push_back({std::string(spelling), static_cast<int32_t>(id), true});
  }
  return special;
}

}  // namespace

Result<TokenizerDefinition> parse_vocab_and_merges(std::string_view vocab_json,
                                                   std::string_view merges_txt) {
  if (vocab_json.empty()) return Error{ErrorCode::bad_tokenizer, "vocab.json is empty"};
  Result<json> parsed = parse_json(vocab_json, "vocab.json", ErrorCode::bad_tokenizer);
  if (!parsed) return parsed.error();
  Result<Vocabulary> vocabulary = Vocabulary::from_json(*parsed, "vocab.json");
  if (!vocabulary) return vocabulary.error();
  Result<std::vector<MergeRule>> rules = parse_merges_txt(merges_txt, *vocabulary);
  if (!rules) return rules.error();
  Result<std::vector<AddedToken>> special = find_special_tokens(*vocabulary, *rules);
  if (!special) return special.error();
  return make_definition(*vocabulary, *rules, std::move(*special));
}

}  // namespace glassformer
