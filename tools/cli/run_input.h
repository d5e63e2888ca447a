// What a run is given on the command line: --prompt or --tokens, and --edits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/edits.h"
#include "core/model.h"
#include "tools/cli/arguments.h"

namespace glassformer::cli {

// bad_option unless there is one of --prompt and --tokens.
Result<std::vector<int32_t>> tokens_of(const Arguments& arguments);

// bad_option where --edits or --weight-edits is there without the name of a file.
Status check_edit_files(const Arguments& arguments);

struct EditsFile {
  std::string text;  // as the file has it
  std::vector<Edit> edits;
};
// Nothing where there is no --edits. Errors name the file.
Result<EditsFile> edits_of(const Arguments& arguments, const Config& config);

inline constexpr Option kWeightEditsOption = {"--weight-edits", "FILE.json",
                                              "changes to weights, applied before"};

// Changes the model's weights as --weight-edits says. Errors name the file.
Status edit_weights(const Arguments& arguments, Model& model);

}  // namespace glassformer::cli
