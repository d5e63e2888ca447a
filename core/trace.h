// THE table of activations. Every value the forward pass can show has one row here: its name
// (TransformerLens's, without the batch axis), its shape rule and its meaning. Capture, edits,
// bindings, documentation and tests are all driven by this table.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/result.h"
#include "core/tensor.h"

namespace glassformer {

// The places in the forward pass where a value can be read and edited, in the order in which they
// are computed.
enum class Hook {
  embed,
  pos_embed,
  resid_pre,
  ln1_scale,
  ln1_normalized,
  q,
  k,
  v,
  attn_scores,
  pattern,
  z,
  result,
  attn_out,
  resid_mid,
  ln2_scale,
  ln2_normalized,
  mlp_pre,
  mlp_post,
  mlp_out,
  resid_post,
  ln_final_scale,
  ln_final_normalized,
  logits,
};
inline constexpr int kHookCount = static_cast<int>(Hook::logits) + 1;

struct ActivationRow {
  Hook hook;
  std::string_view name;   // within its block: "attn.hook_q"; whole where per_block is false
  std::string_view shape;  // one letter an axis: T tokens of this pass, S source positions (earlier
                           // ones included), C, H, D, F, V as in config.h, 1 for a single column
  bool per_block;
  bool on_request;  // captured only when a pattern names it, because it is large
  std::string_view meaning;
};

// The rows, indexed by Hook.
std::span<const ActivationRow, kHookCount> activation_table();
const ActivationRow& activation_row(Hook hook);

// One activation of one model: a row and, where the row is per block, which block.
struct ActivationId {
  Hook hook;
  int block = 0;
  friend bool operator==(const ActivationId&, const ActivationId&) = default;
};

// "blocks.3.attn.hook_pattern"
std::string activation_name(ActivationId id);

// The full name that TransformerLens's short form stands for (its get_act_name): "k6", "pattern3",
// "resid_pre5", "scale4ln1", "mlp_out0", "embed"; empty where it stands for none.
std::string full_activation_name(std::string_view short_name, int layers);

// The activation of that name, full or short; bad_name, with the nearest valid name, where there is
// none.
Result<ActivationId> find_activation(std::string_view name, const Config& config);

// The activations that names, full or short, and glob patterns (* any characters, ? one) select, in
// the order of computation. "*" and other wildcards select an on-request activation only where the
// pattern spells its last part out ("*hook_result"). A pattern that selects nothing is bad_name.
Result<std::vector<ActivationId>> select_activations(std::span<const std::string> patterns,
                                                     const Config& config);

// The dimensions of an activation in a pass over `tokens` new tokens after `past` earlier ones.
// Two or three dimensions.
std::vector<int64_t> activation_dims(Hook hook, const Config& config, int tokens, int past);

// The activations that one run captured: one arena, and views into it.
class Trace {
 public:
  // Plans the tensors of the selected activations and allocates the arena once; out_of_memory
  // states the bytes that were needed.
  static Result<Trace> create(const Config& config, std::span<const ActivationId> selected,
                              int tokens, int past);

  // How many floats that is.
  static uint64_t size(const Config& config, std::span<const ActivationId> selected, int tokens,
                       int past);

  struct Entry {
    ActivationId id;
    TensorView tensor;
  };
  std::span<const Entry> entries() const { return entries_; }

  // Takes over the first `positions` from the traces of runs whose beginning is the same. All begin
  // at position 0, and the others together have every activation of this one.
  void copy_positions(std::span<const Trace> others, int64_t positions);

  // Where to write an activation, or nothing where it was not asked for.
  const TensorView* find(Hook hook, int block = 0) const {
    const int index = index_[slot(hook, block)];
    return index < 0 ? nullptr : &entries_[static_cast<size_t>(index)].tensor;
  }

  uint64_t bytes() const { return memory_.size() * sizeof(float); }

 private:
  static size_t slot(Hook hook, int block) {
    return static_cast<size_t>(hook) + size_t{kHookCount} * static_cast<size_t>(block);
  }

  std::vector<Entry> entries_;
  std::vector<int> index_;  // slot -> entry, or -1
  FloatBuffer memory_;
};

// The activation in the first of the traces that has it, or nothing.
const TensorView* find_in(std::span<const Trace> traces, ActivationId id);

}  // namespace glassformer
