// GPT-2: embeddings -> blocks -> logits (Radford et al. 2019; pre-norm, learned positions). One
// forward pass serves prefill (many tokens) and decode (one token after a KV cache).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/edits.h"
#include "core/result.h"
#include "core/tensor.h"
#include "core/trace.h"
#include "core/weights.h"

namespace glassformer {

struct Model {
  Config config;
  Weights weights;
};

// The keys and values of the positions computed so far, for every block: k and v are
// [capacity, C] each, a row a position, the heads side by side.
class KvCache {
 public:
  // capacity: the most positions it can hold, at most config.n_positions (also where 0 is given).
  static Result<KvCache> create(const Config& config, int capacity = 0);

  int length() const { return length_; }
  int capacity() const { return capacity_; }
  // Forgets every position from `length` on. length must not exceed length().
  void truncate(int length);

  TensorView k(int block) const;
  TensorView v(int block) const;

 private:
  friend class ForwardPass;
  int length_ = 0;
  int capacity_ = 0;
  int64_t width_ = 0;
  int blocks_ = 0;
  FloatBuffer memory_;
};

enum class LogitRows { none, last, all };

struct RunOptions {
  std::vector<std::string> names;  // activations to capture: names and globs (select_activations)
  // Stop before this block: 0 computes the embeddings only, n_layer all blocks but not the final
  // norm. Negative counts from n_layer, as in TransformerLens. Absent: run to the logits.
  std::optional<int> stop_at_layer;
  std::vector<Edit> edits;  // applied in order
  LogitRows logits = LogitRows::last;
};

// One run of new tokens through the model, after the positions already in the cache. It advances
// stage by stage (the embeddings, each block, the head), so that a caller can report progress and
// stop between stages; the cache only counts the new positions once the run has finished.
//
//   auto pass = ForwardPass::create(model, cache, tokens, options);
//   while (pass->step()) {}
//   pass->logits();
class ForwardPass {
 public:
  // Checks everything before it allocates: token ids (bad_tokens), context length
  // (context_overflow), names, edits, stop_at_layer (bad_option), then memory (out_of_memory).
  // The model and the cache must outlive the pass.
  static Result<ForwardPass> create(const Model& model, KvCache& cache,
                                    std::span<const int32_t> tokens, RunOptions options);
  ForwardPass(ForwardPass&&) noexcept;
  ForwardPass& operator=(ForwardPass&&) noexcept;
  ~ForwardPass();

  // Runs the next stage; true while more remain.
  bool step();
  int stages() const;  // in all
  int stages_done() const;

  const Trace& trace() const;
  // [rows, V] for the rows asked for; empty (no data) before the end or where none were.
  ConstTensorView logits() const;

 private:
  struct State;
  explicit ForwardPass(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A whole pass at once.
Result<ForwardPass> run(const Model& model, KvCache& cache, std::span<const int32_t> tokens,
                        RunOptions options);

}  // namespace glassformer
