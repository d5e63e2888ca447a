// Runs over whole texts, each of which may begin as the one before: while somebody types, only the
// end changes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/model.h"

namespace glassformer {

// Keeps the keys, values and activations of the last run. The next one computes only the positions
// from the first token on that differs, and takes the others over; its trace and its logits are
// those of a run over the whole text, to the last bit. A run with edits or hooks, of some layers or
// for some positions, with activations that the one before did not capture, or with weights that
// have changed, computes everything.
class IncrementalRun {
 public:
  explicit IncrementalRun(std::shared_ptr<const Model> model) : model_(std::move(model)) {}

  // As ForwardPass::create, for the whole text. What this run does not share with the last one is
  // forgotten.
  Status begin(std::span<const int32_t> tokens, const RunOptions& options);
  // Runs the next stage; true while more remain.
  bool step();

  int stages() const { return pass_->stages(); }
  // How many positions at the beginning were taken over.
  int reused() const { return reused_; }
  // What the options asked for, in the order of computation.
  std::span<const Trace::Entry> activations() const;
  // [rows,V] for the rows asked for: all, the last, or no data.
  ConstTensorView logits() const;

  // After the caller has read what it wants. Large traces are not kept for the next run.
  void end();

 private:
  // How many tokens of the last run this one can take over.
  int shareable(std::span<const int32_t> tokens, const RunOptions& options) const;
  Status make_room(size_t positions);

  std::shared_ptr<const Model> model_;
  // Owned by pointer: a pass refers to it.
  std::unique_ptr<KvCache> cache_;
  std::optional<ForwardPass> pass_;  // the last, whose trace is still good for tokens_
  std::vector<int32_t> tokens_;      // whose keys, values and activations are known
  std::vector<int32_t> wanted_;      // those of the run under way
  bool changed_ = false;             // by edits or hooks, or a trace without all positions
  uint64_t version_ = 0;             // of the weights
  bool hides_logits_ = false;        // captured for the next run's sake
  LogitRows logit_rows_ = LogitRows::last;
  int reused_ = 0;
};

}  // namespace glassformer
