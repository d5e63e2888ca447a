#include "tools/cli/arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "core/names.h"
#include "core/quote.h"

namespace glassformer::cli {
namespace {

Error wrong(const std::string& what) { return {ErrorCode::bad_option, what}; }

// The whole text as a number, or nothing. Independent of the locale, which nobody has set.
std::optional<int64_t> whole_number_from(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// libc++ has no from_chars for floats yet. strtof alone would take white space, "nan" and "0x1p3".
std::optional<float> number_from(const std::string& text) {
  if (text.empty() || text[0] == '+' ||
      text.find_first_not_of("0123456789+-.eE") != std::string::npos) {
    return std::nullopt;
  }
  char* end = nullptr;
  const float value = std::strtof(text.c_str(), &end);
  if (end != text.c_str() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

const Option* find_option(const Usage& usage, std::string_view name) {
  const auto it = std::find_if(usage.options.begin(), usage.options.end(),
                               [&](const Option& option) { return option.name == name; });
  return it == usage.options.end() ? nullptr : &*it;
}

Error unknown_option(const Usage& usage, std::string_view name) {
  std::vector<std::string> names = {"--help"};
  for (const Option& option : usage.options) names.emplace_back(option.name);
  return wrong(std::string(usage.verb) + " has no option " + quoted(name) + "; the nearest is " +
               nearest_name(name, names));
}

}  // namespace

std::string help_text(const Usage& usage) {
  std::string text = std::string(usage.program) + " " + std::string(usage.verb);
  for (const std::string_view operand : usage.operands) text += " " + std::string(operand);
  if (!usage.options.empty()) text += " [options]";
  text += "\n  " + std::string(usage.about) + "\n";
  if (!usage.details.empty()) text += "\n" + std::string(usage.details) + "\n";
  if (!usage.options.empty()) text += "\nOptions:\n";
  size_t width = 0;
  const auto left = [](const Option& option) {
    return std::string(option.name) + (option.value.empty() ? "" : " ") + std::string(option.value);
  };
  for (const Option& option : usage.options) width = std::max(width, left(option).size());
  for (const Option& option : usage.options) {
    std::string line = "  " + left(option);
    line.resize(width + 4, ' ');
    text += line + std::string(option.about) + "\n";
  }
  return text;
}

Result<Arguments> Arguments::parse(const Usage& usage, std::span<const std::string> words) {
  Arguments arguments;
  bool options_ended = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (options_ended || !word.starts_with("-") || word == "-") {
      arguments.operands_.push_back(word);
      continue;
    }
    if (word == "--") {
      options_ended = true;
      continue;
    }
    if (word == "--help" || word == "-h") {
      arguments.wants_help_ = true;
      return arguments;
    }
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const Option* option = find_option(usage, name);
    if (!option) return unknown_option(usage, name);
    std::string value;
    if (option->value.empty()) {
      if (equals != std::string::npos) return wrong(name + " takes no value");
    } else if (equals != std::string::npos) {
      value = word.substr(equals + 1);
    } else {
      if (++i == words.size()) return wrong(name + " needs a value, " + std::string(option->value));
      value = words[i];
    }
    if (!arguments.options_.emplace(name, value).second) return wrong(name + " is given twice");
  }
  if (arguments.operands_.size() > usage.operands.size()) {
    return wrong(std::string(usage.verb) + " has no place for " +
                 quoted(arguments.operands_[usage.operands.size()]));
  }
  for (size_t i = arguments.operands_.size(); i < usage.operands.size(); ++i) {
    if (usage.operands[i].starts_with("[")) continue;
    return wrong(std::string(usage.verb) + " needs " + std::string(usage.operands[i]));
  }
  return arguments;
}

std::string Arguments::text(std::string_view option) const {
  const auto it = options_.find(std::string(option));
  return it == options_.end() ? "" : it->second;
}

Result<int64_t> Arguments::whole_number(std::string_view option, int64_t standard, int64_t least,
                                        int64_t most) const {
  if (!has(option)) return standard;
  const std::optional<int64_t> value = whole_number_from(text(option));
  if (value && *value >= least && *value <= most) return *value;
  return wrong(std::string(option) + " takes a whole number from " + std::to_string(least) +
               " to " + std::to_string(most) + ", not " + quoted(text(option)));
}

Result<float> Arguments::number(std::string_view option, float standard) const {
  if (!has(option)) return standard;
  const std::optional<float> value = number_from(text(option));
  if (value) return *value;
  return wrong(std::string(option) + " takes a number, not " + quoted(text(option)));
}

Result<std::vector<int32_t>> parse_ids(std::string_view option, std::string_view text) {
  std::vector<int32_t> ids;
  while (true) {
    const size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    const std::optional<int64_t> id = whole_number_from(word);
    if (!id || *id < INT32_MIN || *id > INT32_MAX) {
      return wrong(std::string(option) + " takes token ids separated by commas, not " +
                   quoted(word));
    }
    ids.push_back(static_cast<int32_t>(*id));
    if (comma == std::string_view::npos) return ids;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace glassformer::cli
