#include "core/analysis/request_fields.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/names.h"
#include "core/quote.h"

namespace glassformer {

using nlohmann::json;

RequestFields::RequestFields(const json& object) : object_(object) {
  if (!object_.is_object()) {
    object_ = json::object();
    refuse("the request is not a JSON object");
  }
}

void RequestFields::refuse(const std::string& what) {
  if (!error_) error_ = Error{ErrorCode::bad_option, what};
}

const json* RequestFields::find(const char* name, bool required) {
  read_.emplace_back(name);
  const auto it = object_.find(name);
  if (it != object_.end() && !it->is_null()) return &*it;
  if (required) refuse(std::string(name) + " is missing");
  return nullptr;
}

std::string RequestFields::text(const char* name, const char* standard) {
  const json* value = find(name, standard == nullptr);
  if (value && value->is_string()) return value->get<std::string>();
  if (value) refuse(std::string(name) + " is not text");
  return standard ? standard : "";
}

bool RequestFields::flag(const char* name, bool standard) {
  const json* value = find(name, false);
  if (value && !value->is_boolean()) refuse(std::string(name) + " is not true or false");
  return value && value->is_boolean() ? value->get<bool>() : standard;
}

std::vector<int32_t> RequestFields::wholes(const char* name, bool required) {
  const json* value = find(name, required);
  std::vector<int32_t> numbers;
  if (!value) return numbers;
  const auto fits = [](const json& number) {
    return number.is_number_integer() &&
           std::abs(number.get<double>()) <= std::numeric_limits<int32_t>::max();
  };
  if (!value->is_array() || !std::all_of(value->begin(), value->end(), fits)) {
    refuse(std::string(name) + " is not an array of whole numbers");
    return numbers;
  }
  for (const json& number : *value) numbers.push_back(number.get<int32_t>());
  return numbers;
}

int RequestFields::whole(const char* name, std::optional<int> standard) {
  const json* value = find(name, !standard);
  if (!value) return standard.value_or(0);
  const double about = value->is_number_integer() ? value->get<double>() : NAN;
  if (std::abs(about) <= std::numeric_limits<int>::max()) return value->get<int>();
  refuse(std::string(name) + " is not a whole number");
  return 0;
}

std::optional<int32_t> RequestFields::optional_id(const char* name) {
  if (!find(name, false)) return std::nullopt;
  return whole(name);
}

std::vector<int32_t> RequestFields::ids(const char* name) { return wholes(name, true); }
std::vector<int32_t> RequestFields::optional_ids(const char* name) { return wholes(name, false); }
std::vector<int64_t> RequestFields::indices(const char* name) {
  const std::vector<int32_t> numbers = wholes(name, true);
  return {numbers.begin(), numbers.end()};
}

double RequestFields::number(const char* name) {
  const json* value = find(name, true);
  if (value && value->is_number() && std::isfinite(value->get<double>())) {
    return value->get<double>();
  }
  if (value) refuse(std::string(name) + " is not a finite number");
  return 0;
}

size_t RequestFields::choice(const char* name, const std::vector<std::string>& words) {
  const std::string word = text(name, words.front().c_str());
  const auto it = std::find(words.begin(), words.end(), word);
  if (it != words.end()) return static_cast<size_t>(it - words.begin());
  std::string list;
  for (const std::string& each : words) list += (list.empty() ? "" : ", ") + each;
  refuse(std::string(name) + " is one of " + list + ", not " + quoted(word));
  return 0;
}

json RequestFields::object(const char* name) {
  const json* value = find(name, true);
  if (value && value->is_object()) return *value;
  if (value) refuse(std::string(name) + " is not an object");
  return json::object();
}

std::vector<json> RequestFields::objects(const char* name) {
  const json* value = find(name, true);
  if (value && value->is_array()) return {value->begin(), value->end()};
  if (value) refuse(std::string(name) + " is not an array");
  return {};
}

Status RequestFields::finish() const {
  if (error_) return *error_;
  for (const auto& [field, value] : object_.items()) {
    if (std::find(read_.begin(), read_.end(), field) != read_.end()) continue;
    return Error{ErrorCode::bad_option, "there is no option " + quoted(field) +
                                            "; the nearest is \"" + nearest_name(field, read_) +
                                            "\""};
  }
  return {};
}

}  // namespace glassformer
