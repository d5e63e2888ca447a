// tokenize and detokenize: neither needs the weights.
#include <nlohmann/json.hpp>

#include "core/json_text.h"
#include "tools/cli/files.h"
#include "tools/cli/model_folder.h"
#include "tools/cli/verbs.h"

namespace glassformer::cli {
namespace {

using nlohmann::json;

// A piece can be a part of a character; what is not UTF-8 becomes U+FFFD, because JSON is.
std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

Status tokenize(const Arguments& arguments) {
  const Result<Tokenizer> tokenizer = load_tokenizer(arguments.operand(0));
  if (!tokenizer) return tokenizer.error();
  const Result<std::string> text = read_standard_input();
  if (!text) return text.error();
  const Result<std::vector<int32_t>> ids = tokenizer->encode(*text, arguments.has("--special"));
  if (!ids) return Error{ids.error().code, "standard input: " + ids.error().message};
  json output = json::array();
  for (const int32_t id : *ids) {
    if (arguments.has("--text")) {
      output.push_back({id, std::string(tokenizer->bytes_of(id))});
    } else {
      output.push_back(id);
    }
  }
  return write_standard_output(dumped(output));
}

Status detokenize(const Arguments& arguments) {
  const Result<Tokenizer> tokenizer = load_tokenizer(arguments.operand(0));
  if (!tokenizer) return tokenizer.error();
  const Result<std::string> text = read_standard_input();
  if (!text) return text.error();
  const Result<json> parsed = parse_json(*text, "standard input", ErrorCode::bad_tokens);
  if (!parsed) return parsed.error();
  const auto refuse = [](const std::string& what) {
    return Error{ErrorCode::bad_tokens, "standard input: " + what};
  };
  if (!parsed->is_array()) return refuse("is not a JSON array of token ids");
  std::vector<int32_t> ids;
  for (const json& id : *parsed) {
    const bool too_large =
        id.is_number_unsigned() && id.get<uint64_t>() > static_cast<uint64_t>(INT32_MAX);
    if (!id.is_number_integer() || too_large || id.get<int64_t>() < INT32_MIN) {
      return refuse("element " + std::to_string(ids.size()) + " is not a token id");
    }
    ids.push_back(id.get<int32_t>());
  }
  const Result<std::string> bytes = tokenizer->decode(ids);
  if (!bytes) return refuse(bytes.error().message);
  return write_standard_output(*bytes);
}

}  // namespace glassformer::cli
