#include <string>
#include <utility>
#include <vector>

#include "core/json_text.h"
#include "core/merge_rules.h"
#include "core/quote.h"
#include "core/tokenizer_files.h"
#include "core/vocabulary.h"

namespace glassformer {
namespace {

using nlohmann::json;

Error bad(const std::string& what) { return {ErrorCode::bad_tokenizer, "tokenizer.json " + what}; }

// The member, or null where there is none: absent settings and null ones mean the same here.
const json& member(const json& object, const char* name) {
  static const json null;
  const auto found = object.find(name);
  return found == object.end() ? null : *found;
}

// A setting's value for messages. Arrays and objects, which can be long, only by their kind.
std::string describe(const json& value) {
  if (value.is_string()) return quoted(value.get_ref<const std::string&>());
  return value.is_primitive() ? primitive_text(value) : value.type_name();
}

bool is_off(const json& value) {
  return value.is_null() || value == json(false) || value == json("") || value == json(0.0);
}

// Whether `object` has no member but those in `known`. `place` is empty for the whole file.
Status check_members(const json& object, const std::string& place,
                     std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : object.items()) {
    bool is_known = false;
    for (const std::string_view candidate : known) is_known = is_known || name == candidate;
    if (!is_known)
      return bad(place + (place.empty() ? "" : " ") + "has an unknown setting, " + quoted(name));
  }
  return {};
}

// Whether a part of the pipeline is ByteLevel, the only kind that GPT-2 has.
Status check_byte_level(const json& part, const std::string& place) {
  if (!part.is_object()) return bad(place + " is not ByteLevel");
  const json& type = member(part, "type");
  if (type != json("ByteLevel"))
    return bad(place + " is " + describe(type) + ", not \"ByteLevel\"");
  return check_members(part, place, {"type", "add_prefix_space", "trim_offsets", "use_regex"});
}

Result<bool> parse_pre_tokenizer(const json& part) {
  if (Status status = check_byte_level(part, "pre_tokenizer"); !status) return status.error();
  const json& use_regex = member(part, "use_regex");
  if (!use_regex.is_null() && use_regex != json(true)) {
    return bad("pre_tokenizer.use_regex is " + describe(use_regex) + ", not true");
  }
  const json& add_prefix_space = member(part, "add_prefix_space");
  // Hugging Face's default is true, but it never leaves the setting out.
  if (!add_prefix_space.is_boolean()) {
    return bad("pre_tokenizer.add_prefix_space is " + describe(add_prefix_space) +
               ", not true or false");
  }
  return add_prefix_space.get<bool>();
}

Status check_pipeline(const json& root) {
  Status status = check_members(root, "",
                                {"version", "truncation", "padding", "added_tokens", "normalizer",
                                 "pre_tokenizer", "post_processor", "decoder", "model"});
  if (!status) return status;
  const json& normalizer = member(root, "normalizer");
  if (!normalizer.is_null()) {
    const json& type = normalizer.is_object() ? member(normalizer, "type") : normalizer;
    return bad("normalizer is " + describe(type) + ", not null");
  }
  for (const char* name : {"post_processor", "decoder"}) {
    const json& part = member(root, name);
    if (part.is_null()) continue;
    if (status = check_byte_level(part, name); !status) return status;
  }
  return {};
}

Status check_model(const json& model) {
  if (!model.is_object()) return bad("model is not an object");
  const json& type = member(model, "type");  // absent in files of 2019 and 2020
  if (!type.is_null() && type != json("BPE")) {
    return bad("model.type is " + describe(type) + ", not \"BPE\"");
  }
  Status status =
      check_members(model, "model",
                    {"type", "vocab", "merges", "unk_token", "fuse_unk", "dropout", "byte_fallback",
                     "ignore_merges", "continuing_subword_prefix", "end_of_word_suffix"});
  if (!status) return status;
  // unk_token and fuse_unk change nothing: every byte has a token, so none is unknown.
  for (const char* name : {"dropout", "byte_fallback", "ignore_merges", "continuing_subword_prefix",
                           "end_of_word_suffix"}) {
    const json& value = member(model, name);
    if (!is_off(value)) {
      return bad(std::string("model.") + name + " is " + describe(value) +
                 ", which GPT-2 does not have");
    }
  }
  return {};
}

// One element of added_tokens; a token that the vocabulary lacks is added to it.
Result<AddedToken> parse_added_token(const json& element, const std::string& place,
                                     size_t token_count, Vocabulary& vocabulary) {
  if (!element.is_object() || !member(element, "content").is_string()) {
    return bad(place + " is not a token with a \"content\"");
  }
  Status status =
      check_members(element, place,
                    {"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"});
  if (!status) return status.error();
  const auto& text = member(element, "content").get_ref<const std::string&>();
  if (text.empty() || text.size() > kMaxAddedTokenBytes) {
    return bad(place + ", " + quoted(text) + ", is not 1 to " +
               std::to_string(kMaxAddedTokenBytes) + " bytes long");
  }
  for (const char* name : {"single_word", "lstrip", "rstrip"}) {
    const json& value = member(element, name);
    if (!is_off(value)) {
      return bad(place + "." + name + " is " + describe(value) + ", not false");
    }
  }
  const json& special = member(element, "special");
  if (!special.is_null() && !special.is_boolean()) {
    return bad(place + ".special is " + describe(special) + ", not true or false");
  }

  const json& id = member(element, "id");
  int32_t known = vocabulary.id_of(text);
  if (known < 0) {
    status = vocabulary.add(text, id, token_count);
    if (!status) return status.error();
    known = vocabulary.id_of(text);
  } else if (id != json(known)) {
    return bad(place + ": the id of " + quoted(text) + " is " + describe(id) + ", but " +
               std::to_string(known) + " in model.vocab");
  }
  return AddedToken{text, known, special.is_boolean() && special.get<bool>()};
}

Result<std::vector<AddedToken>> parse_added_tokens(const json& list, Vocabulary& vocabulary) {
  std::vector<AddedToken> tokens;
  if (list.is_null()) return tokens;
  if (!list.is_array()) return bad("added_tokens is not an array");
  const size_t token_count = vocabulary.size() + list.size();
  std::vector<bool> seen(token_count + static_cast<size_t>(kMaxUnusedIds));
  for (const json& element : list) {
    const std::string place = "added_tokens[" + std::to_string(tokens.size()) + "]";
    Result<AddedToken> token = parse_added_token(element, place, token_count, vocabulary);
    if (!token) return token.error();
    const auto id = static_cast<size_t>(token->id);
    if (seen[id]) return bad(place + " repeats the token " + quoted(token->text));
    seen[id] = true;
    tokens.push_back(std::move(*token));
  }
  return tokens;
}

}  // namespace

Result<TokenizerDefinition> parse_tokenizer_json(std::string_view text) {
  if (text.empty()) return bad("is empty");
  Result<json> parsed = parse_json(text, "tokenizer.json", ErrorCode::bad_tokenizer);
  if (!parsed) return parsed.error();
  const json& root = *parsed;
  if (!root.is_object()) return bad("is not an object");
  if (Status status = check_pipeline(root); !status) return status.error();
  const json& model = member(root, "model");
  if (Status status = check_model(model); !status) return status.error();
  Result<bool> add_prefix_space = parse_pre_tokenizer(member(root, "pre_tokenizer"));
  if (!add_prefix_space) return add_prefix_space.error();

  Result<Vocabulary> vocabulary =
      Vocabulary::from_json(member(model, "vocab"), "tokenizer.json model.vocab");
  if (!vocabulary) return vocabulary.error();
  Result<std::vector<MergeRule>> rules = parse_merges_array(member(model, "merges"), *vocabulary);
  if (!rules) return rules.error();
  Result<std::vector<AddedToken>> added =
      parse_added_tokens(member(root, "added_tokens"), *vocabulary);
  if (!added) return added.error();

  TokenizerDefinition definition = make_definition(*vocabulary, *rules, std::move(*added));
  definition.add_prefix_space = *add_prefix_space;
  return definition;
}

}  // namespace glassformer
