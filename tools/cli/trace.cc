#include <nlohmann/json.hpp>

#include "tools/cli/model_folder.h"
#include "tools/cli/run_input.h"
#include "tools/cli/tensors_file.h"
#include "tools/cli/threads_option.h"
#include "tools/cli/verbs.h"

namespace glassformer::cli {
namespace {

using nlohmann::json;

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

}  // namespace

Status trace(const Arguments& arguments) {
  if (const Status status = use_threads(arguments); !status) return status;
  const auto wrong = [](const char* what) { return Error{ErrorCode::bad_option, what}; };
  if (arguments.has("--prompt") == arguments.has("--tokens")) {
    return wrong("trace needs either --prompt or --tokens");
  }
  if (arguments.text("--out").empty()) return wrong("trace needs --out FILE.safetensors");
  if (Status status = check_edit_files(arguments); !status) return status;
  constexpr int64_t kManyLayers = 1 << 20;
  const Result<int64_t> stop =
      arguments.whole_number("--stop-at-layer", 0, -kManyLayers, kManyLayers);
  if (!stop) return stop.error();
  const Result<std::vector<int32_t>> tokens = tokens_of(arguments);
  if (!tokens) return tokens.error();

  Result<LoadedModel> loaded = load_model(arguments.operand(0));
  if (!loaded) return loaded.error();
  if (Status status = edit_weights(arguments, loaded->model); !status) return status;
  const Model& model = loaded->model;
  const Result<EditsFile> edits = edits_of(arguments, model.config);
  if (!edits) return edits.error();

  RunOptions options{
      .names = names_of(arguments), .edits = edits->edits, .logits = LogitRows::none};
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
  if (arguments.has("--edits")) metadata["edits"] = edits->text;
  std::vector<NamedTensor> tensors;
  for (const Trace::Entry& entry : pass->trace().entries()) {
    const TensorView& tensor = entry.tensor;
    tensors.push_back({activation_name(entry.id),
                       {tensor.dims.begin(), tensor.dims.begin() + tensor.rank},
                       tensor.span()});
  }
  return write_tensors(tensors, metadata, arguments.text("--out"));
}

}  // namespace glassformer::cli
