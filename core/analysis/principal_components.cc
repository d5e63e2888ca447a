#include "core/analysis/principal_components.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <string>

namespace glassformer {
namespace {

using Eigen::Index;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

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

Result<PrincipalComponents> principal_components(ConstTensorView vectors, int components) {
  if (const Status status = check(vectors, components); !status) return status.error();
  const Index N = vectors.rows(), D = vectors.columns(), K = components;
  const Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> x(
      vectors.data, N, D);
  Matrix centered = x.cast<double>();
  const Matrix mean = centered.colwise().mean();
  centered.rowwise() -= mean.row(0);

  // The products of all pairs of columns, or those of all pairs of rows, which have the same
  // eigenvalues; whichever is smaller.
  const bool by_columns = D <= N;
  const Matrix products = by_columns ? Matrix(centered.transpose() * centered)
                                     : Matrix(centered * centered.transpose());
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(products);
  const double total = products.trace();

  Matrix directions(K, D), explained(K, 1);
  for (Index k = 0; k < K; ++k) {
    const Index place = products.rows() - 1 - k;  // eigenvalues ascend
    const Eigen::VectorXd vector = solver.eigenvectors().col(place);
    Eigen::VectorXd direction = by_columns ? vector : centered.transpose() * vector;
    const double length = direction.norm();
    if (length > 0) direction /= length;
    Index largest = 0;
    direction.cwiseAbs().maxCoeff(&largest);
    directions.row(k) = direction * (direction[largest] < 0 ? -1.0 : 1.0);
    const double variance = std::max(solver.eigenvalues()[place], 0.0);
    explained(k, 0) = total > 0 ? variance / total : 0;
  }
  return PrincipalComponents{floats(mean), floats(directions),
                             floats(centered * directions.transpose()), floats(explained)};
}

}  // namespace glassformer
