// The fields of a request, read one by one.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace glassformer {

// Remembers the first thing that is wrong, so that fields are read without a check after each.
class RequestFields {
 public:
  explicit RequestFields(const nlohmann::json& object);

  bool has(const char* name) const { return object_.contains(name); }
  std::string text(const char* name, const char* standard = nullptr);
  bool flag(const char* name, bool standard);
  int whole(const char* name, std::optional<int> standard = {});
  std::optional<int32_t> optional_id(const char* name);
  std::vector<int32_t> ids(const char* name);
  std::vector<int32_t> optional_ids(const char* name);
  std::vector<int64_t> indices(const char* name);
  double number(const char* name);
  // One of the words; the first where the field is absent.
  size_t choice(const char* name, const std::vector<std::string>& words);
  nlohmann::json object(const char* name);
  std::vector<nlohmann::json> objects(const char* name);

  // bad_option: what was wrong first, or a field that nobody has read.
  Status finish() const;
  void refuse(const std::string& what);

 private:
  const nlohmann::json* find(const char* name, bool required);
  std::vector<int32_t> wholes(const char* name, bool required);

  nlohmann::json object_;
  std::vector<std::string> read_;
  std::optional<Error> error_;
};

}  // namespace glassformer
