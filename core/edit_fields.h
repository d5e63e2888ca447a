// What the JSON forms of all edits have in common.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/edits.h"
#include "core/json_text.h"

namespace glassformer {

// Each returns what is wrong; empty where nothing is.
std::string check_edit_fields(const nlohmann::json& object, const std::vector<std::string>& fields);
std::string read_axis(const nlohmann::json& object, const char* field,
                      std::optional<AxisRange>& range);
// "op", and the "value" that it takes.
std::string read_operation(const nlohmann::json& object,
                           std::initializer_list<EditOperation> allowed, EditOperation& operation,
                           std::vector<float>& values);

// The text of a field; empty where there is none.
std::string edit_text(const nlohmann::json& object, const char* field);

// A JSON array of edits; `read` parses one and says what is wrong with it. bad_edit names the
// edit's place in the array.
template <class Edit, class Read>
Result<std::vector<Edit>> parse_edit_list(std::string_view text, const char* what, Read read) {
  const Result<nlohmann::json> parsed = parse_json(text, what, ErrorCode::bad_edit);
  if (!parsed) return parsed.error();
  if (!parsed->is_array()) {
    return Error{ErrorCode::bad_edit, std::string(what) + " is not a JSON array"};
  }
  std::vector<Edit> edits;
  for (const nlohmann::json& object : *parsed) {
    Edit edit;
    const std::string problem = read(object, edit);
    if (!problem.empty()) {
      const bool clause = problem.front() == ':';
      return Error{ErrorCode::bad_edit,
                   "edit " + std::to_string(edits.size()) + (clause ? "" : " ") + problem};
    }
    edits.push_back(std::move(edit));
  }
  return edits;
}

}  // namespace glassformer
