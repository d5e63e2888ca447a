// The JSON form of edits.
#include "core/edit_fields.h"
#include "core/edits.h"

namespace glassformer {
namespace {

using nlohmann::json;

// Parses one edit; the string says what is wrong with it, and is empty where nothing is.
std::string read_edit(const json& object, const Config& config, Edit& edit) {
  const std::string problem =
      check_edit_fields(object, {"name", "op", "head", "position", "neuron", "value"});
  if (!problem.empty()) return problem;
  const std::string name = edit_text(object, "name");
  if (name.empty()) return "has no \"name\", the activation that it changes";
  const Result<ActivationId> activation = find_activation(name, config);
  if (!activation) return ": " + activation.error().message;
  edit.activation = *activation;

  const struct {
    const char* field;
    std::optional<AxisRange>* range;
  } axes[] = {{"head", &edit.head}, {"position", &edit.position}, {"neuron", &edit.neuron}};
  for (const auto& [field, range] : axes) {
    const std::string wrong = read_axis(object, field, *range);
    if (!wrong.empty()) return wrong;
  }
  using Operation = EditOperation;
  return read_operation(object,
                        {Operation::zero, Operation::scale, Operation::add, Operation::set,
                         Operation::patch, Operation::mean},
                        edit.operation, edit.values);
}

}  // namespace

Result<std::vector<Edit>> parse_edits(std::string_view text, const Config& config) {
  return parse_edit_list<Edit>(text, "the list of edits", [&](const json& object, Edit& edit) {
    return read_edit(object, config, edit);
  });
}

}  // namespace glassformer
