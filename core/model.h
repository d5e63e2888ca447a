// GPT-2: embeddings -> blocks -> logits (Radford et al. 2019; pre-norm, learned positions). One
// forward pass serves prefill (many tokens) and decode (one token after a KV cache).
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/config.h"
#include "core/kv_cache.h"
#include "core/result.h"
#include "core/run_plan.h"
#include "core/tensor.h"
#include "core/trace.h"
#include "core/weights.h"

namespace glassformer {

struct Model {
  Config config;
  Weights weights;
};

// One run of new tokens through the model, after the positions already in the cache. It advances
// stage by stage (the embeddings, each block, the head), so that a caller can report progress and
// stop between stages; the cache counts the new positions once the run has reached its end, and
// not at all where stop_at_layer or start_at_layer leaves blocks without keys and values.
//
//   auto pass = ForwardPass::create(model, cache, tokens, options);
//   while (pass->step()) {}
//   pass->logits();
class ForwardPass {
 public:
  // Everything is checked (plan_run) before memory is allocated (out_of_memory). The model and the
  // cache must outlive the pass and stay where they are.
  static Result<ForwardPass> create(const Model& model, KvCache& cache,
                                    std::span<const int32_t> tokens, const RunOptions& options);
  // The same, but the trace and the logits begin at position 0: what came before is taken over from
  // `earlier`, the traces of runs without edits over at least the positions in the cache, which
  // together have every activation that the options name, and "logits" where they ask for all of
  // them.
  static Result<ForwardPass> continue_from(std::span<const Trace> earlier, const Model& model,
                                           KvCache& cache, std::span<const int32_t> tokens,
                                           const RunOptions& options);
  ForwardPass(ForwardPass&&) noexcept;
  ForwardPass& operator=(ForwardPass&&) noexcept;
  ~ForwardPass();

  // Runs the next stage; true while more remain.
  bool step();
  int stages() const;
  int stages_done() const;

  const Trace& trace() const;
  // Leaves the pass without one, after its end.
  Trace take_trace();
  // [rows, V] for the rows asked for; empty (no data) before the end or where none were.
  ConstTensorView logits() const;

 private:
  struct State;
  explicit ForwardPass(std::unique_ptr<State> state);
  static Result<ForwardPass> create(const Model& model, KvCache& cache,
                                    std::span<const int32_t> tokens, const RunOptions& options,
                                    std::span<const Trace> earlier);
  std::unique_ptr<State> state_;
};

// A whole pass at once.
Result<ForwardPass> run(const Model& model, KvCache& cache, std::span<const int32_t> tokens,
                        const RunOptions& options);

}  // namespace glassformer
