// Analyses by name, asked for and answered in JSON: for those who cannot call C++.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/analysis/work.h"
#include "core/model.h"

namespace glassformer {

// Numbers that are too many for JSON.
struct ReplyTensor {
  std::string name;
  std::vector<int64_t> dims;
  std::vector<float> data;
};

struct AnalysisReply {
  std::string json;  // numbers that are not finite are strings: "NaN", "Infinity", "-Infinity"
  std::vector<ReplyTensor> tensors;
};

struct AnalysisRequest {
  std::string_view json;      // {"kind": "logit_lens", "tokens": [...], ...}
  std::vector<Edit> edits;    // of the runs, where the kind makes runs of one text
  std::vector<float> values;  // a vector [C] or vectors [N,D], where the kind takes one
};

// bad_option names the field of the request that is missing, unknown or of the wrong type.
// README.md of this folder lists kinds and fields.
Result<Work<AnalysisReply>> open_analysis(std::shared_ptr<const Model> model,
                                          AnalysisRequest request);

}  // namespace glassformer
