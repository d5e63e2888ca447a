// Reading of weights from a file in memory.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "core/weights.h"
#include "tests/support/weights_files.h"

namespace glassformer::testing_support {

struct ReadingOptions {
  size_t chunk = SIZE_MAX;  // bytes that are fed at a time
  bool file_size_known = true;
  std::optional<Storage> storage;
};

inline Result<Weights> read_weights(const std::string& file, const Config& config = tiny_config(),
                                    const ReadingOptions& options = {}) {
  WeightsReader reader(config, options.file_size_known ? file.size() : 0, options.storage);
  std::span rest(file.data(), file.size());
  while (!rest.empty()) {
    const size_t count = std::min(options.chunk, rest.size());
    if (Status status = reader.feed(std::as_bytes(rest.first(count))); !status) {
      return status.error();
    }
    rest = rest.subspan(count);
  }
  return reader.finish();
}

inline Result<Weights> read_weights(const std::vector<TestTensor>& tensors) {
  return read_weights(make_file(tensors));
}

// The message with which weights were refused.
inline std::string problem(const Result<Weights>& weights) {
  if (weights) return "was accepted";
  EXPECT_EQ(weights.error().code, ErrorCode::bad_weights);
  return weights.error().message;
}

// All numbers of a tensor, in the order of the file.
inline std::vector<float> values_of(const NamedWeight& weight) {
  std::vector<float> values(static_cast<size_t>(weight.size()));
  weight.read(0, values);
  return values;
}

}  // namespace glassformer::testing_support
