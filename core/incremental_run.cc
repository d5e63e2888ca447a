#include "core/incremental_run.h"

#include <algorithm>

namespace glassformer {
namespace {

// Room for some more words, so that not each of them moves the cache.
constexpr size_t kSpare = 64;

// A trace of more bytes is worth less than the memory.
constexpr uint64_t kMostKept = uint64_t{256} << 20;

}  // namespace

int IncrementalRun::shareable(std::span<const int32_t> tokens, const RunOptions& options) const {
  const bool whole = options.edits.empty() && options.hooks.empty() && !options.stop_at_layer &&
                     !options.start_at_layer && !options.positions;
  if (!pass_ || changed_ || !whole || tokens.empty()) return 0;
  if (version_ != model_->weights.version) return 0;
  const auto selected = select_activations(options.names, model_->config);
  if (!selected || !pass_->trace().contains(*selected)) return 0;
  // Where heads are projected one by one, their sums are rounded differently.
  const auto known_hook = [](const Trace::Entry& entry) { return entry.id.hook; };
  if (std::ranges::count(*selected, Hook::result, &ActivationId::hook) !=
      std::ranges::count(pass_->trace().entries(), Hook::result, known_hook)) {
    return 0;
  }
  const auto end =
      std::mismatch(tokens.begin(), tokens.end(), tokens_.begin(), tokens_.end()).first;
  // The last position is computed in any case: its logits are asked for.
  return static_cast<int>(std::min(end - tokens.begin(), std::ssize(tokens) - 1));
}

Status IncrementalRun::make_room(size_t positions) {
  const auto limit = static_cast<size_t>(model_->config.n_positions);
  // What cannot fit is refused by the pass.
  const size_t needed = std::min(positions, limit);
  if (cache_ && static_cast<size_t>(cache_->capacity()) >= needed) return {};
  Result<KvCache> larger =
      KvCache::create(model_->config, static_cast<int>(std::min(needed + kSpare, limit)));
  if (!larger) return larger.error();
  if (cache_) larger->copy(*cache_);
  cache_ = std::make_unique<KvCache>(*std::move(larger));
  return {};
}

Status IncrementalRun::begin(std::span<const int32_t> tokens, const RunOptions& options) {
  RunOptions run = options;
  const std::string logits_name(activation_row(Hook::logits).name);
  hides_logits_ = false;
  if (run.logits == LogitRows::all && !run.stop_at_layer) {
    const auto selected = select_activations(run.names, model_->config);
    if (!selected) return selected.error();
    hides_logits_ = std::find(selected->begin(), selected->end(), ActivationId{Hook::logits}) ==
                    selected->end();
    if (hides_logits_) run.names.push_back(logits_name);
  }
  logit_rows_ = run.logits;
  reused_ = shareable(tokens, run);
  tokens_.resize(static_cast<size_t>(reused_));
  if (cache_) cache_->truncate(std::min(reused_, cache_->length()));
  const size_t rows = run.residual.size() / static_cast<size_t>(model_->config.n_embd);
  if (Status status = make_room(std::max(tokens.size(), rows)); !status) return status;

  const auto rest = tokens.subspan(static_cast<size_t>(reused_));
  Result<ForwardPass> pass =
      reused_ > 0 ? ForwardPass::continue_from(pass_->trace(), *model_, *cache_, rest, run)
                  : ForwardPass::create(*model_, *cache_, rest, run);
  if (!pass) return pass.error();
  // Before its end it already knows what it took over.
  pass_ = *std::move(pass);
  wanted_.assign(tokens.begin(), tokens.end());
  version_ = model_->weights.version;
  changed_ = !run.edits.empty() || !run.hooks.empty() || run.positions;
  return {};
}

bool IncrementalRun::step() {
  const bool more = pass_->step();
  // Where blocks were left out the cache has not grown: nothing was kept.
  if (!more && cache_->length() == static_cast<int>(wanted_.size())) tokens_ = wanted_;
  return more;
}

std::span<const Trace::Entry> IncrementalRun::activations() const {
  const std::span<const Trace::Entry> entries = pass_->trace().entries();
  // The logits are computed last.
  return entries.first(entries.size() - (hides_logits_ ? 1 : 0));
}

ConstTensorView IncrementalRun::logits() const {
  const ConstTensorView computed = pass_->logits();
  if (!computed.data || logit_rows_ == LogitRows::none) return {};
  if (logit_rows_ == LogitRows::all) return *pass_->trace().find(Hook::logits);
  return view2<const float>(computed.row(computed.rows() - 1).data(), 1, computed.columns());
}

void IncrementalRun::end() {
  if (!pass_ || pass_->trace().bytes() <= kMostKept) return;
  pass_.reset();
  tokens_.clear();
}

}  // namespace glassformer
