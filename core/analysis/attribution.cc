#include "core/analysis/attribution.h"

#include <algorithm>
#include <string>

#include "core/analysis/own_run.h"
#include "core/ranking.h"

namespace glassformer {
namespace {

using Kind = AttributionTerm::Kind;

// The direction of the stream that writes to a logit, or to a difference of two.
std::vector<double> unembedding(const Model& model, int32_t token, std::optional<int32_t> against) {
  const auto width = static_cast<size_t>(model.config.n_embd);
  const auto row = [&](int32_t id) {
    std::vector<float> values(width);
    unpack(model.weights.lm_head, MatrixOrder::outputs_first, int64_t{id} * model.config.n_embd,
           values);
    return values;
  };
  const std::vector<float> plus = row(token);
  std::vector<double> direction(plus.begin(), plus.end());
  if (!against) return direction;
  const std::vector<float> minus = row(*against);
  for (size_t c = 0; c < width; ++c) direction[c] -= minus[c];
  return direction;
}

// What a part of the stream adds to the logit.
class Projection {
 public:
  Projection(const Model& model, std::vector<double> direction, float scale)
      : direction_(std::move(direction)), scale_(scale) {
    const ConstTensorView bias = model.weights.ln_f.bias, gamma = model.weights.ln_f.weight;
    for (size_t c = 0; c < direction_.size(); ++c) {
      of_bias_ += direction_[c] * double{bias.data[c]};
      direction_[c] *= double{gamma.data[c]};
      total_ += direction_[c];
    }
  }

  double operator()(std::span<const float> part) const {
    double sum = 0, product = 0;
    for (size_t c = 0; c < part.size(); ++c) {
      sum += double{part[c]};
      product += direction_[c] * double{part[c]};
    }
    return (product - total_ * sum / static_cast<double>(part.size())) / scale_;
  }
  double of_bias() const { return of_bias_; }

 private:
  std::vector<double> direction_;
  double scale_, total_ = 0, of_bias_ = 0;
};

Status check_token(const Config& config, std::optional<int32_t> id) {
  if (!id || (*id >= 0 && *id < config.vocab_size)) return {};
  return Error{ErrorCode::bad_tokens, "token " + std::to_string(*id) +
                                          " has no logit: the vocabulary's ids are 0 to " +
                                          std::to_string(config.vocab_size - 1)};
}

}  // namespace

const char* attribution_kind_name(Kind kind) {
  switch (kind) {
    case Kind::token_embedding:
      return "token_embedding";
    case Kind::position_embedding:
      return "position_embedding";
    case Kind::head:
      return "head";
    case Kind::attention_bias:
      return "attention_bias";
    case Kind::mlp:
      return "mlp";
    case Kind::final_bias:
      return "final_bias";
  }
  return "";
}

Work<Attribution> logit_attribution(const Model& model, std::vector<int32_t> tokens,
                                    AttributionOptions options) {
  const Config& config = model.config;
  for (const auto id : {options.token, options.against}) {
    if (const Status status = check_token(config, id); !status) co_return status.error();
  }
  const int64_t T = std::ssize(tokens);
  const int64_t position = options.position < 0 ? options.position + T : options.position;
  if (T > 0 && (position < 0 || position >= T)) {
    co_return Error{ErrorCode::bad_option, "position is " + std::to_string(options.position) +
                                               ", but the text has " + std::to_string(T) +
                                               " tokens"};
  }
  RunOptions run_options = {.names = {"hook_embed", "hook_pos_embed", "*hook_result",
                                      "*hook_mlp_out", "ln_final.hook_scale"},
                            .positions = AxisRange{position, position + 1},
                            .edits = options.edits,
                            .logits = LogitRows::all};
  Result<OwnRun> run = begin_run(model, tokens, run_options);
  if (!run) co_return run.error();
  while (run->step()) co_yield {run->pass.stages_done(), run->pass.stages()};

  const std::span<const float> logits = run->pass.logits().row(0);
  Attribution attribution;
  attribution.position = static_cast<int>(position);
  attribution.token = options.token ? *options.token : Ranking(logits).first(1)[0];
  attribution.against = options.against;
  attribution.value = logits[static_cast<size_t>(attribution.token)];
  if (options.against) attribution.value -= logits[static_cast<size_t>(*options.against)];

  const Projection projection(model, unembedding(model, attribution.token, options.against),
                              run->get(Hook::ln_final_scale).data[0]);
  const auto add = [&](Kind kind, int block, int head, double value) {
    attribution.terms.push_back({kind, block, head, value});
  };
  add(Kind::token_embedding, 0, 0, projection(run->get(Hook::embed).row(0)));
  add(Kind::position_embedding, 0, 0, projection(run->get(Hook::pos_embed).row(0)));
  for (int i = 0; i < config.n_layer; ++i) {
    const ConstTensorView result = run->get(Hook::result, i);
    for (int h = 0; h < config.n_head; ++h) add(Kind::head, i, h, projection(result.row(h)));
    const ConstTensorView bias = model.weights.blocks[static_cast<size_t>(i)].attn_c_proj.bias;
    add(Kind::attention_bias, i, 0, projection(bias.span()));
    add(Kind::mlp, i, 0, projection(run->get(Hook::mlp_out, i).row(0)));
  }
  add(Kind::final_bias, 0, 0, projection.of_bias());
  for (const AttributionTerm& term : attribution.terms) attribution.sum += term.value;
  attribution.remainder = attribution.value - attribution.sum;
  co_return attribution;
}

}  // namespace glassformer
