#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/analysis/request.h"
#include "core/json_text.h"
#include "core/quote.h"
#include "tools/cli/files.h"
#include "tools/cli/model_folder.h"
#include "tools/cli/run_input.h"
#include "tools/cli/tensors_file.h"
#include "tools/cli/threads_option.h"
#include "tools/cli/verbs.h"

namespace glassformer::cli {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// Where the options of an analysis stand for tokens, a text that is one token will do.
bool stands_for_tokens(const std::string& field) {
  for (const char* name : {"token", "against", "tracked", "exclude", "tokens", "id"}) {
    if (field == name) return true;
  }
  return false;
}

// The fields whose texts are whole prompts.
bool stands_for_text(const std::string& field) {
  return field == "from" || field == "into" || field == "prompt";
}

// No analysis takes anything deeper; what follows the nesting of --options could not take any
// depth.
bool is_nested_deeper(const json& value, int levels) {
  if (!value.is_structured()) return false;
  if (levels == 0) return true;
  return std::any_of(value.begin(), value.end(),
                     [&](const json& inner) { return is_nested_deeper(inner, levels - 1); });
}

// Replaces texts by token ids.
class TokenTexts {
 public:
  explicit TokenTexts(std::string folder) : folder_(std::move(folder)) {}

  Status replace(json& value, const std::string& field) {
    if (value.is_string() && stands_for_text(field)) {
      return encode(value.get<std::string>(), [&](std::vector<int32_t> ids) -> Status {
        value = ids;
        return {};
      });
    }
    if (value.is_string() && stands_for_tokens(field)) {
      const auto text = value.get<std::string>();
      return encode(text, [&](const std::vector<int32_t>& ids) -> Status {
        if (ids.size() != 1) {
          return Error{
              ErrorCode::bad_tokens,
              "--options: " + quoted(text) + " is not one token but " + std::to_string(ids.size())};
        }
        value = ids[0];
        return {};
      });
    }
    if (!value.is_structured()) return {};
    for (auto it = value.begin(); it != value.end(); ++it) {
      if (Status status = replace(*it, value.is_object() ? it.key() : field); !status) {
        return status;
      }
    }
    return {};
  }

 private:
  template <class Take>
  Status encode(const std::string& text, Take take) {
    if (!tokenizer_) {
      Result<Tokenizer> tokenizer = load_tokenizer(folder_);
      if (!tokenizer) return tokenizer.error();
      tokenizer_ = *std::move(tokenizer);
    }
    Result<std::vector<int32_t>> ids = tokenizer_->encode(text);
    if (!ids) return Error{ids.error().code, "--options: " + ids.error().message};
    return take(*std::move(ids));
  }

  std::string folder_;
  std::optional<Tokenizer> tokenizer_;
};

// {"kind": ..., "tokens": ..., and what --options says}; a vector apart from it.
struct Request {
  json fields;
  std::vector<float> values;
};

Result<Request> request_of(const Arguments& arguments) {
  Request request{json::object(), {}};
  if (arguments.has("--options")) {
    Result<json> options =
        parse_json(arguments.text("--options"), "--options", ErrorCode::bad_option);
    if (!options) return options.error();
    if (!options->is_object()) return Error{ErrorCode::bad_option, "--options is no JSON object"};
    constexpr int kMostLevels = 16;
    if (is_nested_deeper(*options, kMostLevels)) {
      return Error{ErrorCode::bad_option, "--options is nested too deeply"};
    }
    request.fields = *std::move(options);
  }
  TokenTexts texts(arguments.operand(0));
  if (Status status = texts.replace(request.fields, ""); !status) return status.error();
  for (const char* name : {"vector", "vectors"}) {
    const auto it = request.fields.find(name);
    if (it == request.fields.end()) continue;
    const json rows = it->is_array() && !it->empty() && it->front().is_array() ? *it : json{*it};
    for (const json& row : rows) {
      if (!row.is_array()) return Error{ErrorCode::bad_option, "--options: vectors are arrays"};
      for (const json& number : row) {
        if (!number.is_number() || row.size() != rows.front().size()) {
          return Error{ErrorCode::bad_option,
                       "--options: vectors are arrays of equally many numbers"};
        }
        request.values.push_back(number.get<float>());
      }
    }
    if (rows.size() > 1) request.fields["dims"] = {rows.size(), rows.front().size()};
    request.fields.erase(name);
    break;
  }
  if (arguments.has("--prompt") || arguments.has("--tokens")) {
    const Result<std::vector<int32_t>> tokens = tokens_of(arguments);
    if (!tokens) return tokens.error();
    request.fields["tokens"] = *tokens;
  }
  request.fields["kind"] = arguments.operand(1);
  return request;
}

ordered_json nested(std::span<const int64_t> dims, const float*& next) {
  ordered_json list = ordered_json::array();
  for (int64_t i = 0; i < dims[0]; ++i) {
    if (dims.size() > 1) {
      list.push_back(nested(dims.subspan(1), next));
    } else {
      const float value = *next++;
      list.push_back(std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr));
    }
  }
  return list;
}

Status print(const AnalysisReply& reply, const Arguments& arguments) {
  ordered_json answer = ordered_json::parse(reply.json);
  std::vector<NamedTensor> tensors;
  for (const ReplyTensor& tensor : reply.tensors) {
    tensors.push_back({tensor.name, tensor.dims, tensor.data});
    const float* next = tensor.data.data();
    if (!arguments.has("--out")) answer[tensor.name] = nested(tensor.dims, next);
  }
  if (arguments.has("--out")) {
    const std::map<std::string, std::string> metadata = {{"analysis", arguments.operand(1)}};
    if (Status status = write_tensors(tensors, metadata, arguments.text("--out")); !status) {
      return status;
    }
  }
  return write_standard_output(answer.dump(arguments.has("--json") ? -1 : 1) + "\n");
}

}  // namespace

Status analyze(const Arguments& arguments) {
  if (const Status status = use_threads(arguments); !status) return status;
  if (arguments.has("--prompt") && arguments.has("--tokens")) {
    return Error{ErrorCode::bad_option, "analyze takes either --prompt or --tokens"};
  }
  if (Status status = check_edit_files(arguments); !status) return status;
  if (arguments.has("--out") && arguments.text("--out").empty()) {
    return Error{ErrorCode::bad_option, "--out needs the name of a file"};
  }
  const Result<Request> request = request_of(arguments);
  if (!request) return request.error();
  Result<LoadedModel> loaded = load_model(arguments.operand(0));
  if (!loaded) return loaded.error();
  if (Status status = edit_weights(arguments, loaded->model); !status) return status;
  const auto model = std::make_shared<const Model>(std::move(loaded->model));
  Result<EditsFile> edits = edits_of(arguments, model->config);
  if (!edits) return edits.error();
  const std::string text = request->fields.dump();
  Result<Work<AnalysisReply>> work = open_analysis(
      model, {.json = text, .edits = std::move(edits->edits), .values = request->values});
  if (!work) return work.error();
  const Result<AnalysisReply> reply = work->finish();
  if (!reply) return reply.error();
  return print(*reply, arguments);
}

}  // namespace glassformer::cli
