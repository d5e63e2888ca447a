#include "tools/nano/parameters.h"

#include <cassert>
#include <cmath>

#include "core/weights_layout.h"
#include "tools/nano/random.h"

namespace glassformer::nano {

size_t Parameter::size() const {
  size_t size = 1;
  for (const int64_t n : shape) size *= static_cast<size_t>(n);
  return size;
}

Parameters::Parameters(const Config& config) {
  Weights weights;
  for (const WeightSlot& slot : lay_out_weights(config, Storage::f32, weights)) {
    all_.push_back({slot.name, slot.shape, size_});
    size_ += all_.back().size();
  }
}

const Parameter& Parameters::named(std::string_view name) const {
  for (const Parameter& parameter : all_) {
    if (parameter.name == name) return parameter;
  }
  assert(false);
  return all_.front();
}

std::vector<float> Parameters::initial(const Config& config, uint64_t seed) const {
  Random random(seed);
  std::vector<float> values(size_);
  const double spread = 0.02 * std::sqrt(768.0 / config.n_embd);
  for (const Parameter& parameter : all_) {
    const bool writes = parameter.name.ends_with("c_proj.weight");
    const double deviation = writes ? spread / std::sqrt(2.0 * config.n_layer) : spread;
    for (size_t i = 0; i < parameter.size(); ++i) {
      float& value = values[parameter.offset + i];
      if (parameter.is_matrix()) {
        value = static_cast<float>(deviation * random.normal());
      } else {
        value = parameter.name.ends_with(".weight") ? 1.0f : 0.0f;
      }
    }
  }
  return values;
}

}  // namespace glassformer::nano
