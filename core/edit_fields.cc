#include "core/edit_fields.h"

#include <algorithm>
#include <cmath>

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

bool takes_value(EditOperation operation) {
  return operation != EditOperation::zero && operation != EditOperation::mean;
}

// "zero, scale, add or set"
std::string listed(std::initializer_list<EditOperation> operations) {
  std::string list;
  for (const OperationName& known : kOperations) {
    const auto place = std::find(operations.begin(), operations.end(), known.operation);
    if (place == operations.end()) continue;
    const bool last = place + 1 == operations.end();
    list += (list.empty() ? "" : last ? " or " : ", ") + std::string(known.name);
  }
  return list;
}

}  // namespace

std::string edit_text(const json& object, const char* field) {
  const auto it = object.find(field);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::string check_edit_fields(const json& object, const std::vector<std::string>& fields) {
  if (!object.is_object()) return "is not a JSON object";
  for (const auto& [field, value] : object.items()) {
    if (std::find(fields.begin(), fields.end(), field) == fields.end()) {
      return "has the unknown field " + quoted(field) + "; did you mean \"" +
             nearest_name(field, fields) + "\"?";
    }
  }
  return "";
}

std::string read_axis(const json& object, const char* field, std::optional<AxisRange>& range) {
  const auto it = object.find(field);
  if (it == object.end() || read_range(*it, range)) return "";
  return std::string("must have an index or a range [begin, end] as its \"") + field + "\"";
}

std::string read_operation(const json& object, std::initializer_list<EditOperation> allowed,
                           EditOperation& operation, std::vector<float>& values) {
  const std::string name = edit_text(object, "op");
  const auto known = std::find_if(std::begin(kOperations), std::end(kOperations),
                                  [&](const OperationName& o) { return o.name == name; });
  if (known == std::end(kOperations) ||
      std::find(allowed.begin(), allowed.end(), known->operation) == allowed.end()) {
    return "must have an \"op\" that is " + listed(allowed) +
           (name.empty() ? "" : ", not " + quoted(name));
  }
  operation = known->operation;
  const auto value = object.find("value");
  if (takes_value(operation) != (value != object.end())) {
    return "must " + std::string(takes_value(operation) ? "have" : "not have") +
           " a \"value\" to " + name;
  }
  if (takes_value(operation) && !read_values(*value, values)) {
    return "must have finite numbers as its \"value\"";
  }
  return "";
}

}  // namespace glassformer
