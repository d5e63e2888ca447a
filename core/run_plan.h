// What a run is asked for, checked and resolved before anything is computed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/edits.h"
#include "core/kv_cache.h"
#include "core/result.h"
#include "core/trace.h"

namespace glassformer {

// Which rows of logits a run computes: in a small model a row costs as much as all its blocks.
enum class LogitRows { none, last, all };

struct RunOptions {
  std::vector<std::string> names;  // activations to capture: names and globs (select_activations)
  // Stop before this block: 0 computes the embeddings only, n_layer all blocks but not the final
  // norm. Negative counts from n_layer, as in TransformerLens. Absent: run to the logits.
  // Activations that come after the stop are not captured.
  std::optional<int> stop_at_layer;
  std::vector<Edit> edits;  // applied in order
  LogitRows logits = LogitRows::last;
};

struct RunPlan {
  std::vector<int32_t> tokens;
  int past = 0;            // positions already in the cache
  int blocks = 0;          // the blocks to run
  bool to_logits = false;  // whether the final norm and the unembedding follow
  int logit_rows = 0;      // how many rows of logits, counted from the last
  std::vector<ActivationId> captured;
  std::vector<PlannedEdit> edits;

  int new_positions() const { return static_cast<int>(tokens.size()); }
  int64_t positions() const { return int64_t{past} + new_positions(); }
  bool edits_activation(Hook hook, int block) const;
};

// Checks the token ids (bad_tokens), the length against the context and the cache
// (context_overflow, stating the limit), stop_at_layer (bad_option), names (bad_name) and edits
// (bad_edit).
Result<RunPlan> plan_run(const Config& config, const KvCache& cache,
                         std::span<const int32_t> tokens, const RunOptions& options);

}  // namespace glassformer
