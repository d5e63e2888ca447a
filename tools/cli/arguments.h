// The words after "glassformer VERB", checked against what the verb takes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace glassformer::cli {

struct Option {
  std::string_view name;   // "--max-tokens"
  std::string_view value;  // what stands for its value in the help, "N"; empty for a switch
  std::string_view about;
};

// What a verb is called with, for parsing and for help.
struct Usage {
  std::string_view verb;
  std::vector<std::string_view> operands;  // in order: "MODEL"; in brackets where it may be absent
  std::vector<Option> options;
  std::string_view about;    // one line
  std::string_view details;  // more lines for --help; may be empty
  std::string_view program = "glassformer";
};

std::string help_text(const Usage& usage);

// Numbers keep the place where they came from, so that an error can name it.
class Arguments {
 public:
  // "--option value" and "--option=value"; "--" ends the options. bad_option (wrong usage) for an
  // unknown option (naming the nearest), a missing value, an option twice, or the wrong number of
  // operands.
  static Result<Arguments> parse(const Usage& usage, std::span<const std::string> words);

  // Whether "--help" or "-h" stands where an option may; nothing else has been checked then.
  bool wants_help() const { return wants_help_; }
  size_t operands() const { return operands_.size(); }
  const std::string& operand(size_t i) const { return operands_[i]; }
  bool has(std::string_view option) const { return options_.contains(std::string(option)); }
  // "" where the option is absent.
  std::string text(std::string_view option) const;

  // The option as a number within the range, or the default where it is absent; bad_option names
  // the option and the range.
  Result<int64_t> whole_number(std::string_view option, int64_t standard, int64_t least,
                               int64_t most) const;
  Result<float> number(std::string_view option, float standard) const;

 private:
  std::vector<std::string> operands_;
  std::map<std::string, std::string> options_;
  bool wants_help_ = false;
};

// Numbers separated by commas: "1,2,3". bad_option names the one that is not a number.
Result<std::vector<int32_t>> parse_ids(std::string_view option, std::string_view text);

}  // namespace glassformer::cli
