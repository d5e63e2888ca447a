// Edits as JavaScript hands them over: CoreEdits in glassformer.d.mts.
#pragma once

#include <emscripten/val.h>

#include <string>
#include <vector>

#include "core/edits.h"

namespace glassformer {

// Edits' JSON has a placeholder where there are many values; those come as typed arrays, by the
// edit's index.
template <class AnyEdit>
void fill_values(std::vector<AnyEdit>& edits, const emscripten::val& all_values) {
  for (size_t i = 0; i < edits.size(); ++i) {
    const emscripten::val values = all_values[i];
    if (!values.isUndefined()) {
      edits[i].values = emscripten::convertJSArrayToNumberVector<float>(values);
    }
  }
}

inline Result<std::vector<Edit>> edits_from_js(const emscripten::val& js, const Config& config) {
  Result<std::vector<Edit>> edits = parse_edits(js["json"].as<std::string>(), config);
  if (edits) fill_values(*edits, js["values"]);
  return edits;
}

}  // namespace glassformer
