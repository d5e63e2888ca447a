#include "core/analysis/symmetric_eigen.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/stable_sort.h"

namespace glassformer {
namespace {

double dot(const double* a, const double* b, int64_t size) {
  double sum = 0;
  for (int64_t i = 0; i < size; ++i) sum += a[i] * b[i];
  return sum;
}

// Q^T A Q = T, where Q is a product of reflections I - u u^T with |u|^2 = 2, or u = 0.
struct Tridiagonal {
  std::vector<double> diagonal;  // of T
  std::vector<double> beside;    // beside[i] is T(i,i+1); the last is 0
  std::vector<double> u;         // row i, whose first i entries it has, belongs to reflection i
};

// From the last row up: reflection i leaves of the first i entries of row i only the last.
Tridiagonal tridiagonalize(std::vector<double> a, int64_t n) {
  std::vector<double> diagonal(static_cast<size_t>(n)), beside(static_cast<size_t>(n));
  std::vector<double> products(static_cast<size_t>(n));
  for (int64_t i = n - 1; i > 0; --i) {
    double* u = &a[static_cast<size_t>(i * n)];
    diagonal[static_cast<size_t>(i)] = u[i];
    const double last = u[i - 1];
    const double rest = dot(u, u, i - 1);
    if (rest == 0) {
      beside[static_cast<size_t>(i - 1)] = last;
      std::fill(u, u + i, 0.0);
      continue;
    }
    // u + its image, which points away from u's last entry: nothing cancels.
    const double image = std::copysign(std::sqrt(rest + last * last), -last);
    beside[static_cast<size_t>(i - 1)] = image;
    u[i - 1] = last - image;
    const double scale = std::sqrt(2 / (rest + u[i - 1] * u[i - 1]));
    for (int64_t j = 0; j < i; ++j) u[j] *= scale;
    // What is left and above, of which half is kept, becomes A - u w^T - w u^T with
    // w = A u - (u . A u / 2) u.
    double* w = products.data();
    std::fill(w, w + i, 0.0);
    for (int64_t row = 0; row < i; ++row) {
      const double* left = &a[static_cast<size_t>(row * n)];
      w[row] += dot(left, u, row + 1);
      for (int64_t j = 0; j < row; ++j) w[j] += left[j] * u[row];
    }
    const double half = dot(u, w, i) / 2;
    for (int64_t j = 0; j < i; ++j) w[j] -= half * u[j];
    for (int64_t row = 0; row < i; ++row) {
      double* left = &a[static_cast<size_t>(row * n)];
      for (int64_t j = 0; j <= row; ++j) left[j] -= u[row] * w[j] + w[row] * u[j];
    }
  }
  diagonal[0] = a[0];
  return {std::move(diagonal), std::move(beside), std::move(a)};
}

// In the plane of coordinates `place` and `place` + 1.
struct Rotation {
  int64_t place;
  double cosine, sine;
};

// QL steps until T is diagonal; resolves to the rotations of all of them, in their order. Rotations
// are kept instead of applied to n vectors, because few of those may be wanted.
std::vector<Rotation> diagonalize(std::vector<double>& diagonal, std::vector<double>& beside) {
  const int64_t n = std::ssize(diagonal);
  double* const d = diagonal.data();
  double* const e = beside.data();
  std::vector<Rotation> rotations;
  // Beside the largest entry of T, smaller ones are rounding errors of it.
  double nothing = 0;
  for (int64_t i = 0; i < n; ++i) nothing = std::max(nothing, std::abs(d[i]) + std::abs(e[i]));
  nothing *= std::numeric_limits<double>::epsilon();
  for (int64_t first = 0; first < n; ++first) {
    for (;;) {
      int64_t last = first;
      while (std::abs(e[last]) > nothing) ++last;  // that of the last row is 0
      if (last == first) break;
      // The eigenvalue of the first two rows that is closer to d[first] (Wilkinson's shift).
      const double half = (d[first + 1] - d[first]) / (2 * e[first]);
      const double shift =
          d[first] - e[first] / (half + std::copysign(std::hypot(half, 1.0), half));
      // The first rotation is that of a QL step with this shift; it fills an entry outside the
      // three diagonals, which the others chase up and out.
      double bulge = d[last] - shift, cosine = 1, sine = 1, moved = 0;
      for (int64_t i = last - 1; i >= first; --i) {
        const double outside = sine * e[i], inside = cosine * e[i];
        const double length = std::hypot(outside, bulge);
        e[i + 1] = length;
        if (length == 0) {  // T splits here, sooner than was seen
          d[i + 1] -= moved;
          e[last] = 0;
          break;
        }
        sine = outside / length;
        cosine = bulge / length;
        const double base = d[i + 1] - moved;
        const double turned = (d[i] - base) * sine + 2 * cosine * inside;
        moved = sine * turned;
        d[i + 1] = base + moved;
        bulge = cosine * turned - inside;
        rotations.push_back({i, cosine, sine});
        if (i == first) {
          d[first] -= moved;
          e[first] = bulge;
          e[last] = 0;
        }
      }
    }
  }
  return rotations;
}

}  // namespace

Result<SymmetricEigen> symmetric_eigen(std::vector<double> matrix, int64_t n, int64_t K) {
  double largest = 0;
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j <= i; ++j) {
      const double size = std::abs(matrix[static_cast<size_t>(i * n + j)]);
      if (!std::isfinite(size)) {
        return Error{ErrorCode::bad_option, "eigenvectors need finite numbers"};
      }
      largest = std::max(largest, size);
    }
  }
  // To a largest entry of 1/2 to 1, exactly, so that squares neither overflow nor vanish.
  int exponent = 0;
  std::frexp(largest, &exponent);
  for (double& entry : matrix) entry = std::ldexp(entry, -exponent);
  Tridiagonal t = tridiagonalize(std::move(matrix), n);
  const std::vector<Rotation> rotations = diagonalize(t.diagonal, t.beside);

  const std::vector<int32_t> order = stable_order(
      static_cast<size_t>(n), [&](size_t a, size_t b) { return t.diagonal[a] > t.diagonal[b]; });
  SymmetricEigen found;
  found.vectors.resize(static_cast<size_t>(n * K));
  const auto row = [&](int64_t i) { return &found.vectors[static_cast<size_t>(i * K)]; };
  for (int64_t k = 0; k < K; ++k) {
    const int64_t place = order[static_cast<size_t>(k)];
    found.values.push_back(std::ldexp(t.diagonal[static_cast<size_t>(place)], exponent));
    row(place)[k] = 1;
  }
  // Backwards through all that was done.
  for (auto r = rotations.rbegin(); r != rotations.rend(); ++r) {
    double* x = row(r->place);
    for (int64_t k = 0; k < K; ++k) {
      const double upper = x[k], lower = x[K + k];
      x[k] = r->cosine * upper + r->sine * lower;
      x[K + k] = r->cosine * lower - r->sine * upper;
    }
  }
  std::vector<double> along(static_cast<size_t>(K));
  for (int64_t i = 1; i < n; ++i) {
    const double* u = &t.u[static_cast<size_t>(i * n)];
    std::fill(along.begin(), along.end(), 0.0);
    for (int64_t j = 0; j < i; ++j) {
      for (int64_t k = 0; k < K; ++k) along[static_cast<size_t>(k)] += u[j] * row(j)[k];
    }
    for (int64_t j = 0; j < i; ++j) {
      for (int64_t k = 0; k < K; ++k) row(j)[k] -= u[j] * along[static_cast<size_t>(k)];
    }
  }
  return found;
}

}  // namespace glassformer
