#include "core/analysis/own_run.h"

#include <algorithm>

namespace glassformer {

Result<OwnRun> begin_run(const Model& model, std::span<const int32_t> tokens,
                         const RunOptions& options) {
  const size_t rows = options.residual.size() / static_cast<size_t>(model.config.n_embd);
  // What does not fit is refused by the pass.
  const auto capacity = std::clamp<size_t>(std::max(tokens.size(), rows), 1,
                                           static_cast<size_t>(model.config.n_positions));
  Result<KvCache> cache = KvCache::create(model.config, static_cast<int>(capacity));
  if (!cache) return cache.error();
  auto owned = std::make_unique<KvCache>(*std::move(cache));
  Result<ForwardPass> pass = ForwardPass::create(model, *owned, tokens, options);
  if (!pass) return pass.error();
  return OwnRun{std::move(owned), *std::move(pass)};
}

Status check_edits_end_in_blocks(std::span<const Edit> edits) {
  for (const Edit& edit : edits) {
    const Hook hook = edit.activation.hook;
    if (hook == Hook::ln_final_scale || hook == Hook::ln_final_normalized || hook == Hook::logits) {
      return Error{ErrorCode::bad_edit, "an edit of " + activation_name(edit.activation) +
                                            " has no place here, because this analysis applies the "
                                            "final layer norm itself"};
    }
  }
  return {};
}

Result<OwnRun> unembed(const Model& model, ConstTensorView residual) {
  Result<OwnRun> run = begin_run(model, {},
                                 {.start_at_layer = model.config.n_layer,
                                  .residual = residual.span(),
                                  .logits = LogitRows::all});
  if (run) run->finish();
  return run;
}

}  // namespace glassformer
