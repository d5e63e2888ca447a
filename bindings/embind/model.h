// A model in the module's memory.
#pragma once

#include <emscripten/val.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/model.h"
#include "core/weight_edits.h"

namespace glassformer {

class LoadedModel {
 public:
  explicit LoadedModel(Model model);

  double parameters() const;
  double bytes() const;
  std::string dtype() const;
  std::string file_dtype() const;
  emscripten::val weights() const;
  // `count` values of a weight from `first` on, by its index in weights(): a view until the next
  // call, so that a large weight needs no second copy here.
  emscripten::val read_weight(int index, double first, uint32_t count);
  // While no pass is under way.
  emscripten::val edit_weights(const emscripten::val& edits);
  // How many remain to be undone.
  int undo_weight_edit();

  std::shared_ptr<const Model> model() const { return model_; }

 private:
  std::shared_ptr<Model> model_;
  std::unique_ptr<WeightEditor> editor_;
  std::vector<float> staging_;
};

}  // namespace glassformer
