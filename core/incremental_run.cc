#include "core/incremental_run.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace glassformer {
namespace {

// Room for some more words, so that not each of them moves the cache.
constexpr size_t kSpare = 64;

// Traces of more bytes are worth less than the memory.
constexpr uint64_t kMostKept = uint64_t{256} << 20;

bool is_whole(const RunOptions& options) {
  return options.edits.empty() && options.hooks.empty() && !options.stop_at_layer &&
         !options.start_at_layer && !options.positions;
}

// Blocks whose heads are projected one by one, which rounds their sums differently.
std::vector<int> head_by_head(std::span<const ActivationId> ids) {
  std::vector<int> blocks;
  for (const ActivationId id : ids) {
    if (id.hook == Hook::result) blocks.push_back(id.block);
  }
  return blocks;
}

}  // namespace

bool IncrementalRun::knows(const std::vector<ActivationId>& ids) const {
  return std::ranges::all_of(ids,
                             [this](ActivationId id) { return find_in(traces_, id) != nullptr; });
}

void IncrementalRun::share(std::span<const int32_t> tokens,
                           const std::vector<ActivationId>& selected) {
  const auto common = std::ranges::mismatch(tokens, tokens_).in1 - tokens.begin();
  std::vector<int> blocks = head_by_head(selected);
  const bool same_numbers = version_ == model_->weights.version && head_by_head_ == blocks;
  if (common == 0 || !same_numbers) traces_.clear();
  version_ = model_->weights.version;
  head_by_head_ = std::move(blocks);
  tokens_.resize(traces_.empty() ? 0 : static_cast<size_t>(common));
  if (cache_ && knows(selected)) {
    // The last position is computed in any case: its logits are asked for.
    const auto most = static_cast<int>(std::min(std::ssize(tokens_), std::ssize(tokens) - 1));
    reused_ = std::clamp(most, 0, cache_->length());
  }
  if (cache_) cache_->truncate(reused_);
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
  end();
  RunOptions run = options;
  Result<std::vector<ActivationId>> asked = select_activations(run.names, model_->config);
  if (!asked) return asked.error();
  std::vector<ActivationId> selected = *std::move(asked);
  hides_logits_ = run.logits == LogitRows::all && !run.stop_at_layer &&
                  std::ranges::find(selected, ActivationId{Hook::logits}) == selected.end();
  if (hides_logits_) {
    run.names.emplace_back(activation_row(Hook::logits).name);
    selected.push_back({Hook::logits});
  }
  logit_rows_ = run.logits;
  reused_ = 0;
  if (!is_whole(run)) return begin_aside(tokens, run);

  share(tokens, selected);
  if (Status status = make_room(tokens.size()); !status) return status;
  const auto rest = tokens.subspan(static_cast<size_t>(reused_));
  Result<ForwardPass> pass = reused_ > 0
                                 ? ForwardPass::continue_from(traces_, *model_, *cache_, rest, run)
                                 : ForwardPass::create(*model_, *cache_, rest, run);
  if (!pass) return pass.error();
  pass_ = *std::move(pass);
  wanted_.assign(tokens.begin(), tokens.end());
  return {};
}

Status IncrementalRun::begin_aside(std::span<const int32_t> tokens, const RunOptions& options) {
  const size_t rows = options.residual.size() / static_cast<size_t>(model_->config.n_embd);
  const size_t positions = std::max({tokens.size(), rows, size_t{1}});
  const auto limit = static_cast<size_t>(model_->config.n_positions);
  Result<KvCache> cache =
      KvCache::create(model_->config, static_cast<int>(std::min(positions, limit)));
  if (!cache) return cache.error();
  aside_ = std::make_unique<KvCache>(*std::move(cache));
  Result<ForwardPass> pass = ForwardPass::create(*model_, *aside_, tokens, options);
  if (!pass) return pass.error();
  pass_ = *std::move(pass);
  return {};
}

bool IncrementalRun::step() { return pass_->step(); }

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
  if (pass_ && !aside_ && pass_->stages_done() == pass_->stages()) {
    keep(pass_->take_trace());
  }
  pass_.reset();
  aside_.reset();
}

void IncrementalRun::keep(Trace trace) {
  if (tokens_ != wanted_) traces_.clear();
  tokens_ = wanted_;
  const auto id = [](const Trace::Entry& entry) { return entry.id; };
  const auto ids = trace.entries() | std::views::transform(id);
  if (!traces_.empty() && knows({ids.begin(), ids.end()})) return;
  traces_.push_back(std::move(trace));
  uint64_t bytes = 0;
  for (const Trace& each : traces_) bytes += each.bytes();
  while (bytes > kMostKept) {
    bytes -= traces_.front().bytes();
    traces_.erase(traces_.begin());
  }
}

}  // namespace glassformer
