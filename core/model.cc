// The forward pass. Radford et al. 2019, section 2.3; attention as in Vaswani et al. 2017, section
// 3.2, with the layer norms moved in front of each layer and one more after the last block.
#include "core/model.h"

#include <algorithm>
#include <cmath>

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
  // The first position of this pass within the trace: 0, or plan.past where the trace has all.
  int64_t first_traced;
  Scratch s;
  int stages_done = 0;

  const Config& config() const { return model.config; }
  int stages() const { return 1 + plan.blocks + (plan.to_logits ? 1 : 0); }

  // Every value of the pass goes through here once, when it is complete and before anything reads
  // it: edits change it in place, then the trace copies it if it was asked for. The activations
  // that are computed one head at a time name their head.
  void tap(Hook hook, int block, TensorView value, int64_t head = 0) {
    const int64_t first_position = plan.positions() - value.dims[0];
    apply_edits(plan.edits, {hook, block}, value, first_position, head);
    const TensorView* traced = trace.find(hook, block);
    if (!traced) return;
    // One head's rows, or all that a position has, lie together.
    const bool by_head = hook == Hook::attn_scores || hook == Hook::pattern;
    const int64_t row = by_head ? head * traced->dims[1] + first_traced : first_traced;
    float* place = traced->data + row * (value.size() / value.dims[0]);
    if (place != value.data) std::copy_n(value.data, value.size(), place);
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
    const int64_t T = plan.new_positions(), S = plan.positions(), C = config().n_embd,
                  H = config().n_head;
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

    // Heads are independent of each other: each thread has a share of them.
    const int64_t shares = s.scores.dims[0];
    parallel_parts(static_cast<int>(shares), [&](int share) {
      const TensorView scores = view2(s.scores.data + share * T * S, T, S);
      for (int64_t h = H * share / shares; h < H * (share + 1) / shares; ++h) {
        head(i, h, scores);
      }
    });
    tap(Hook::z, i, s.z);
    project_heads(w.attn_c_proj, i);
    tap(Hook::attn_out, i, s.layer_out);
  }

  // One head of s.z, by way of its scores and of its pattern in the same place.
  void head(int i, int64_t h, TensorView scores) {
    const int64_t T = plan.new_positions(), S = plan.positions(), D = config().head_width();
    const int64_t capacity = cache.capacity();
    attention_scores(scores, {s.q.data + h * D, T, D, config().n_embd},
                     {cache.k(i).data + h * capacity * D, S, D, D}, score_factor(i));
    tap(Hook::attn_scores, i, scores, h);
    softmax_rows(scores, scores);
    tap(Hook::pattern, i, scores, h);
    attention_mix(s.z.data + h * D, config().n_embd, scores,
                  {cache.v(i).data + h * capacity * D, S, D, D});
  }

  // What the scores q . k are multiplied by.
  float score_factor(int i) const {
    float factor = 1;
    if (config().scale_attn_weights) {
      factor /= std::sqrt(static_cast<float>(config().head_width()));
    }
    if (config().scale_attn_by_inverse_layer_idx) factor /= static_cast<float>(i + 1);
    return factor;
  }

  // s.layer_out = z W_O + b_O: head by head where their results are looked at (Elhage et al. 2021,
  // "attention heads are independent and additive"), at once where only the sum is.
  void project_heads(const Linear& w, int i) {
    const TensorView z = view2(s.z.data, plan.new_positions(), config().n_embd);
    if (!trace.find(Hook::result, i) && !plan.edits_activation(Hook::result, i)) {
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
    if (plan.logit_rows == 0) return;
    const int64_t C = config().n_embd, first = plan.new_positions() - plan.logit_rows;
    const TensorView last = view2(s.normalized.data + first * C, plan.logit_rows, C);
    matrix_product(logits(), last, model.weights.lm_head, {}, s.workspace);
    tap(Hook::logits, 0, logits());
  }

  // Where the trace keeps the logits, that is their only place.
  TensorView logits() const {
    const TensorView* traced = trace.find(Hook::logits);
    if (!traced) return s.logits;
    const int64_t V = traced->columns();
    return view2(traced->data + first_traced * V, plan.logit_rows, V);
  }

  void run_stage(int stage) {
    if (stage == 0) {
      embed();
    } else if (stage <= plan.blocks) {
      block(stage - 1);
    } else {
      unembed_rows();
    }
  }
};

Result<ForwardPass> ForwardPass::create(const Model& model, KvCache& cache,
                                        std::span<const int32_t> tokens, const RunOptions& options,
                                        const Trace* earlier) {
  Result<RunPlan> plan = plan_run(model.config, cache, tokens, options);
  if (!plan) return plan.error();
  const int T = plan->new_positions(), past = plan->past;
  const int first_traced = earlier ? past : 0;
  Result<Trace> trace =
      Trace::create(model.config, plan->captured, first_traced + T, past - first_traced);
  if (!trace) return trace.error();
  Result<Scratch> scratch = allocate_scratch(model.config, model.weights.storage, *plan);
  if (!scratch) return scratch.error();
  if (earlier) trace->copy_positions(*earlier, past);
  return ForwardPass(std::unique_ptr<State>(new State{
      model, cache, *std::move(plan), *std::move(trace), first_traced, *std::move(scratch)}));
}

Result<ForwardPass> ForwardPass::create(const Model& model, KvCache& cache,
                                        std::span<const int32_t> tokens,
                                        const RunOptions& options) {
  return create(model, cache, tokens, options, nullptr);
}

Result<ForwardPass> ForwardPass::continue_from(const Trace& earlier, const Model& model,
                                               KvCache& cache, std::span<const int32_t> tokens,
                                               const RunOptions& options) {
  return create(model, cache, tokens, options, &earlier);
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
  if (finished && state.plan.to_logits) state.cache.advance(state.plan.new_positions());
  return !finished;
}

int ForwardPass::stages() const { return state_->stages(); }
int ForwardPass::stages_done() const { return state_->stages_done; }
const Trace& ForwardPass::trace() const { return state_->trace; }

ConstTensorView ForwardPass::logits() const {
  if (state_->stages_done < state_->stages() || state_->plan.logit_rows == 0) return {};
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
