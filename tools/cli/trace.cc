#include "core/trace.h"

#include <nlohmann/json.hpp>

#include "core/edits.h"
#include "core/safetensors.h"
#include "tools/cli/files.h"
#include "tools/cli/model_folder.h"
#include "tools/cli/output_file.h"
#include "tools/cli/threads_option.h"
#include "tools/cli/verbs.h"

namespace glassformer::cli {
namespace {

using nlohmann::json;

Result<std::vector<int32_t>> tokens_of(const Arguments& arguments) {
  if (arguments.has("--tokens")) return parse_ids("--tokens", arguments.text("--tokens"));
  const Result<Tokenizer> tokenizer = load_tokenizer(arguments.operand(0));
  if (!tokenizer) return tokenizer.error();
  return tokenizer->encode(arguments.text("--prompt"));
}

std::vector<std::string> names_of(const Arguments& arguments) {
  if (!arguments.has("--names")) return {"*"};
  std::vector<std::string> names;
  std::string rest = arguments.text("--names");
  for (size_t comma; (comma = rest.find(',')) != std::string::npos; rest.erase(0, comma + 1)) {
    names.push_back(rest.substr(0, comma));
  }
  names.push_back(rest);
  return names;
}

// `text` is what the file of edits holds.
Result<std::vector<Edit>> edits_of(const Arguments& arguments, const std::string& text,
                                   const Config& config) {
  if (!arguments.has("--edits")) return std::vector<Edit>();
  const std::string path = arguments.text("--edits");
  Result<std::vector<Edit>> edits = parse_edits(text, config);
  if (!edits) return Error{edits.error().code, path + ": " + edits.error().message};
  return edits;
}

Status write_trace(const Trace& trace, const std::map<std::string, std::string>& metadata,
                   const std::string& path) {
  std::vector<SafetensorsEntry> entries;
  for (const Trace::Entry& entry : trace.entries()) {
    SafetensorsEntry written;
    written.name = activation_name(entry.id);
    written.shape.assign(entry.tensor.dims.begin(), entry.tensor.dims.begin() + entry.tensor.rank);
    entries.push_back(std::move(written));
  }
  Result<OutputFile> file = OutputFile::create(path);
  if (!file) return file.error();
  if (Status status = file->write(make_safetensors_header(entries, metadata)); !status) {
    return status;
  }
  for (const Trace::Entry& entry : trace.entries()) {
    const std::span<const float> values = entry.tensor.span();
    if (Status status = file->write(std::as_bytes(values)); !status) return status;
  }
  return file->finish();
}

}  // namespace

Status trace(const Arguments& arguments) {
  if (const Status status = use_threads(arguments); !status) return status;
  const auto wrong = [](const char* what) { return Error{ErrorCode::bad_option, what}; };
  if (arguments.has("--prompt") == arguments.has("--tokens")) {
    return wrong("trace needs either --prompt or --tokens");
  }
  if (arguments.text("--out").empty()) return wrong("trace needs --out FILE.safetensors");
  if (arguments.has("--edits") && arguments.text("--edits").empty()) {
    return wrong("--edits needs the name of a file");
  }
  constexpr int64_t kManyLayers = 1 << 20;
  const Result<int64_t> stop =
      arguments.whole_number("--stop-at-layer", 0, -kManyLayers, kManyLayers);
  if (!stop) return stop.error();
  const Result<std::vector<int32_t>> tokens = tokens_of(arguments);
  if (!tokens) return tokens.error();

  const Result<LoadedModel> loaded = load_model(arguments.operand(0));
  if (!loaded) return loaded.error();
  const Model& model = loaded->model;
  const Result<std::string> edits_text =
      arguments.has("--edits") ? read_file(arguments.text("--edits")) : std::string();
  if (!edits_text) return edits_text.error();
  Result<std::vector<Edit>> edits = edits_of(arguments, *edits_text, model.config);
  if (!edits) return edits.error();

  RunOptions options{.names = names_of(arguments), .edits = *edits, .logits = LogitRows::none};
  if (arguments.has("--stop-at-layer")) options.stop_at_layer = static_cast<int>(*stop);
  Result<KvCache> cache = KvCache::create(model.config);
  if (!cache) return cache.error();
  const Result<ForwardPass> pass = run(model, *cache, *tokens, options);
  if (!pass) {
    const bool about_edits = pass.error().code == ErrorCode::bad_edit;
    return Error{pass.error().code,
                 (about_edits ? arguments.text("--edits") + ": " : "") + pass.error().message};
  }

  if (pass->trace().entries().empty()) {
    return Error{ErrorCode::bad_name,
                 "nothing that --names selects is computed before layer " + std::to_string(*stop)};
  }

  std::map<std::string, std::string> metadata = {{"tokens", json(*tokens).dump()}};
  metadata["dtype"] = storage_name(model.weights.storage);
  if (arguments.has("--prompt")) metadata["prompt"] = arguments.text("--prompt");
  if (arguments.has("--edits")) metadata["edits"] = *edits_text;
  return write_trace(pass->trace(), metadata, arguments.text("--out"));
}

}  // namespace glassformer::cli
