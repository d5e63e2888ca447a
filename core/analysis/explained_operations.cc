#include "core/analysis/explained_operations.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/distribution.h"
#include "core/stable_sort.h"

namespace glassformer {
namespace {

std::string labelled(const char* axis, int64_t i) {
  return std::string(axis) + " = " + std::to_string(i);
}

// A number that is no entry of a tensor.
ExplainedFactor symbol(std::string name, double value) {
  return {.name = std::move(name), .value = value};
}

void add_term(ExplainedSum& sum, std::string label, std::vector<ExplainedFactor> factors) {
  double value = 1;
  for (const ExplainedFactor& factor : factors) value *= factor.value;
  sum.total += value;
  sum.terms.push_back({std::move(label), value, std::move(factors)});
}

std::string block_weight(int block, const char* name) {
  return "h." + std::to_string(block) + "." + name;
}

// The mean over the columns of a row.
ExplainedQuantity mean_of(std::span<const float> row, const std::string& made_of, int64_t t) {
  ExplainedQuantity mean{.symbol = "mean", .formula = "mean = sum_c x[c] / C"};
  for (size_t c = 0; c < row.size(); ++c) {
    const auto column = static_cast<int64_t>(c);
    add_term(
        mean.sum, labelled("c", column),
        {{made_of, {t, column}, row[c], ""}, symbol("1 / C", 1 / static_cast<double>(row.size()))});
  }
  mean.value = mean.sum.total;
  return mean;
}

// exp(x[i] - max) for the entries of a softmax, and their sum. `entry` names the i-th.
template <class Entry>
ExplainedQuantity softmax_total(std::span<const float> scores, const char* axis, Entry entry) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  ExplainedQuantity total{
      .symbol = "Z", .formula = std::string("Z = sum_") + axis + " exp(x[" + axis + "] - max)"};
  for (size_t i = 0; i < scores.size(); ++i) {
    ExplainedFactor factor = entry(static_cast<int64_t>(i));
    factor.made_of = factor.name;
    factor.name = "exp(x - max)";
    factor.value = std::exp(scores[i] - largest);
    add_term(total.sum, labelled(axis, static_cast<int64_t>(i)), {std::move(factor)});
  }
  total.value = total.sum.total;
  return total;
}

// One entry of it: a product of two.
void add_softmax_term(Explanation& explanation, ExplainedQuantity total, int64_t entry,
                      double largest) {
  const ExplainedTerm& own = total.sum.terms[static_cast<size_t>(entry)];
  add_term(explanation.sum, own.label, {own.factors[0], symbol("1 / Z", 1 / total.value)});
  explanation.quantities.push_back({.symbol = "max", .formula = "max = max x", .value = largest});
  explanation.quantities.push_back(std::move(total));
}

// What a nonlinearity multiplies its input by.
double gate(Activation activation, double x) {
  switch (activation) {
    case Activation::gelu_new:
      return 0.5 * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    case Activation::gelu:
      return 0.5 * std::erfc(-x / std::numbers::sqrt2);
    case Activation::relu:
      return x > 0 ? 1 : 0;
  }
  return 0;
}

const char* gate_formula(Activation activation) {
  switch (activation) {
    case Activation::gelu_new:
      return "post = pre * gate, gate = (1 + tanh(sqrt(2 / pi) (pre + 0.044715 pre^3))) / 2";
    case Activation::gelu:
      return "post = pre * gate, gate = Phi(pre)";
    case Activation::relu:
      return "post = pre * gate, gate = (pre > 0)";
  }
  return "";
}

}  // namespace

// What a matrix is multiplied with: an activation as it is, or after a layer norm's weight and
// bias.
struct ExplainedOperations::Input {
  ActivationId activation;
  const LayerNorm* norm = nullptr;
  std::string norm_name;
};

ExplainedFactor ExplainedOperations::entry(ActivationId id, std::vector<int64_t> index) const {
  const TensorView& tensor = *trace_.find(id.hook, id.block);
  int64_t place = 0;
  for (size_t axis = 0; axis < index.size(); ++axis) {
    place = place * tensor.dims[axis] + index[axis];
  }
  return {activation_name(id), std::move(index), tensor.data[place], ""};
}

Explanation ExplainedOperations::embedding(ActivationId id, std::span<const int64_t> index) const {
  const int64_t t = index[0], c = index[1];
  Explanation explanation;
  if (id.hook == Hook::embed) {
    const int64_t token = tokens_[static_cast<size_t>(t)];
    explanation.formula = "embed[t,c] = wte[token[t],c]";
    add_term(explanation.sum, "wte",
             {{"wte.weight", {token, c}, model_.weights.wte.at(token, c), ""}});
  } else {
    explanation.formula = "pos_embed[t,c] = wpe[t,c]";
    add_term(explanation.sum, "wpe",
             {{"wpe.weight", {t, c}, model_.weights.wpe.data[t * model_.config.n_embd + c], ""}});
  }
  return explanation;
}

Explanation ExplainedOperations::stream(ActivationId id, std::span<const int64_t> index) const {
  const std::vector<int64_t> place(index.begin(), index.end());
  Explanation explanation;
  explanation.formula =
      "resid[t,c] = embed[t,c] + pos_embed[t,c] + sum_i (attn_out_i[t,c] + mlp_out_i[t,c])";
  add_term(explanation.sum, "embed", {entry({Hook::embed}, place)});
  add_term(explanation.sum, "pos_embed", {entry({Hook::pos_embed}, place)});
  const int attentions = id.block + (id.hook == Hook::resid_pre ? 0 : 1);
  const int mlps = id.block + (id.hook == Hook::resid_post ? 1 : 0);
  for (int i = 0; i < attentions; ++i) {
    add_term(explanation.sum, "attention " + std::to_string(i),
             {entry({Hook::attn_out, i}, place)});
    if (i < mlps) {
      add_term(explanation.sum, "mlp " + std::to_string(i), {entry({Hook::mlp_out, i}, place)});
    }
  }
  return explanation;
}

namespace {

// The residual stream that a layer norm reads.
ActivationId norm_input(Hook hook, int block, const Config& config) {
  if (hook == Hook::ln1_scale || hook == Hook::ln1_normalized) return {Hook::resid_pre, block};
  if (hook == Hook::ln2_scale || hook == Hook::ln2_normalized) return {Hook::resid_mid, block};
  return {Hook::resid_post, config.n_layer - 1};
}

Hook norm_scale(Hook normalized) {
  if (normalized == Hook::ln1_normalized) return Hook::ln1_scale;
  return normalized == Hook::ln2_normalized ? Hook::ln2_scale : Hook::ln_final_scale;
}

}  // namespace

Explanation ExplainedOperations::layer_norm_scale(ActivationId id,
                                                  std::span<const int64_t> index) const {
  const ActivationId input = norm_input(id.hook, id.block, model_.config);
  const int64_t t = index[0];
  const std::span<const float> row = trace_.find(input.hook, input.block)->row(t);
  const auto C = static_cast<double>(row.size());
  ExplainedQuantity mean = mean_of(row, activation_name(input), t);
  const double epsilon = model_.config.layer_norm_epsilon;
  double squares = 0;
  for (const float x : row) squares += (x - mean.value) * (x - mean.value);
  const double scale = std::sqrt(squares / C + epsilon);

  Explanation explanation;
  explanation.formula =
      "scale[t] = sqrt(sum_c (x[c] - mean)^2 / C + epsilon) = "
      "sum_c (x[c] - mean)^2 / (C scale) + epsilon / scale";
  for (size_t c = 0; c < row.size(); ++c) {
    const auto column = static_cast<int64_t>(c);
    const ExplainedFactor difference{
        "x - mean", {t, column}, row[c] - mean.value, activation_name(input)};
    add_term(explanation.sum, labelled("c", column),
             {difference, difference, symbol("1 / (C scale)", 1 / (C * scale))});
  }
  add_term(explanation.sum, "epsilon",
           {symbol("epsilon", epsilon), symbol("1 / scale", 1 / scale)});
  explanation.quantities.push_back(std::move(mean));
  return explanation;
}

Explanation ExplainedOperations::layer_norm_normalized(ActivationId id,
                                                       std::span<const int64_t> index) const {
  const ActivationId input = norm_input(id.hook, id.block, model_.config);
  const int64_t t = index[0], c = index[1];
  ExplainedQuantity mean =
      mean_of(trace_.find(input.hook, input.block)->row(t), activation_name(input), t);
  ExplainedFactor scale = entry({norm_scale(id.hook), id.block}, {t, 0});
  scale.made_of = scale.name;
  scale.name = "1 / scale";
  scale.value = 1 / scale.value;

  Explanation explanation;
  explanation.formula = "normalized[t,c] = (x[t,c] - mean) / scale[t]";
  add_term(explanation.sum, "x", {entry(input, {t, c}), scale});
  add_term(explanation.sum, "mean", {symbol("- mean", -mean.value), scale});
  explanation.quantities.push_back(std::move(mean));
  return explanation;
}

Explanation ExplainedOperations::projected(ActivationId id, std::span<const int64_t> index) const {
  const Config& config = model_.config;
  const Weights& weights = model_.weights;
  const int i = id.block;
  const int64_t t = index[0], C = config.n_embd, D = config.head_width();
  Explanation explanation;
  Input input;
  const WeightMatrix* matrix = nullptr;
  ConstTensorView bias;
  std::string matrix_name, bias_name;
  int64_t column = index.back();
  if (id.hook == Hook::logits) {
    explanation.formula =
        "logits[t,v] = sum_c y[c] W_U[v,c], y = normalized * ln_f.weight + ln_f.bias";
    input = {{Hook::ln_final_normalized}, &weights.ln_f, "ln_f"};
    matrix = &weights.lm_head;
    matrix_name = config.tie_word_embeddings ? "wte.weight" : "lm_head.weight";
  } else {
    const BlockWeights& w = weights.blocks[static_cast<size_t>(i)];
    const Linear* linear = nullptr;
    const char* name = nullptr;
    if (id.hook == Hook::mlp_pre) {
      explanation.formula =
          "pre[t,f] = sum_c y[c] W[c,f] + b[f], y = normalized * ln_2.weight + ln_2.bias";
      input = {{Hook::ln2_normalized, i}, &w.ln_2, "ln_2"};
      linear = &w.mlp_c_fc;
      name = "mlp.c_fc";
    } else if (id.hook == Hook::mlp_out) {
      explanation.formula = "mlp_out[t,c] = sum_f post[t,f] W[f,c] + b[c]";
      input = {{Hook::mlp_post, i}, nullptr, ""};
      linear = &w.mlp_c_proj;
      name = "mlp.c_proj";
    } else {
      const int64_t part = id.hook == Hook::q ? 0 : id.hook == Hook::k ? 1 : 2;
      const char* const letters[] = {"q", "k", "v"};
      explanation.formula = std::string(letters[part]) +
                            "[t,h,d] = sum_c y[c] W[c,j] + b[j], j = " + std::to_string(part) +
                            " C + h D + d, y = normalized * ln_1.weight + ln_1.bias";
      input = {{Hook::ln1_normalized, i}, &w.ln_1, "ln_1"};
      linear = &w.attn_c_attn;
      name = "attn.c_attn";
      column = part * C + index[1] * D + index[2];
    }
    matrix = &linear->weight;
    bias = linear->bias;
    matrix_name = block_weight(i, name) + ".weight";
    bias_name = block_weight(i, name) + ".bias";
  }
  const bool outputs_first = id.hook == Hook::logits;
  const char* axis = id.hook == Hook::mlp_out ? "f" : "c";
  for (int64_t m = 0; m < matrix->inputs(); ++m) {
    ExplainedFactor factor = entry(input.activation, {t, m});
    if (input.norm) {
      factor.made_of = factor.name;
      factor.name = "y";
      factor.value = factor.value * input.norm->weight.data[m] + input.norm->bias.data[m];
    }
    const std::vector<int64_t> place =
        outputs_first ? std::vector{column, m} : std::vector{m, column};
    add_term(explanation.sum, labelled(axis, m),
             {std::move(factor), {matrix_name, place, matrix->at(column, m), ""}});
  }
  if (bias.data) add_term(explanation.sum, "bias", {{bias_name, {column}, bias.data[column], ""}});
  return explanation;
}

Explanation ExplainedOperations::score(ActivationId id, std::span<const int64_t> index) const {
  const int64_t h = index[0], t = index[1], s = index[2];
  Explanation explanation;
  if (s > t) {
    explanation.formula = "scores[h,t,s] = -infinity, s > t";
    explanation.sum.total = -std::numeric_limits<double>::infinity();
    return explanation;
  }
  explanation.formula = "scores[h,t,s] = sum_d q[t,h,d] k[s,h,d] factor, factor = 1 / sqrt(D)";
  if (!model_.config.scale_attn_weights) {
    explanation.formula = "scores[h,t,s] = sum_d q[t,h,d] k[s,h,d] factor, factor = 1";
  }
  if (model_.config.scale_attn_by_inverse_layer_idx) explanation.formula += " / (block + 1)";
  const double factor = score_factor(model_.config, id.block);
  // The score before its scaling, which the sum above has in each of its terms.
  ExplainedQuantity dot{.symbol = "dot", .formula = "dot = sum_d q[t,h,d] k[s,h,d]"};
  for (int64_t d = 0; d < model_.config.head_width(); ++d) {
    const ExplainedFactor q = entry({Hook::q, id.block}, {t, h, d});
    const ExplainedFactor k = entry({Hook::k, id.block}, {s, h, d});
    add_term(explanation.sum, labelled("d", d), {q, k, symbol("factor", factor)});
    add_term(dot.sum, labelled("d", d), {q, k});
  }
  dot.value = dot.sum.total;
  explanation.quantities.push_back(std::move(dot));
  return explanation;
}

Explanation ExplainedOperations::weight_of_attention(ActivationId id,
                                                     std::span<const int64_t> index) const {
  const int64_t h = index[0], t = index[1], s = index[2];
  Explanation explanation;
  if (s > t) {
    explanation.formula = "pattern[h,t,s] = 0, s > t";
    return explanation;
  }
  explanation.formula = "pattern[h,t,s] = exp(scores[h,t,s] - max) / Z";
  const TensorView& scores = *trace_.find(Hook::attn_scores, id.block);
  const std::span<const float> seen =
      scores.row(h * scores.dims[1] + t).first(static_cast<size_t>(t) + 1);
  ExplainedQuantity total = softmax_total(seen, "s", [&](int64_t i) {
    return entry({Hook::attn_scores, id.block}, {h, t, i});
  });
  add_softmax_term(explanation, std::move(total), s, *std::max_element(seen.begin(), seen.end()));
  return explanation;
}

Explanation ExplainedOperations::mixed_value(ActivationId id,
                                             std::span<const int64_t> index) const {
  const int64_t t = index[0], h = index[1], d = index[2];
  Explanation explanation;
  explanation.formula = "z[t,h,d] = sum_s pattern[h,t,s] v[s,h,d]";
  for (int64_t s = 0; s <= t; ++s) {
    add_term(explanation.sum, labelled("s", s),
             {entry({Hook::pattern, id.block}, {h, t, s}), entry({Hook::v, id.block}, {s, h, d})});
  }
  return explanation;
}

Explanation ExplainedOperations::head_result(ActivationId id,
                                             std::span<const int64_t> index) const {
  const int64_t t = index[0], h = index[1], c = index[2], D = model_.config.head_width();
  const Linear& w = model_.weights.blocks[static_cast<size_t>(id.block)].attn_c_proj;
  Explanation explanation;
  explanation.formula = "result[t,h,c] = sum_d z[t,h,d] W_O[h D + d,c]";
  for (int64_t d = 0; d < D; ++d) {
    const int64_t row = h * D + d;
    add_term(explanation.sum, labelled("d", d),
             {entry({Hook::z, id.block}, {t, h, d}),
              {block_weight(id.block, "attn.c_proj.weight"), {row, c}, w.weight.at(c, row), ""}});
  }
  return explanation;
}

Explanation ExplainedOperations::attention_output(ActivationId id,
                                                  std::span<const int64_t> index) const {
  const int64_t t = index[0], c = index[1];
  const Linear& w = model_.weights.blocks[static_cast<size_t>(id.block)].attn_c_proj;
  Explanation explanation;
  explanation.formula = "attn_out[t,c] = sum_h result[t,h,c] + b_O[c]";
  for (int64_t h = 0; h < model_.config.n_head; ++h) {
    add_term(explanation.sum, "head " + std::to_string(h),
             {entry({Hook::result, id.block}, {t, h, c})});
  }
  add_term(explanation.sum, "bias",
           {{block_weight(id.block, "attn.c_proj.bias"), {c}, w.bias.data[c], ""}});
  return explanation;
}

Explanation ExplainedOperations::nonlinearity(ActivationId id,
                                              std::span<const int64_t> index) const {
  const ExplainedFactor pre =
      entry({Hook::mlp_pre, id.block}, std::vector<int64_t>(index.begin(), index.end()));
  Explanation explanation;
  explanation.formula = gate_formula(model_.config.activation);
  add_term(explanation.sum, "pre",
           {pre, symbol("gate", gate(model_.config.activation, pre.value))});
  return explanation;
}

Explanation ExplainedOperations::activation(ActivationId id, std::span<const int64_t> index) const {
  const auto explained = [&]() -> Explanation {
    switch (id.hook) {
      case Hook::embed:
      case Hook::pos_embed:
        return embedding(id, index);
      case Hook::resid_pre:
      case Hook::resid_mid:
      case Hook::resid_post:
        return stream(id, index);
      case Hook::ln1_scale:
      case Hook::ln2_scale:
      case Hook::ln_final_scale:
        return layer_norm_scale(id, index);
      case Hook::ln1_normalized:
      case Hook::ln2_normalized:
      case Hook::ln_final_normalized:
        return layer_norm_normalized(id, index);
      case Hook::q:
      case Hook::k:
      case Hook::v:
      case Hook::mlp_pre:
      case Hook::mlp_out:
      case Hook::logits:
        return projected(id, index);
      case Hook::attn_scores:
        return score(id, index);
      case Hook::pattern:
        return weight_of_attention(id, index);
      case Hook::z:
        return mixed_value(id, index);
      case Hook::result:
        return head_result(id, index);
      case Hook::attn_out:
        return attention_output(id, index);
      case Hook::mlp_post:
        return nonlinearity(id, index);
    }
    return {};
  };
  Explanation explanation = explained();
  explanation.value = entry(id, std::vector<int64_t>(index.begin(), index.end())).value;
  return explanation;
}

Explanation ExplainedOperations::probability(std::span<const int64_t> index) const {
  const int64_t t = index[0], v = index[1];
  const std::span<const float> logits = trace_.find(Hook::logits)->row(t);
  Explanation explanation;
  explanation.formula = "probabilities[t,v] = exp(logits[t,v] - max) / Z";
  explanation.value = softmax(logits)[static_cast<size_t>(v)];
  ExplainedQuantity total = softmax_total(logits, "v", [&](int64_t i) {
    return entry({Hook::logits}, {t, i});
  });
  add_softmax_term(explanation, std::move(total), v,
                   *std::max_element(logits.begin(), logits.end()));
  return explanation;
}

void shorten(ExplainedSum& sum, int most) {
  stable_sort(sum.terms, [](const ExplainedTerm& a, const ExplainedTerm& b) {
    return std::abs(a.value) > std::abs(b.value);
  });
  const auto kept = std::min(sum.terms.size(), static_cast<size_t>(most));
  for (size_t i = kept; i < sum.terms.size(); ++i) sum.others_value += sum.terms[i].value;
  sum.others = static_cast<int64_t>(sum.terms.size() - kept);
  sum.terms.resize(kept);
}

}  // namespace glassformer
