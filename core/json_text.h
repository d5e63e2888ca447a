// JSON documents that people supply, parsed without exceptions, with the place of a mistake.
// Include this from .cc files only: nlohmann/json.hpp is large.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/result.h"

namespace glassformer {

// Parses a whole JSON document. The error has `code` and reads
// "config.json is not valid JSON at line 3, column 5", where file_name is "config.json".
Result<nlohmann::json> parse_json(std::string_view text, std::string_view file_name,
                                  ErrorCode code);

// "at line 3, column 5", or "at its end" for a byte offset at or past the end of the text.
std::string describe_json_position(std::string_view text, size_t byte_offset);

// A number, a boolean or null as JSON has it, for messages.
std::string primitive_text(const nlohmann::json& value);

}  // namespace glassformer
