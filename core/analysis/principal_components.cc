#include "core/analysis/principal_components.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <string>

#include "core/analysis/symmetric_eigen.h"

namespace glassformer {
namespace {

// Of the longer side, as many as are turned to double, and worked on, at a time.
constexpr int64_t kTogether = 256;

Status check(ConstTensorView vectors, int components) {
  const auto refuse = [](std::string what) { return Error{ErrorCode::bad_option, what}; };
  const int64_t rows = vectors.rows(), least = std::min(rows, vectors.columns());
  if (rows < 2) return refuse("principal components need at least two vectors");
  if (least > kMostPrincipal) {
    return refuse("principal components of " + std::to_string(rows) + " vectors of " +
                  std::to_string(vectors.columns()) + " numbers are too many: either may be " +
                  std::to_string(kMostPrincipal) + " at most");
  }
  if (components < 1 || components > least) {
    return refuse("components must be 1 to " + std::to_string(least) + ", not " +
                  std::to_string(components));
  }
  const auto values = vectors.span();
  if (!std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); })) {
    return refuse("principal components need finite numbers");
  }
  return {};
}

// Sums of products of all pairs of M series, given a part at a time.
class PairProducts {
 public:
  explicit PairProducts(int64_t series)
      : M_(series), sums_(static_cast<size_t>(panels() * kWide * M_)) {}

  // value(m, t) is series m at t, for t in [0,length), length <= kTogether.
  void add(int64_t length, auto value) {
    // Series lie in panels of kWide side by side, the last one filled up with zeros.
    part_.assign(static_cast<size_t>(panels() * kTogether * kWide), 0);
    for (int64_t m = 0; m < M_; ++m) {
      double* to = panel(m / kWide) + m % kWide;
      for (int64_t t = 0; t < length; ++t) to[t * kWide] = value(m, t);
    }
    for (int64_t p = 0; p < panels(); ++p) {
      for (int64_t q = 0; q <= p; ++q) add_products(p, q, length);
    }
  }

  // [M,M], of which the entries at and left of the diagonal are set.
  std::vector<double> take() && {
    sums_.resize(static_cast<size_t>(M_ * M_));
    return std::move(sums_);
  }

 private:
  // Panels of four: 4 x 4 sums fit into registers.
  typedef double Pair __attribute__((vector_size(16)));
  static constexpr int64_t kWide = 4;

  int64_t panels() const { return (M_ + kWide - 1) / kWide; }
  double* panel(int64_t p) { return &part_[static_cast<size_t>(p * kTogether * kWide)]; }

  void add_products(int64_t p, int64_t q, int64_t length) {
    const double* a = panel(p);
    const double* b = panel(q);
    Pair sums[kWide][2] = {};
    for (int64_t t = 0; t < length; ++t, a += kWide, b += kWide) {
      const Pair left = {b[0], b[1]}, right = {b[2], b[3]};
      for (int i = 0; i < kWide; ++i) {
        sums[i][0] += a[i] * left;
        sums[i][1] += a[i] * right;
      }
    }
    // Rows are as long as there are series: what a last panel has beyond them is not stored.
    const int64_t columns = std::min(kWide, M_ - q * kWide);
    for (int i = 0; i < kWide; ++i) {
      double* to = &sums_[static_cast<size_t>((p * kWide + i) * M_ + q * kWide)];
      for (int64_t j = 0; j < columns; ++j) to[j] += sums[i][j / 2][j % 2];
    }
  }

  int64_t M_;
  std::vector<double> sums_;
  std::vector<double> part_;
};

}  // namespace

Work<PrincipalComponents> principal_components(std::vector<float> vectors, int64_t D, int K) {
  const int64_t N = D > 0 ? std::ssize(vectors) / D : 0;
  if (const Status status = check(view2<const float>(vectors.data(), N, D), K); !status) {
    co_return status.error();
  }
  std::vector<double> mean(static_cast<size_t>(D));
  for (size_t i = 0; i < vectors.size(); ++i) mean[i % mean.size()] += double{vectors[i]};
  for (double& value : mean) value /= static_cast<double>(N);
  const auto centered = [&](int64_t n, int64_t d) {
    return double{vectors[static_cast<size_t>(n * D + d)]} - mean[static_cast<size_t>(d)];
  };

  // The products of all pairs of columns, or those of all pairs of rows, which have the same
  // eigenvalues; whichever is smaller.
  const bool by_columns = D <= N;
  const int64_t M = std::min(N, D), longer = std::max(N, D);
  PairProducts pairs(M);
  for (int64_t first = 0; first < longer; first += kTogether) {
    const int64_t length = std::min(kTogether, longer - first);
    pairs.add(length, [&](int64_t m, int64_t t) {
      return by_columns ? centered(first + t, m) : centered(m, first + t);
    });
    co_yield {static_cast<int>(first + length), static_cast<int>(longer)};
  }
  std::vector<double> products = std::move(pairs).take();
  double total = 0;
  for (int64_t m = 0; m < M; ++m) total += products[static_cast<size_t>(m * M + m)];
  const Result<SymmetricEigen> eigen = symmetric_eigen(std::move(products), M, K);
  if (!eigen) co_return eigen.error();

  PrincipalComponents found;
  found.mean.assign(mean.begin(), mean.end());
  std::vector<double> directions(static_cast<size_t>(K * D));
  for (int64_t k = 0; k < K; ++k) {
    const std::span direction(&directions[static_cast<size_t>(k * D)], mean.size());
    for (int64_t m = 0; m < M; ++m) {
      const double weight = eigen->vectors[static_cast<size_t>(m * K + k)];
      if (by_columns) {
        direction[static_cast<size_t>(m)] = weight;
        continue;
      }
      for (int64_t d = 0; d < D; ++d) direction[static_cast<size_t>(d)] += weight * centered(m, d);
    }
    double squares = 0, largest = 0;
    for (const double x : direction) {
      squares += x * x;
      if (std::abs(x) > std::abs(largest)) largest = x;
    }
    const double length = std::copysign(std::sqrt(squares), largest);
    for (double& x : direction) x = squares > 0 ? x / length : 0;
    const double variance = std::max(eigen->values[static_cast<size_t>(k)], 0.0);
    found.explained.push_back(static_cast<float>(total > 0 ? variance / total : 0));
  }
  found.components.assign(directions.begin(), directions.end());
  std::vector<double> row(mean.size());
  for (int64_t n = 0; n < N; ++n) {
    for (int64_t d = 0; d < D; ++d) row[static_cast<size_t>(d)] = centered(n, d);
    for (int64_t k = 0; k < K; ++k) {
      const double along =
          std::inner_product(row.begin(), row.end(), directions.begin() + k * D, 0.0);
      found.coordinates.push_back(static_cast<float>(along));
    }
  }
  co_return found;
}

}  // namespace glassformer
