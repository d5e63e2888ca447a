// Writes tensors into a safetensors file.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

namespace glassformer::cli {

struct NamedTensor {
  std::string name;
  std::vector<int64_t> dims;
  std::span<const float> values;
};

Status write_tensors(std::span<const NamedTensor> tensors,
                     const std::map<std::string, std::string>& metadata, const std::string& path);

}  // namespace glassformer::cli
