// What a run is asked for, checked and resolved before anything is computed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/edits.h"
#include "core/result.h"
#include "core/trace.h"

namespace glassformer {

// Which rows of logits a run computes: in a small model a row costs as much as all its blocks.
enum class LogitRows { none, last, all };

// Looks at activations, and may change their values, after the edits: [T,...] or, of scores and
// patterns, [H,T,S]. What a token may not see stays masked.
struct RunHook {
  std::vector<std::string> names;  // as in RunOptions
  std::function<void(ActivationId, TensorView)> call;
};

struct RunOptions {
  std::vector<std::string> names;  // activations to capture: names and globs (select_activations)
  // The positions, counted within the whole context, to capture and to return logits of; all of
  // the run's where absent. Of scores and patterns these are the queries.
  std::optional<AxisRange> positions;
  // Start before this block, with `residual` [T,C] instead of tokens; n_layer runs the final norm
  // and the unembedding alone. Negative counts from n_layer. The cache must be empty, and stays so.
  std::optional<int> start_at_layer;
  std::span<const float> residual;
  // Stop before this block: 0 computes the embeddings only, n_layer all blocks but not the final
  // norm. Negative counts from n_layer, as in TransformerLens. Absent: run to the logits.
  // Activations that come after the stop are not captured.
  std::optional<int> stop_at_layer;
  std::vector<Edit> edits;     // applied in order
  std::vector<RunHook> hooks;  // called in order, in the thread that steps the run
  LogitRows logits = LogitRows::last;
};

// A hook for one activation.
struct PlannedHook {
  ActivationId activation;
  std::function<void(ActivationId, TensorView)> call;
};

struct RunPlan {
  std::vector<int32_t> tokens;   // empty where the run starts with a residual ...
  std::vector<float> residual;   // ... [T,C]
  int new_positions = 0;         // T
  int past = 0;                  // positions already in the cache
  int first_block = 0;           // the blocks to run: from this one on ...
  int end_block = 0;             // ... up to but not this one
  bool to_logits = false;        // whether the final norm and the unembedding follow
  AxisRange captured_positions;  // within the whole context
  AxisRange logit_positions;     // likewise; empty where no logits are computed
  std::vector<ActivationId> captured;
  std::vector<PlannedEdit> edits;
  std::vector<PlannedHook> hooks;

  int64_t positions() const { return int64_t{past} + new_positions; }
  int64_t logit_rows() const { return logit_positions.end - logit_positions.begin; }
  bool from_tokens() const { return !tokens.empty(); }
  // Whether the keys and values of every block are computed, so that the cache may grow.
  bool is_whole() const { return from_tokens() && to_logits; }
  bool captures(Hook hook) const;
  // Whether the trace keeps the same rows of logits that are computed.
  bool logits_in_trace() const {
    return captures(Hook::logits) && logit_positions == captured_positions;
  }
  // Whether an edit or a hook may change it.
  bool changes(Hook hook, int block) const;
  // Whether hooks want the scores or patterns of all heads together.
  bool hooks_attention() const;
};

// Checks the token ids (bad_tokens), the length against the context and the cache
// (context_overflow, stating the limit), start_at_layer, stop_at_layer, positions and the residual
// (bad_option), names (bad_name) and edits (bad_edit).
//
// past, capacity: the positions that the cache holds, and can hold.
Result<RunPlan> plan_run(const Config& config, int past, int capacity,
                         std::span<const int32_t> tokens, const RunOptions& options);

}  // namespace glassformer
