// Changes to weights, which can be undone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/edits.h"
#include "core/weights.h"

namespace glassformer {

// Sets or changes a slice of one weight. A tied head is wte: an edit of that changes both.
struct WeightEdit {
  std::string weight;  // its Hugging Face name, with or without "transformer."
  EditOperation operation = EditOperation::zero;  // zero, scale, add or set
  std::optional<AxisRange> row;  // the first of two axes, in the order of the file; a bias or the
                                 // weight of a layer norm has none
  std::optional<AxisRange> column;  // the last axis
  std::vector<float> values;        // one for all, or one for each selected element, row by row
};

// Parses a JSON array of edits, errors as in parse_edits:
//   [{"weight": "h.0.attn.c_proj.weight", "op": "zero", "row": [0, 64]},
//    {"weight": "wpe.weight", "op": "scale", "value": 0.5}]
Result<std::vector<WeightEdit>> parse_weight_edits(std::string_view json, const Weights& weights);

// Applies edits to the weights of one model and remembers what was there. Nobody may be using the
// weights meanwhile.
class WeightEditor {
 public:
  // The weights must outlive it, and are changed by nobody else.
  explicit WeightEditor(Weights& weights) : weights_(&weights) {}

  // All of them or, where one is refused (bad_edit; out_of_memory for what undoing needs), none. In
  // a q8 model each block of 64 inputs that an edit touches is quantized anew, so that weights
  // beside the edited ones may be rounded differently.
  Status apply(std::span<const WeightEdit> edits);
  // Takes back what the last apply() did, to the last bit; false where nothing is left.
  bool undo();
  // How many calls of apply() can be undone.
  int applied() const { return static_cast<int>(history_.size()); }

 private:
  // Words of the weights' memory as they were: an index and a value for each, one after the other.
  struct Saved {
    FloatBuffer words;
    size_t used = 0;
  };
  struct Plan;

  void write(const Plan& plan, Saved& saved);
  void save(Saved& saved, const void* word);
  void restore(const Saved& saved);

  Weights* weights_;
  std::vector<std::vector<Saved>> history_;
};

}  // namespace glassformer
