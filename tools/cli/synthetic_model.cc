#include "tools/cli/synthetic_model.h"

#include <cmath>

#include "core/weights_layout.h"

namespace glassformer::cli {
namespace {

// SplitMix64 (Steele, Lea and Flood 2014), as uniform floats of a given standard deviation.
class Uniform {
 public:
  float next(float standard_deviation) {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    const auto unit = static_cast<float>(z >> 40) * 0x1p-24f;
    return (2 * unit - 1) * std::sqrt(3.0f) * standard_deviation;
  }

 private:
  uint64_t state_ = 1;
};

float initial_value(const std::string& name, Uniform& uniform) {
  if (name.ends_with(".bias")) return 0;
  if (name.find("ln_") != std::string::npos) return 1;
  return uniform.next(0.02f);
}

}  // namespace

Config gpt2_small_config() {
  Config config;
  config.n_layer = 12;
  config.n_head = 12;
  config.n_embd = 768;
  config.n_positions = 1024;
  config.n_inner = 3072;
  config.vocab_size = 50257;
  return config;
}

Result<Model> make_synthetic_model(const Config& config, Storage storage) {
  Model model;
  model.config = config;
  const std::vector<WeightSlot> slots = lay_out_weights(config, storage, model.weights);
  if (!allocate_weights(config, slots, model.weights)) {
    return Error{ErrorCode::out_of_memory, "no memory for the " +
                                               std::to_string(total_floats(slots) * sizeof(float)) +
                                               " bytes of a synthetic model"};
  }
  Uniform uniform;
  std::vector<float> values;
  for (const WeightSlot& slot : slots) {
    const int64_t columns = slot.shape.back(), rows = slot.size() / columns;
    const int64_t together = slot.matrix ? rows_together(*slot.matrix, slot.order) : rows;
    for (int64_t row = 0; row < rows; row += together) {
      values.resize(static_cast<size_t>(std::min(together, rows - row) * columns));
      for (float& value : values) value = initial_value(slot.name, uniform);
      if (slot.matrix) {
        pack_rows(*slot.matrix, slot.order, row, values);
      } else {
        std::copy(values.begin(), values.end(), model.weights.memory.data() + slot.offset);
      }
    }
  }
  return model;
}

}  // namespace glassformer::cli
