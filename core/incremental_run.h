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

// Keeps the keys, values and activations of the last text, those of all its runs together. The next
// run computes only the positions from the first token on that differs, and takes the others over;
// its trace and its logits are those of a run over the whole text, to the last bit. A run with
// activations that were not captured, or with weights that have changed, computes everything. So
// does one with edits or hooks, of some layers or for some positions; it leaves what is kept as it
// was.
class IncrementalRun {
 public:
  explicit IncrementalRun(std::shared_ptr<const Model> model) : model_(std::move(model)) {}

  // As ForwardPass::create, for the whole text.
  Status begin(std::span<const int32_t> tokens, const RunOptions& options);
  // Runs the next stage; true while more remain.
  bool step();

  int stages() const { return pass_->stages(); }
  // How many positions at the beginning were taken over.
  int reused() const { return reused_; }
  // What the options asked for, in the order of computation; until the end.
  std::span<const Trace::Entry> activations() const;
  // [rows,V] for the rows asked for: all, the last, or no data; until the end.
  ConstTensorView logits() const;

  // After the caller has read what it wants. Of large traces the oldest are not kept.
  void end();

 private:
  Status begin_aside(std::span<const int32_t> tokens, const RunOptions& options);
  // Forgets what a run of the text cannot take over, and counts the positions that it can: reused_.
  void share(std::span<const int32_t> tokens, const std::vector<ActivationId>& selected);
  // Whether the traces together have all of these.
  bool knows(const std::vector<ActivationId>& ids) const;
  Status make_room(size_t positions);
  // Beside those of the same text, or in their place.
  void keep(Trace trace);

  std::shared_ptr<const Model> model_;
  std::vector<Trace> traces_;    // each of them at least over tokens_, where it was computed whole
  std::vector<int32_t> tokens_;  // whose activations are known
  std::vector<int> head_by_head_;  // blocks that were computed so in all the traces
  uint64_t version_ = 0;           // of the weights then
  // Owned by pointer: a pass refers to it. Its keys and values are those of a beginning of tokens_.
  std::unique_ptr<KvCache> cache_;
  std::unique_ptr<KvCache> aside_;  // of a run that is not kept
  std::optional<ForwardPass> pass_;
  std::vector<int32_t> wanted_;  // the tokens of the run under way
  bool hides_logits_ = false;    // captured for the next run's sake
  LogitRows logit_rows_ = LogitRows::last;
  int reused_ = 0;
};

}  // namespace glassformer
