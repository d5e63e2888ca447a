#include "tools/cli/run_input.h"

#include "core/weight_edits.h"
#include "tools/cli/files.h"
#include "tools/cli/model_folder.h"

namespace glassformer::cli {

Result<std::vector<int32_t>> tokens_of(const Arguments& arguments) {
  if (arguments.has("--tokens")) return parse_ids("--tokens", arguments.text("--tokens"));
  const Result<Tokenizer> tokenizer = load_tokenizer(arguments.operand(0));
  if (!tokenizer) return tokenizer.error();
  Result<std::vector<int32_t>> tokens = tokenizer->encode(arguments.text("--prompt"));
  if (!tokens) return Error{tokens.error().code, "--prompt: " + tokens.error().message};
  return tokens;
}

Status check_edit_files(const Arguments& arguments) {
  for (const char* option : {"--edits", "--weight-edits"}) {
    if (arguments.has(option) && arguments.text(option).empty()) {
      return Error{ErrorCode::bad_option, std::string(option) + " needs the name of a file"};
    }
  }
  return {};
}

Result<EditsFile> edits_of(const Arguments& arguments, const Config& config) {
  if (!arguments.has("--edits")) return EditsFile{};
  const std::string path = arguments.text("--edits");
  Result<std::string> text = read_file(path);
  if (!text) return text.error();
  Result<std::vector<Edit>> edits = parse_edits(*text, config);
  if (!edits) return Error{edits.error().code, path + ": " + edits.error().message};
  return EditsFile{*std::move(text), *std::move(edits)};
}

Status edit_weights(const Arguments& arguments, Model& model) {
  if (!arguments.has("--weight-edits")) return {};
  const std::string path = arguments.text("--weight-edits");
  const Result<std::string> text = read_file(path);
  if (!text) return text.error();
  const auto named = [&](const Error& error) {
    return Error{error.code, path + ": " + error.message};
  };
  const Result<std::vector<WeightEdit>> edits = parse_weight_edits(*text, model.weights);
  if (!edits) return named(edits.error());
  const Status applied = WeightEditor(model.weights).apply(*edits);
  return applied ? applied : named(applied.error());
}

}  // namespace glassformer::cli
