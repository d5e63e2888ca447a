#include "tools/nano/gpt2.h"

#include <Eigen/Dense>
#include <cassert>
#include <cmath>
#include <numbers>
#include <string>

namespace glassformer::nano {
namespace {

template <class Number>
using Matrix = Eigen::Matrix<Number, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Number>
using Row = Eigen::Matrix<Number, 1, Eigen::Dynamic>;

// A weight and its gradient, as matrices [rows, columns]; a vector has one row.
template <class Number>
struct Weight {
  Eigen::Map<const Matrix<Number>> value{nullptr, 0, 0};
  Eigen::Map<Matrix<Number>> gradient{nullptr, 0, 0};
};

template <class Number>
struct Affine {
  Weight<Number> weight;  // [inputs, outputs]
  Weight<Number> bias;    // [1, outputs]
};

// What every layer does: `forward` keeps what `backward` needs, and that adds to the gradients of
// its weights and returns the gradient of its input.

template <class Number>
class LayerNorm {
 public:
  Affine<Number> weights;

  // Ba, Kiros and Hinton 2016. [N, C] -> [N, C]
  Matrix<Number> forward(const Matrix<Number>& x, Number epsilon) {
    const Matrix<Number> centred = x.colwise() - x.rowwise().mean();
    inverse_ = (centred.array().square().rowwise().mean() + epsilon).rsqrt().matrix();
    normalized_ = inverse_.asDiagonal() * centred;
    return (normalized_ * weights.weight.value.row(0).asDiagonal()).rowwise() +
           weights.bias.value.row(0);
  }

  Matrix<Number> backward(const Matrix<Number>& dy) {
    weights.weight.gradient += dy.cwiseProduct(normalized_).colwise().sum();
    weights.bias.gradient += dy.colwise().sum();
    const Matrix<Number> d = dy * weights.weight.value.row(0).asDiagonal();
    // The mean and the variance, through which every input reaches every output, take off the parts
    // of the gradient that lie along 1 and along the output.
    const Eigen::Matrix<Number, Eigen::Dynamic, 1> along =
        d.cwiseProduct(normalized_).rowwise().mean();
    Matrix<Number> dx = d.colwise() - d.rowwise().mean();
    dx -= along.asDiagonal() * normalized_;
    return inverse_.asDiagonal() * dx;
  }

 private:
  Matrix<Number> normalized_;
  Eigen::Matrix<Number, Eigen::Dynamic, 1> inverse_;  // of the standard deviation
};

template <class Number>
class Linear {
 public:
  Affine<Number> weights;

  // [N, inputs] -> [N, outputs]
  Matrix<Number> forward(Matrix<Number> x) {
    input_ = std::move(x);
    return (input_ * weights.weight.value).rowwise() + weights.bias.value.row(0);
  }

  Matrix<Number> backward(const Matrix<Number>& dy) {
    weights.weight.gradient.noalias() += input_.transpose() * dy;
    weights.bias.gradient += dy.colwise().sum();
    return dy * weights.weight.value.transpose();
  }

 private:
  Matrix<Number> input_;
};

template <class Number>
class Gelu {
 public:
  // Hendrycks and Gimpel 2016, the tanh form. [N, F] -> [N, F]
  Matrix<Number> forward(Matrix<Number> x) {
    x_ = std::move(x);
    const auto a = x_.array();
    tanh_ = (kScale * (a + kCubic * a.cube())).tanh().matrix();
    return (Number(0.5) * a * (1 + tanh_.array())).matrix();
  }

  Matrix<Number> backward(const Matrix<Number>& dy) {
    const auto a = x_.array(), t = tanh_.array();
    const auto inner = kScale * (1 + 3 * kCubic * a.square());
    return (dy.array() * Number(0.5) * (1 + t + a * (1 - t.square()) * inner)).matrix();
  }

 private:
  static constexpr Number kScale =
      std::numbers::sqrt2_v<Number> * std::numbers::inv_sqrtpi_v<Number>;
  static constexpr Number kCubic = Number(0.044715);
  Matrix<Number> x_, tanh_;
};

template <class Number>
class Attention {
 public:
  // Vaswani et al. 2017, section 3.2, each token seeing itself and those before it in its text.
  // [N, 3C] queries, keys and values -> [N, C]
  Matrix<Number> forward(Matrix<Number> qkv, const std::vector<int>& lengths, int heads) {
    qkv_ = std::move(qkv);
    lengths_ = lengths;
    heads_ = heads;
    patterns_.clear();
    Matrix<Number> mixed(qkv_.rows(), qkv_.cols() / 3);
    for_each_head([&](int start, int T, int column, int D) {
      const auto q = part(qkv_, 0, start, T, column, D), k = part(qkv_, 1, start, T, column, D);
      Matrix<Number> pattern = scale(D) * q.lazyProduct(k.transpose());
      for (int t = 0; t < T; ++t) {
        auto seen = pattern.row(t).head(t + 1);
        seen = (seen.array() - seen.maxCoeff()).exp().matrix().eval();
        seen /= seen.sum();
        pattern.row(t).tail(T - t - 1).setZero();
      }
      mixed.block(start, column, T, D) = pattern.lazyProduct(part(qkv_, 2, start, T, column, D));
      patterns_.push_back(std::move(pattern));
    });
    return mixed;
  }

  Matrix<Number> backward(const Matrix<Number>& dmixed) {
    Matrix<Number> dqkv(qkv_.rows(), qkv_.cols());
    size_t index = 0;
    for_each_head([&](int start, int T, int column, int D) {
      const Matrix<Number>& pattern = patterns_[index++];
      const auto dz = dmixed.block(start, column, T, D);
      part(dqkv, 2, start, T, column, D) = pattern.transpose().lazyProduct(dz);
      const Matrix<Number> dpattern =
          dz.lazyProduct(part(qkv_, 2, start, T, column, D).transpose());
      // Softmax: a weight's share of the row's gradient. Where the pattern is masked it is 0.
      Matrix<Number> dscores =
          dpattern.colwise() - dpattern.cwiseProduct(pattern).rowwise().sum().eval();
      dscores = scale(D) * dscores.cwiseProduct(pattern);
      part(dqkv, 0, start, T, column, D) = dscores.lazyProduct(part(qkv_, 1, start, T, column, D));
      part(dqkv, 1, start, T, column, D) =
          dscores.transpose().lazyProduct(part(qkv_, 0, start, T, column, D));
    });
    return dqkv;
  }

 private:
  static Number scale(int D) { return 1 / std::sqrt(static_cast<Number>(D)); }

  // Which: 0 queries, 1 keys, 2 values. [T, D] of one text and head.
  template <class Of>
  static auto part(Of& qkv, int which, int start, int T, int column, int D) {
    return qkv.block(start, which * (qkv.cols() / 3) + column, T, D);
  }

  template <class Body>
  void for_each_head(Body body) const {
    const int D = static_cast<int>(qkv_.cols()) / 3 / heads_;
    int start = 0;
    for (const int T : lengths_) {
      for (int head = 0; head < heads_; ++head) body(start, T, head * D, D);
      start += T;
    }
  }

  Matrix<Number> qkv_;
  std::vector<Matrix<Number>> patterns_;  // [T, T], by text and head
  std::vector<int> lengths_;
  int heads_ = 1;
};

template <class Number>
struct Block {
  LayerNorm<Number> ln_1, ln_2;
  Linear<Number> c_attn, attn_proj, c_fc, mlp_proj;
  Attention<Number> attention;
  Gelu<Number> gelu;
};

}  // namespace

void Batch::add(std::span<const int32_t> text, std::span<const double> loss_weights) {
  assert(text.size() >= 2 && loss_weights.size() + 1 == text.size());
  tokens.insert(tokens.end(), text.begin(), text.end() - 1);
  targets.insert(targets.end(), text.begin() + 1, text.end());
  weights.insert(weights.end(), loss_weights.begin(), loss_weights.end());
  lengths.push_back(static_cast<int>(text.size()) - 1);
}

template <class Number>
struct Gpt2<Number>::State {
  Config config;
  Parameters parameters;
  Weight<Number> wte, wpe;
  std::vector<Block<Number>> blocks;
  LayerNorm<Number> ln_f;
  Matrix<Number> logits;

  explicit State(const Config& c)
      : config(c), parameters(c), blocks(static_cast<size_t>(c.n_layer)) {}

  // Points every weight into the two vectors.
  void bind(std::span<const Number> values, std::span<Number> gradients) {
    const auto weight = [&](const std::string& name) {
      const Parameter& parameter = parameters.named(name);
      const auto columns = static_cast<Eigen::Index>(parameter.shape.back());
      const auto rows = static_cast<Eigen::Index>(parameter.size()) / columns;
      return Weight<Number>{{values.data() + parameter.offset, rows, columns},
                            {gradients.data() + parameter.offset, rows, columns}};
    };
    const auto bind_weight = [&](Weight<Number>& place, const std::string& name) {
      const Weight<Number> bound = weight(name);
      // A Map is pointed elsewhere by constructing it anew (Eigen's documentation of Map).
      new (&place.value) Eigen::Map<const Matrix<Number>>(bound.value);
      new (&place.gradient) Eigen::Map<Matrix<Number>>(bound.gradient);
    };
    const auto bind_affine = [&](Affine<Number>& place, const std::string& name) {
      bind_weight(place.weight, name + ".weight");
      bind_weight(place.bias, name + ".bias");
    };
    bind_weight(wte, "wte.weight");
    bind_weight(wpe, "wpe.weight");
    for (size_t i = 0; i < blocks.size(); ++i) {
      const std::string at = "h." + std::to_string(i) + ".";
      bind_affine(blocks[i].ln_1.weights, at + "ln_1");
      bind_affine(blocks[i].c_attn.weights, at + "attn.c_attn");
      bind_affine(blocks[i].attn_proj.weights, at + "attn.c_proj");
      bind_affine(blocks[i].ln_2.weights, at + "ln_2");
      bind_affine(blocks[i].c_fc.weights, at + "mlp.c_fc");
      bind_affine(blocks[i].mlp_proj.weights, at + "mlp.c_proj");
    }
    bind_affine(ln_f.weights, "ln_f");
  }

  // [N, C] the residual stream after the last layer norm
  Matrix<Number> forward(const Batch& batch) {
    const auto epsilon = static_cast<Number>(config.layer_norm_epsilon);
    Matrix<Number> x(static_cast<Eigen::Index>(batch.tokens.size()), config.n_embd);
    for_each_token(batch, [&](Eigen::Index n, int position) {
      x.row(n) = wte.value.row(batch.tokens[static_cast<size_t>(n)]) + wpe.value.row(position);
    });
    for (Block<Number>& block : blocks) {
      Matrix<Number> qkv = block.c_attn.forward(block.ln_1.forward(x, epsilon));
      x += block.attn_proj.forward(
          block.attention.forward(std::move(qkv), batch.lengths, config.n_head));
      x += block.mlp_proj.forward(
          block.gelu.forward(block.c_fc.forward(block.ln_2.forward(x, epsilon))));
    }
    return ln_f.forward(x, epsilon);
  }

  void backward(const Batch& batch, const Matrix<Number>& dfinal) {
    Matrix<Number> dx = ln_f.backward(dfinal);
    for (size_t i = blocks.size(); i-- > 0;) {
      Block<Number>& block = blocks[i];
      dx += block.ln_2.backward(
          block.c_fc.backward(block.gelu.backward(block.mlp_proj.backward(dx))));
      dx += block.ln_1.backward(
          block.c_attn.backward(block.attention.backward(block.attn_proj.backward(dx))));
    }
    for_each_token(batch, [&](Eigen::Index n, int position) {
      wte.gradient.row(batch.tokens[static_cast<size_t>(n)]) += dx.row(n);
      wpe.gradient.row(position) += dx.row(n);
    });
  }

  template <class Body>
  static void for_each_token(const Batch& batch, Body body) {
    Eigen::Index n = 0;
    for (const int length : batch.lengths) {
      for (int position = 0; position < length; ++position) body(n++, position);
    }
  }
};

template <class Number>
Gpt2<Number>::Gpt2(const Config& config) : state_(std::make_unique<State>(config)) {}
template <class Number>
Gpt2<Number>::~Gpt2() = default;

template <class Number>
double Gpt2<Number>::loss_and_gradient(std::span<const Number> weights, const Batch& batch,
                                       std::span<Number> gradient) {
  State& state = *state_;
  assert(weights.size() == state.parameters.size() && gradient.size() == weights.size());
  state.bind(weights, gradient);
  std::fill(gradient.begin(), gradient.end(), Number(0));

  const Matrix<Number> final = state.forward(batch);
  state.logits.noalias() = final * state.wte.value.transpose();

  double total = 0;
  for (const double weight : batch.weights) total += weight;
  double loss = 0;
  // Softmax and cross-entropy: the gradient of a logit is its probability, less 1 for the target.
  Matrix<Number> dlogits = state.logits;
  for (Eigen::Index n = 0; n < dlogits.rows(); ++n) {
    auto row = dlogits.row(n);
    const Eigen::Index target = batch.targets[static_cast<size_t>(n)];
    const double share = batch.weights[static_cast<size_t>(n)] / total;
    const Number largest = row.maxCoeff();
    const Number target_logit = row[target] - largest;
    row = (row.array() - largest).exp().matrix().eval();
    const Number sum = row.sum();
    loss += share * (std::log(static_cast<double>(sum)) - static_cast<double>(target_logit));
    row /= sum;
    row[target] -= 1;
    row *= static_cast<Number>(share);
  }

  state.wte.gradient.noalias() += dlogits.transpose() * final;
  state.backward(batch, dlogits * state.wte.value);
  return loss;
}

template <class Number>
std::span<const Number> Gpt2<Number>::logits() const {
  return {state_->logits.data(), static_cast<size_t>(state_->logits.size())};
}

template class Gpt2<float>;
template class Gpt2<double>;

}  // namespace glassformer::nano
