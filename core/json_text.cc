#include "core/json_text.h"

#include <algorithm>

#include "core/json_writer.h"

namespace glassformer {
namespace {

using nlohmann::json;

// nlohmann's own tree builder, which keeps the position of a mistake instead of discarding it.
class PositionedBuilder : public nlohmann::detail::json_sax_dom_parser<json> {
 public:
  explicit PositionedBuilder(json& tree)
      : nlohmann::detail::json_sax_dom_parser<json>(tree, /*allow_exceptions=*/false) {}

  template <class Exception>
  bool parse_error(size_t position, const std::string&, const Exception&) {
    position_ = position;
    return false;
  }
  size_t position() const { return position_; }

 private:
  size_t position_ = 0;
};

}  // namespace

std::string describe_json_position(std::string_view text, size_t byte_offset) {
  if (byte_offset >= text.size()) return "at its end";
  const std::string_view before = text.substr(0, byte_offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 == 0: the first line
  return "at line " + std::to_string(line) + ", column " +
         std::to_string(byte_offset - line_start + 1);
}

Result<json> parse_json(std::string_view text, std::string_view file_name, ErrorCode code) {
  json value;
  PositionedBuilder builder(value);
  const bool parsed = json::sax_parse(text.begin(), text.end(), &builder);
  // nlohmann takes a zero byte for the end of the text, and so would ignore what follows it.
  const size_t zero = text.find('\0');
  if (parsed && zero == std::string_view::npos) return value;
  // nlohmann counts the bytes it has read, the offending one included.
  const size_t read = builder.position();
  const size_t mistake = parsed ? zero : read > 0 ? read - 1 : 0;
  return Error{
      code, std::string(file_name) + " is not valid JSON " + describe_json_position(text, mistake)};
}

std::string primitive_text(const json& value) {
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number_unsigned()) return std::to_string(value.get<uint64_t>());
  if (value.is_number_integer()) return std::to_string(value.get<int64_t>());
  if (!value.is_number_float()) return "null";
  return JsonText(value.get<double>()).text;
}

}  // namespace glassformer
