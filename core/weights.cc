#include "core/weights.h"

#include <algorithm>

#include "core/weights_layout.h"

namespace glassformer {
namespace {

// Appends slots one behind the other in memory.
class Layout {
 public:
  void add(const std::string& name, ConstTensorView& view, int64_t a) {
    append(name, view, view1<const float>(nullptr, a));
  }
  void add(const std::string& name, ConstTensorView& view, int64_t a, int64_t b) {
    append(name, view, view2<const float>(nullptr, a, b));
  }
  void add(const std::string& name, LayerNorm& norm, int64_t width) {
    add(name + ".weight", norm.weight, width);
    add(name + ".bias", norm.bias, width);
  }
  void add(const std::string& name, Linear& linear, int64_t inputs, int64_t outputs) {
    add(name + ".weight", linear.weight, inputs, outputs);
    add(name + ".bias", linear.bias, outputs);
  }
  std::vector<WeightSlot> take() { return std::move(slots_); }

 private:
  void append(const std::string& name, ConstTensorView& view, ConstTensorView shape) {
    view = shape;
    slots_.push_back({name, &view, offset_});
    offset_ += static_cast<uint64_t>(shape.size());
  }

  std::vector<WeightSlot> slots_;
  uint64_t offset_ = 0;
};

}  // namespace

std::vector<WeightSlot> lay_out_weights(const Config& config, Weights& weights) {
  const int64_t C = config.n_embd, F = config.n_inner, V = config.vocab_size;
  weights.blocks.resize(static_cast<size_t>(config.n_layer));
  Layout layout;
  layout.add("wte.weight", weights.wte, V, C);
  layout.add("wpe.weight", weights.wpe, config.n_positions, C);
  for (size_t i = 0; i < weights.blocks.size(); ++i) {
    BlockWeights& block = weights.blocks[i];
    const std::string h = "h." + std::to_string(i) + ".";
    layout.add(h + "ln_1", block.ln_1, C);
    layout.add(h + "attn.c_attn", block.attn_c_attn, C, 3 * C);
    layout.add(h + "attn.c_proj", block.attn_c_proj, C, C);
    layout.add(h + "ln_2", block.ln_2, C);
    layout.add(h + "mlp.c_fc", block.mlp_c_fc, C, F);
    layout.add(h + "mlp.c_proj", block.mlp_c_proj, F, C);
  }
  layout.add("ln_f", weights.ln_f, C);
  if (!config.tie_word_embeddings) layout.add("lm_head.weight", weights.lm_head, V, C);
  return layout.take();
}

uint64_t total_floats(const std::vector<WeightSlot>& slots) {
  if (slots.empty()) return 0;
  return slots.back().offset + static_cast<uint64_t>(slots.back().view->size());
}

bool allocate_weights(const Config& config, const std::vector<WeightSlot>& slots,
                      Weights& weights) {
  weights.memory = FloatBuffer::allocate(total_floats(slots));
  if (!weights.memory) return false;
  for (const WeightSlot& slot : slots) {
    slot.view->data = weights.memory.data() + slot.offset;
    weights.named.push_back({slot.name, *slot.view});
  }
  if (config.tie_word_embeddings) weights.lm_head = weights.wte;
  return true;
}

int64_t Weights::parameter_count() const {
  int64_t count = 0;
  for (const NamedWeight& weight : named) count += weight.tensor.size();
  return count;
}

const NamedWeight* Weights::find(std::string_view name) const {
  const auto it = std::find_if(named.begin(), named.end(),
                               [&](const NamedWeight& weight) { return weight.name == name; });
  return it == named.end() ? nullptr : &*it;
}

}  // namespace glassformer
