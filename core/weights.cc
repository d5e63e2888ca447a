#include "core/weights.h"

#include <algorithm>

#include "core/weights_layout.h"

namespace glassformer {
namespace {

int64_t product(const std::vector<int64_t>& shape) {
  int64_t size = 1;
  for (const int64_t dimension : shape) size *= dimension;
  return size;
}

// Appends slots one behind the other in memory.
class Layout {
 public:
  explicit Layout(Storage storage) : storage_(storage) {}

  void add(const std::string& name, ConstTensorView& plain, std::vector<int64_t> shape) {
    plain = shape.size() == 1 ? view1<const float>(nullptr, shape[0])
                              : view2<const float>(nullptr, shape[0], shape[1]);
    append({.name = name, .shape = std::move(shape), .plain = &plain});
  }
  void add(const std::string& name, WeightMatrix& matrix, MatrixOrder order, int64_t outputs,
           int64_t inputs) {
    matrix.storage = storage_;
    matrix.packed = {nullptr, outputs, inputs};
    matrix.quantized = {nullptr, nullptr, outputs, inputs};
    std::vector<int64_t> shape = {outputs, inputs};
    if (order == MatrixOrder::inputs_first) std::reverse(shape.begin(), shape.end());
    append({.name = name, .shape = std::move(shape), .matrix = &matrix, .order = order});
  }
  void add(const std::string& name, LayerNorm& norm, int64_t width) {
    add(name + ".weight", norm.weight, {width});
    add(name + ".bias", norm.bias, {width});
  }
  void add(const std::string& name, Linear& linear, int64_t inputs, int64_t outputs) {
    add(name + ".weight", linear.weight, MatrixOrder::inputs_first, outputs, inputs);
    add(name + ".bias", linear.bias, {outputs});
  }
  std::vector<WeightSlot> take() { return std::move(slots_); }

 private:
  void append(WeightSlot slot) {
    slot.offset = offset_;
    offset_ += whole_lines(static_cast<uint64_t>(slot.stored_size()));
    slots_.push_back(std::move(slot));
  }

  const Storage storage_;
  std::vector<WeightSlot> slots_;
  uint64_t offset_ = 0;
};

}  // namespace

int64_t WeightSlot::size() const { return product(shape); }

int64_t WeightSlot::stored_size() const {
  return matrix ? static_cast<int64_t>(matrix->stored_bytes() / sizeof(float)) : plain->size();
}

std::vector<WeightSlot> lay_out_weights(const Config& config, Storage storage, Weights& weights) {
  const int64_t C = config.n_embd, F = config.n_inner, V = config.vocab_size;
  weights.blocks.resize(static_cast<size_t>(config.n_layer));
  weights.storage = storage;
  Layout layout(storage);
  layout.add("wte.weight", weights.wte, MatrixOrder::outputs_first, V, C);
  layout.add("wpe.weight", weights.wpe, {config.n_positions, C});
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
  if (!config.tie_word_embeddings) {
    layout.add("lm_head.weight", weights.lm_head, MatrixOrder::outputs_first, V, C);
  }
  return layout.take();
}

uint64_t total_floats(const std::vector<WeightSlot>& slots) {
  if (slots.empty()) return 0;
  return slots.back().offset + static_cast<uint64_t>(slots.back().stored_size());
}

bool allocate_weights(const Config& config, const std::vector<WeightSlot>& slots,
                      Weights& weights) {
  weights.memory = FloatBuffer::allocate(total_floats(slots));
  if (!weights.memory) return false;
  for (const WeightSlot& slot : slots) {
    float* place = weights.memory.data() + slot.offset;
    NamedWeight named{.name = slot.name, .shape = slot.shape, .order = slot.order};
    if (slot.matrix) {
      slot.matrix->place(place);
      named.matrix = *slot.matrix;
    } else {
      slot.plain->data = place;
      named.plain = *slot.plain;
    }
    weights.named.push_back(std::move(named));
  }
  if (config.tie_word_embeddings) weights.lm_head = weights.wte;
  return true;
}

int64_t NamedWeight::size() const { return product(shape); }

void NamedWeight::read(int64_t first, std::span<float> values) const {
  if (!plain.data) {
    unpack(matrix, order, first, values);
  } else {
    const auto from = plain.span().subspan(static_cast<size_t>(first), values.size());
    std::copy(from.begin(), from.end(), values.begin());
  }
}

int64_t Weights::parameter_count() const {
  int64_t count = 0;
  for (const NamedWeight& weight : named) count += weight.size();
  return count;
}

const NamedWeight* Weights::find(std::string_view name) const {
  const auto it = std::find_if(named.begin(), named.end(),
                               [&](const NamedWeight& weight) { return weight.name == name; });
  return it == named.end() ? nullptr : &*it;
}

}  // namespace glassformer
