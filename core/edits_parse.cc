// The JSON form of edits.
#include <algorithm>
#include <cmath>
#include <string>

#include "core/edits.h"
#include "core/json_text.h"
#include "core/names.h"
#include "core/quote.h"

namespace glassformer {
namespace {

using nlohmann::json;

struct OperationName {
  const char* name;
  EditOperation operation;
};
constexpr OperationName kOperations[] = {
    {"zero", EditOperation::zero}, {"scale", EditOperation::scale}, {"add", EditOperation::add},
    {"set", EditOperation::set},   {"patch", EditOperation::patch}, {"mean", EditOperation::mean}};

// Deeper than any activation has axes.
constexpr int kMaxNesting = 4;

// An index within any axis; the limit keeps resolve() and element counts far from overflow.
bool read_index(const json& value, int64_t& index) {
  constexpr int64_t kLimit = int64_t{1} << 31;
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(kLimit)) {
    return false;
  }
  index = value.get<int64_t>();
  return index >= -kLimit && index <= kLimit;
}

bool read_range(const json& value, std::optional<AxisRange>& range) {
  AxisRange read;
  if (value.is_array()) {
    if (value.size() != 2 || !read_index(value[0], read.begin) || !read_index(value[1], read.end)) {
      return false;
    }
  } else {
    if (!read_index(value, read.begin)) return false;
    read.end = read.begin + 1;
  }
  range = read;
  return true;
}

bool read_values(const json& value, std::vector<float>& values, int nesting = 0) {
  if (value.is_number()) {
    values.push_back(value.get<float>());
    return std::isfinite(values.back());
  }
  if (!value.is_array() || value.empty() || nesting == kMaxNesting) return false;
  for (const json& element : value) {
    if (!read_values(element, values, nesting + 1)) return false;
  }
  return true;
}

// Parses one edit; the string says what is wrong with it, and is empty where nothing is.
std::string read_edit(const json& object, const Config& config, Edit& edit) {
  if (!object.is_object()) return "is not a JSON object";
  const auto text = [&](const char* field) {
    const auto it = object.find(field);
    return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
  };
  for (const auto& [field, value] : object.items()) {
    const std::vector<std::string> fields = {"name", "op", "head", "position", "neuron", "value"};
    if (std::find(fields.begin(), fields.end(), field) == fields.end()) {
      return "has the unknown field " + quoted(field) + "; did you mean \"" +
             nearest_name(field, fields) + "\"?";
    }
  }
  const std::string name = text("name");
  if (name.empty()) return "has no \"name\", the activation that it changes";
  Result<ActivationId> activation = find_activation(name, config);
  if (!activation) return ": " + activation.error().message;
  edit.activation = *activation;

  const std::string operation = text("op");
  const auto* known = std::find_if(std::begin(kOperations), std::end(kOperations),
                                   [&](const OperationName& o) { return o.name == operation; });
  if (known == std::end(kOperations)) {
    return "must have an \"op\" that is zero, scale, add, set, patch or mean" +
           (operation.empty() ? "" : ", not " + quoted(operation));
  }
  edit.operation = known->operation;

  const struct {
    const char* field;
    std::optional<AxisRange>* range;
  } axes[] = {{"head", &edit.head}, {"position", &edit.position}, {"neuron", &edit.neuron}};
  for (const auto& [field, range] : axes) {
    const auto it = object.find(field);
    if (it != object.end() && !read_range(*it, *range)) {
      return std::string("must have an index or a range [begin, end] as its \"") + field + "\"";
    }
  }
  const auto value = object.find("value");
  const bool wants_value =
      edit.operation != EditOperation::zero && edit.operation != EditOperation::mean;
  if (wants_value != (value != object.end())) {
    return "must " + std::string(wants_value ? "have" : "not have") + " a \"value\" to " +
           operation;
  }
  if (wants_value && !read_values(*value, edit.values)) {
    return "must have finite numbers as its \"value\"";
  }
  return "";
}

}  // namespace

Result<std::vector<Edit>> parse_edits(std::string_view text, const Config& config) {
  const Result<json> parsed = parse_json(text, "the list of edits", ErrorCode::bad_edit);
  if (!parsed) return parsed.error();
  if (!parsed->is_array()) {
    return Error{ErrorCode::bad_edit, "the list of edits is not a JSON array"};
  }
  std::vector<Edit> edits;
  for (const json& object : *parsed) {
    Edit edit;
    const std::string problem = read_edit(object, config, edit);
    if (!problem.empty()) {
      return Error{ErrorCode::bad_edit, "edit " + std::to_string(edits.size()) +
                                            (problem.front() == ':' ? "" : " ") + problem};
    }
    edits.push_back(std::move(edit));
  }
  return edits;
}

}  // namespace glassformer
