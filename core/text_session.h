// A text that grows, as generation makes it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/model.h"
#include "core/sampler.h"

namespace glassformer {

// Keeps the keys and values of the tokens so far, and the logits after the last of them, from which
// the next one may be drawn more than once. The first tokens are the prompt.
class TextSession {
 public:
  // capacity: the most tokens, at most n_positions.
  static Result<TextSession> create(std::shared_ptr<const Model> model, int capacity);

  // Begins a pass over new tokens; errors as in ForwardPass::create, and bad_option where the
  // weights have changed since the text was begun.
  Status begin(std::span<const int32_t> tokens, const RunOptions& options);
  // Runs the next stage; true while more remain.
  bool step();
  int stages() const { return pass_->stages(); }
  // Gives back what the last pass needed.
  void end() { pass_.reset(); }

  // [V], after the last token.
  std::span<const float> logits() const { return logits_; }
  SamplingContext context() const;

  // Another text that begins as this one does; no pass is under way.
  Result<TextSession> fork() const;

 private:
  TextSession(std::shared_ptr<const Model> model, KvCache cache);

  std::shared_ptr<const Model> model_;
  std::unique_ptr<KvCache> cache_;  // owned by pointer: the pass refers to it
  std::optional<ForwardPass> pass_;
  std::vector<int32_t> wanted_;  // those of the pass
  std::vector<int32_t> tokens_;  // so far
  size_t prompt_ = 0;            // how many of them were there first
  std::vector<float> logits_;
  uint64_t version_ = 0;  // of the weights
};

}  // namespace glassformer
