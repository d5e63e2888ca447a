#include "core/merge_rules.h"

#include <optional>
#include <string>
#include <utility>

#include "core/quote.h"

namespace glassformer {
namespace {

using nlohmann::json;

Error bad(const std::string& place, const std::string& what) {
  return {ErrorCode::bad_tokenizer, place + what};
}

struct Pair {
  std::string_view left;
  std::string_view right;
};

// The two tokens of "left right". No token has a space: it is spelled "Ġ".
std::optional<Pair> split_pair(std::string_view line) {
  const size_t space = line.find(' ');
  if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return Pair{line.substr(0, space), line.substr(space + 1)};
}

// Where a rule stands; written only where something is wrong with it, for there are tens of
// thousands.
struct Place {
  const char* list;
  size_t number;
  const char* end;

  std::string text() const { return list + std::to_string(number) + end; }
};

Result<MergeRule> make_rule(const Pair& pair, const Place& place, const Vocabulary& vocabulary) {
  const int32_t left = vocabulary.id_of(pair.left);
  const int32_t right = vocabulary.id_of(pair.right);
  if (left < 0 || right < 0) {
    return bad(place.text(), ": " + quoted(left < 0 ? pair.left : pair.right) +
                                 " is not a token of " + vocabulary.place());
  }
  std::string product(pair.left);
  product += pair.right;
  const int32_t id = vocabulary.id_of(product);
  if (id < 0) {
    return bad(place.text(), ": " + quoted(pair.left) + " and " + quoted(pair.right) + " make " +
                                 quoted(product) + ", which is not a token of " +
                                 vocabulary.place());
  }
  return MergeRule{left, right, id};
}

Result<MergeRule> parse_line(std::string_view line, const Place& place,
                             const Vocabulary& vocabulary) {
  const std::optional<Pair> pair = split_pair(line);
  if (!pair || pair->left.empty() || pair->right.empty()) {
    return bad(place.text(), ": " + quoted(line) + " is not two tokens");
  }
  return make_rule(*pair, place, vocabulary);
}

Result<MergeRule> parse_element(const json& element, const Place& place,
                                const Vocabulary& vocabulary) {
  if (element.is_string()) {
    return parse_line(element.get_ref<const std::string&>(), place, vocabulary);
  }
  const bool two_strings =
      element.is_array() && element.size() == 2 && element[0].is_string() && element[1].is_string();
  if (!two_strings) return bad(place.text(), " is not two tokens");
  return make_rule(
      {element[0].get_ref<const std::string&>(), element[1].get_ref<const std::string&>()}, place,
      vocabulary);
}

// The text up to the next line end, which is removed from `text` with it.
std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

Result<std::vector<MergeRule>> parse_merges_txt(std::string_view text,
                                                const Vocabulary& vocabulary) {
  if (text.empty()) return bad("merges.txt", " is empty");
  text = text.substr(0, text.find_last_not_of("\r\n") + 1);  // npos + 1 == 0
  std::vector<MergeRule> rules;
  for (size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (number == 1 && line.starts_with("#version")) continue;
    const Place place{"merges.txt line ", number, ""};
    Result<MergeRule> rule = parse_line(line, place, vocabulary);
    if (!rule) return rule.error();
    rules.push_back(*rule);
  }
  return rules;
}

Result<std::vector<MergeRule>> parse_merges_array(const json& value, const Vocabulary& vocabulary) {
  if (!value.is_array()) return bad("tokenizer.json", " model.merges is not an array");
  std::vector<MergeRule> rules;
  rules.reserve(value.size());
  for (const json& element : value) {
    const Place place{"tokenizer.json model.merges[", rules.size(), "]"};
    Result<MergeRule> rule = parse_element(element, place, vocabulary);
    if (!rule) return rule.error();
    rules.push_back(*rule);
  }
  return rules;
}

}  // namespace glassformer
