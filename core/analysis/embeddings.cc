#include "core/analysis/embeddings.h"

#include <algorithm>
#include <cmath>

namespace glassformer {
namespace {

const WeightMatrix& matrix_of(const Model& model, TokenSpace space) {
  return space == TokenSpace::input ? model.weights.wte : model.weights.lm_head;
}

void read_row(const Model& model, TokenSpace space, int64_t token, std::span<float> row) {
  unpack(matrix_of(model, space), MatrixOrder::outputs_first, token * model.config.n_embd, row);
}

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

Status check(const Config& config, std::span<const float> vector, const NearestOptions& options) {
  const auto refuse = [](std::string what) { return Error{ErrorCode::bad_option, what}; };
  if (std::ssize(vector) != config.n_embd) {
    return refuse("the vector has " + std::to_string(vector.size()) +
                  " numbers, but tokens are embedded in " + std::to_string(config.n_embd));
  }
  if (!std::all_of(vector.begin(), vector.end(), [](float x) { return std::isfinite(x); })) {
    return refuse("the vector's numbers must be finite");
  }
  if (options.cosine && dot(vector, vector) == 0) {
    return refuse("the vector is zero, which has no direction");
  }
  if (options.top < 0) return refuse("top must be at least 0");
  return {};
}

}  // namespace

Result<std::vector<float>> token_direction(const Model& model, TokenSpace space, int32_t token) {
  if (token < 0 || token >= model.config.vocab_size) {
    return Error{ErrorCode::bad_tokens, "token " + std::to_string(token) +
                                            " is outside the vocabulary, whose ids are 0 to " +
                                            std::to_string(model.config.vocab_size - 1)};
  }
  std::vector<float> row(static_cast<size_t>(model.config.n_embd));
  read_row(model, space, token, row);
  return row;
}

Result<std::vector<float>> combine_tokens(const Model& model, TokenSpace space,
                                          std::span<const WeightedToken> tokens) {
  std::vector<double> sum(static_cast<size_t>(model.config.n_embd));
  for (const auto& [token, weight] : tokens) {
    if (!std::isfinite(weight)) {
      return Error{ErrorCode::bad_option,
                   "the weight of token " + std::to_string(token) + " must be a finite number"};
    }
    const Result<std::vector<float>> row = token_direction(model, space, token);
    if (!row) return row.error();
    for (size_t c = 0; c < sum.size(); ++c) sum[c] += weight * double{row.value()[c]};
  }
  return std::vector<float>(sum.begin(), sum.end());
}

Work<std::vector<NearToken>> nearest_tokens(const Model& model, std::vector<float> vector,
                                            NearestOptions options) {
  const Config& config = model.config;
  if (const Status status = check(config, vector, options); !status) co_return status.error();
  const double length = std::sqrt(dot(vector, vector));
  std::vector<NearToken> all;
  std::vector<float> row(static_cast<size_t>(config.n_embd));
  std::vector<bool> excluded(static_cast<size_t>(config.vocab_size));
  for (const int32_t id : options.exclude) {
    if (id >= 0 && id < config.vocab_size) excluded[static_cast<size_t>(id)] = true;
  }
  constexpr int32_t kTogether = 4096;
  for (int32_t id = 0; id < config.vocab_size; ++id) {
    if (id % kTogether == kTogether - 1) co_yield {id, config.vocab_size};
    if (excluded[static_cast<size_t>(id)]) continue;
    read_row(model, options.space, id, row);
    double similarity = dot(vector, row);
    if (options.cosine) {
      const double row_length = std::sqrt(dot(row, row));
      similarity = row_length > 0 ? similarity / (length * row_length) : 0;
    }
    all.push_back({id, similarity});
  }
  const auto count = std::min<std::ptrdiff_t>(options.top, std::ssize(all));
  std::partial_sort(
      all.begin(), all.begin() + count, all.end(), [](const NearToken& a, const NearToken& b) {
        return a.similarity != b.similarity ? a.similarity > b.similarity : a.id < b.id;
      });
  all.resize(static_cast<size_t>(count));
  co_return all;
}

}  // namespace glassformer
