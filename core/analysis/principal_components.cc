#include "core/analysis/principal_components.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <string>

namespace glassformer {
namespace {

using Eigen::Index;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Floats =
    Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

// Rows that are turned to double, and worked on, at a time.
constexpr Index kRowsTogether = 256;

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

std::vector<float> floats(const Matrix& matrix) {
  return {matrix.data(), matrix.data() + matrix.size()};
}

}  // namespace

Work<PrincipalComponents> principal_components(std::vector<float> vectors, int64_t D, int K) {
  const Index N = D > 0 ? std::ssize(vectors) / D : 0;
  if (const Status status = check(view2<const float>(vectors.data(), N, D), K); !status) {
    co_return status.error();
  }
  const Floats x(vectors.data(), N, D);
  Eigen::RowVectorXd mean = Eigen::RowVectorXd::Zero(D);
  for (Index n = 0; n < N; ++n) mean += x.row(n).cast<double>();
  mean /= static_cast<double>(N);
  const auto centered = [&](Index first, Index rows) -> Matrix {
    return x.middleRows(first, rows).cast<double>().rowwise() - mean;
  };

  // The products of all pairs of columns, or those of all pairs of rows, which have the same
  // eigenvalues; whichever is smaller.
  const bool by_columns = D <= N;
  Matrix products = Matrix::Zero(std::min<Index>(N, D), std::min<Index>(N, D));
  for (Index first = 0; first < N; first += kRowsTogether) {
    const Index rows = std::min(kRowsTogether, N - first);
    const Matrix part = centered(first, rows);
    if (by_columns) {
      products.noalias() += part.transpose() * part;
    } else {
      products.middleRows(first, rows).noalias() = part * centered(0, N).transpose();
    }
    co_yield {static_cast<int>(first + rows), static_cast<int>(N)};
  }
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(products);
  const double total = products.trace();

  Matrix directions(K, D), explained(K, 1);
  for (Index k = 0; k < K; ++k) {
    const Index place = products.rows() - 1 - k;  // eigenvalues ascend
    const Eigen::VectorXd vector = solver.eigenvectors().col(place);
    Eigen::VectorXd direction = by_columns ? vector : centered(0, N).transpose() * vector;
    const double length = direction.norm();
    if (length > 0) direction /= length;
    Index largest = 0;
    direction.cwiseAbs().maxCoeff(&largest);
    directions.row(k) = direction * (direction[largest] < 0 ? -1.0 : 1.0);
    const double variance = std::max(solver.eigenvalues()[place], 0.0);
    explained(k, 0) = total > 0 ? variance / total : 0;
  }
  Matrix coordinates(N, K);
  for (Index first = 0; first < N; first += kRowsTogether) {
    const Index rows = std::min(kRowsTogether, N - first);
    coordinates.middleRows(first, rows).noalias() = centered(first, rows) * directions.transpose();
  }
  co_return PrincipalComponents{floats(mean), floats(directions), floats(coordinates),
                                floats(explained)};
}

}  // namespace glassformer
