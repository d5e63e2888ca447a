// The forward pass. Radford et al. 2019, section 2.3; attention as in Vaswani et al. 2017, section
// 3.2, with the layer norms moved in front of each layer and one more after the last block.
#include "core/model.h"

#include <algorithm>
#include <limits>

#include "core/attention.h"
#include "core/kernels.h"
#include "core/matrix_product.h"
#include "core/scratch.h"
#include "core/threads.h"

namespace glassformer {

struct ForwardPass::State {
  const Model& model;
  KvCache& cache;
  const RunPlan plan;
  Trace trace;
  int64_t trace_begin;  // the position of the trace's first row
  Scratch s;
  int stages_done = 0;

  const Config& config() const { return model.config; }
  int blocks() const { return plan.end_block - plan.first_block; }
  int stages() const { return 1 + blocks() + (plan.to_logits ? 1 : 0); }

  // Every value of the pass goes through here once, when it is complete and before anything reads
  // it: edits change it in place, then the trace copies it if it was asked for. The activations
  // that are computed one head at a time name their head.
  void tap(Hook hook, int block, TensorView value, int64_t head = 0) {
    tap_from(plan.past, hook, block, value, head);
  }

  // The same for a value whose first row is that of `position`.
  void tap_from(int64_t position, Hook hook, int block, TensorView value, int64_t head = 0) {
    apply_edits(plan.edits, {hook, block}, value, position, head);
    call_hooks({hook, block}, value);
    keep(position, hook, block, value, head);
  }

  void call_hooks(ActivationId id, TensorView value) {
    for (const PlannedHook& hooked : plan.hooks) {
      if (hooked.activation == id) hooked.call(id, value);
    }
  }

  // Copies a value into the trace where it was asked for.
  void keep(int64_t position, Hook hook, int block, TensorView value, int64_t head = 0) {
    const TensorView* traced = trace.find(hook, block);
    if (!traced) return;
    // One head's rows, or all that a position has, lie together.
    const bool by_head = hook == Hook::attn_scores || hook == Hook::pattern;
    const int64_t rows = traced->dims[by_head ? 1 : 0], row_size = value.size() / value.dims[0];
    const int64_t begin = std::max(position, trace_begin);
    const int64_t end = std::min(position + value.dims[0], trace_begin + rows);
    const float* from = value.data + (begin - position) * row_size;
    float* to = traced->data + ((by_head ? head * rows : 0) + begin - trace_begin) * row_size;
    if (begin < end && from != to) std::copy_n(from, (end - begin) * row_size, to);
  }

  void start() {
    if (!plan.from_tokens()) {
      std::copy(plan.residual.begin(), plan.residual.end(), s.residual.data);
      return;
    }
    embed();
  }

  void embed() {
    const int64_t C = config().n_embd;
    const Weights& w = model.weights;
    const TensorView token = s.residual, position = s.layer_out;
    for (int64_t t = 0; t < token.rows(); ++t) {
      unpack(w.wte, MatrixOrder::outputs_first, plan.tokens[static_cast<size_t>(t)] * C,
             token.row(t));
      std::copy_n(w.wpe.data + (plan.past + t) * C, C, position.row(t).data());
    }
    tap(Hook::embed, 0, token);
    tap(Hook::pos_embed, 0, position);
    add(s.residual, token, position);
  }

  void block(int i) {
    const BlockWeights& w = model.weights.blocks[static_cast<size_t>(i)];
    tap(Hook::resid_pre, i, s.residual);
    layer_norm(w.ln_1, Hook::ln1_scale, Hook::ln1_normalized, i);
    attention(w, i);
    add(s.residual, s.residual, s.layer_out);
    tap(Hook::resid_mid, i, s.residual);
    layer_norm(w.ln_2, Hook::ln2_scale, Hook::ln2_normalized, i);
    mlp(w, i);
    add(s.residual, s.residual, s.layer_out);
    tap(Hook::resid_post, i, s.residual);
  }

  // s.normalized = the layer norm of the residual stream.
  void layer_norm(const LayerNorm& w, Hook scale, Hook normalized, int i) {
    layer_norm_scale(s.scale, s.residual, config().layer_norm_epsilon);
    tap(scale, i, s.scale);
    layer_norm_normalize(s.normalized, s.residual, s.scale);
    tap(normalized, i, s.normalized);
    layer_norm_affine(s.normalized, s.normalized, w.weight, w.bias);
  }

  void multiply(TensorView y, ConstTensorView x, const Linear& w) {
    matrix_product(y, x, w.weight, w.bias, s.workspace);
  }

  // s.layer_out = what attention makes of s.normalized.
  void attention(const BlockWeights& w, int i) {
    const int64_t T = plan.new_positions, C = config().n_embd;
    multiply(s.qkv, s.normalized, w.attn_c_attn);
    for (int64_t t = 0; t < T; ++t) {
      const float* row = s.qkv.row(t).data();
      std::copy_n(row, C, s.q.data + t * C);
      std::copy_n(row + C, C, s.k.data + t * C);
      std::copy_n(row + 2 * C, C, s.v.data + t * C);
    }
    tap(Hook::q, i, s.q);
    tap(Hook::k, i, s.k);
    tap(Hook::v, i, s.v);
    cache.store(i, s.k, s.v);

    plan.hooks_attention() ? heads_together(i) : heads_apart(i);
    tap(Hook::z, i, s.z);
    project_heads(w.attn_c_proj, i);
    tap(Hook::attn_out, i, s.layer_out);
  }

  // s.z, head by head. Heads are independent of each other: each thread has a share of them.
  void heads_apart(int i) {
    const int64_t T = plan.new_positions, S = plan.positions(), H = config().n_head;
    const int64_t shares = s.scores.dims[0];
    parallel_parts(static_cast<int>(shares), [&](int share) {
      const TensorView scores = view2(s.scores.data + share * T * S, T, S);
      for (int64_t h = H * share / shares; h < H * (share + 1) / shares; ++h) {
        score_head(i, h, scores);
        tap(Hook::attn_scores, i, scores, h);
        softmax_rows(scores, scores);
        tap(Hook::pattern, i, scores, h);
        mix_head(i, h, scores);
      }
    });
  }

  // The same where hooks want to see all heads at once.
  void heads_together(int i) {
    const int64_t T = plan.new_positions, S = plan.positions(), H = config().n_head;
    const auto scores = [&](int64_t h) { return view2(s.scores.data + h * T * S, T, S); };
    for (int64_t h = 0; h < H; ++h) score_head(i, h, scores(h));
    tap_heads(Hook::attn_scores, i, -std::numeric_limits<float>::infinity());
    for (int64_t h = 0; h < H; ++h) softmax_rows(scores(h), scores(h));
    tap_heads(Hook::pattern, i, 0);
    for (int64_t h = 0; h < H; ++h) mix_head(i, h, scores(h));
  }

  // tap() for s.scores as a whole. No hook lets a token see later ones.
  void tap_heads(Hook hook, int i, float masked) {
    const int64_t T = plan.new_positions, S = plan.positions(), H = config().n_head;
    const auto scores = [&](int64_t h) { return view2(s.scores.data + h * T * S, T, S); };
    for (int64_t h = 0; h < H; ++h) apply_edits(plan.edits, {hook, i}, scores(h), plan.past, h);
    call_hooks({hook, i}, s.scores);
    for (int64_t h = 0; h < H; ++h) {
      for (int64_t t = 0; t < T; ++t) {
        const std::span<float> row = scores(h).row(t);
        std::fill(row.begin() + plan.past + t + 1, row.end(), masked);
      }
      keep(plan.past, hook, i, scores(h), h);
    }
  }

  void score_head(int i, int64_t h, TensorView scores) {
    const int64_t T = plan.new_positions, S = plan.positions(), D = config().head_width();
    attention_scores(scores, {s.q.data + h * D, T, D, config().n_embd},
                     {cache.k(i).data + h * cache.capacity() * D, S, D, D},
                     score_factor(config(), i));
  }

  void mix_head(int i, int64_t h, ConstTensorView pattern) {
    const int64_t S = plan.positions(), D = config().head_width();
    attention_mix(s.z.data + h * D, config().n_embd, pattern,
                  {cache.v(i).data + h * cache.capacity() * D, S, D, D});
  }

  // s.layer_out = z W_O + b_O: head by head where their results are looked at (Elhage et al. 2021,
  // "attention heads are independent and additive"), at once where only the sum is.
  void project_heads(const Linear& w, int i) {
    const TensorView z = view2(s.z.data, plan.new_positions, config().n_embd);
    if (!trace.find(Hook::result, i) && !plan.changes(Hook::result, i)) {
      multiply(s.layer_out, z, w);
      return;
    }
    const int64_t D = config().head_width();
    parallel_ranges(config().n_head, 1, [&](int64_t begin, int64_t end) {
      for (int64_t h = begin; h < end; ++h) project_head(s.result, z, w.weight, h, D);
    });
    tap(Hook::result, i, s.result);
    sum_heads(s.layer_out, s.result, w.bias);
  }

  // s.layer_out = what the MLP makes of s.normalized.
  void mlp(const BlockWeights& w, int i) {
    multiply(s.hidden, s.normalized, w.mlp_c_fc);
    tap(Hook::mlp_pre, i, s.hidden);
    activate(s.hidden, s.hidden, config().activation);
    tap(Hook::mlp_post, i, s.hidden);
    multiply(s.layer_out, s.hidden, w.mlp_c_proj);
    tap(Hook::mlp_out, i, s.layer_out);
  }

  void unembed_rows() {
    layer_norm(model.weights.ln_f, Hook::ln_final_scale, Hook::ln_final_normalized, 0);
    const int64_t C = config().n_embd, rows = plan.logit_rows();
    if (rows == 0) return;
    const int64_t first = plan.logit_positions.begin - plan.past;
    matrix_product(logits(), view2(s.normalized.data + first * C, rows, C), model.weights.lm_head,
                   {}, s.workspace);
    tap_from(plan.logit_positions.begin, Hook::logits, 0, logits());
  }

  // Where the trace keeps the same rows of logits, that is their only place.
  TensorView logits() const {
    if (!plan.logits_in_trace()) return s.logits;
    const TensorView* traced = trace.find(Hook::logits);
    const int64_t V = traced->columns(), first = plan.logit_positions.begin - trace_begin;
    return view2(traced->data + first * V, plan.logit_rows(), V);
  }

  void run_stage(int stage) {
    if (stage == 0) {
      start();
    } else if (stage <= blocks()) {
      block(plan.first_block + stage - 1);
    } else {
      unembed_rows();
    }
  }
};

Result<ForwardPass> ForwardPass::create(const Model& model, KvCache& cache,
                                        std::span<const int32_t> tokens, const RunOptions& options,
                                        std::span<const Trace> earlier) {
  Result<RunPlan> plan = plan_run(model.config, cache.length(), cache.capacity(), tokens, options);
  if (!plan) return plan.error();
  const int64_t begin = earlier.empty() ? plan->captured_positions.begin : 0;
  const auto rows = static_cast<int>(plan->captured_positions.end - begin);
  Result<Trace> trace =
      Trace::create(model.config, plan->captured, rows, static_cast<int>(plan->positions()) - rows);
  if (!trace) return trace.error();
  Result<Scratch> scratch = allocate_scratch(model.config, model.weights.storage, *plan);
  if (!scratch) return scratch.error();
  if (!earlier.empty()) trace->copy_positions(earlier, plan->past);
  return ForwardPass(std::unique_ptr<State>(
      new State{model, cache, *std::move(plan), *std::move(trace), begin, *std::move(scratch)}));
}

Result<ForwardPass> ForwardPass::create(const Model& model, KvCache& cache,
                                        std::span<const int32_t> tokens,
                                        const RunOptions& options) {
  return create(model, cache, tokens, options, {});
}

Result<ForwardPass> ForwardPass::continue_from(std::span<const Trace> earlier, const Model& model,
                                               KvCache& cache, std::span<const int32_t> tokens,
                                               const RunOptions& options) {
  return create(model, cache, tokens, options, earlier);
}

ForwardPass::ForwardPass(std::unique_ptr<State> state) : state_(std::move(state)) {}
ForwardPass::ForwardPass(ForwardPass&&) noexcept = default;
ForwardPass& ForwardPass::operator=(ForwardPass&&) noexcept = default;
ForwardPass::~ForwardPass() = default;

bool ForwardPass::step() {
  State& state = *state_;
  if (state.stages_done == state.stages()) return false;
  state.run_stage(state.stages_done++);
  const bool finished = state.stages_done == state.stages();
  if (finished && state.plan.is_whole()) state.cache.advance(state.plan.new_positions);
  return !finished;
}

int ForwardPass::stages() const { return state_->stages(); }
int ForwardPass::stages_done() const { return state_->stages_done; }
const Trace& ForwardPass::trace() const { return state_->trace; }
Trace ForwardPass::take_trace() { return std::move(state_->trace); }

ConstTensorView ForwardPass::logits() const {
  if (state_->stages_done < state_->stages() || state_->plan.logit_rows() == 0) return {};
  return state_->logits();
}

Result<ForwardPass> run(const Model& model, KvCache& cache, std::span<const int32_t> tokens,
                        const RunOptions& options) {
  Result<ForwardPass> pass = ForwardPass::create(model, cache, tokens, options);
  if (pass) {
    while (pass->step()) {
    }
  }
  return pass;
}

}  // namespace glassformer
