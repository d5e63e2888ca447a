// Eigenvalues and eigenvectors of a symmetric matrix: Householder's reflections make it tridiagonal
// (Martin, Reinsch and Wilkinson 1968), the QL algorithm with implicit shifts makes that diagonal
// (Dubrulle, Martin and Wilkinson 1968; both in Wilkinson and Reinsch 1971, II/2 and II/4).
#pragma once

#include <cstdint>
#include <vector>

#include "core/result.h"

namespace glassformer {

struct SymmetricEigen {
  std::vector<double> values;  // [K], descending
  std::vector<double>
      vectors;  // [n,K]: columns of length 1, orthogonal however close the values are
};

// The K largest eigenvalues of a matrix [n,n], row by row, of which only entries at and left of the
// diagonal are read; 1 <= K <= n. Takes 4/3 n^3 multiplications and additions, and 4 n^2 for each
// vector. bad_option where an entry is not a finite number.
Result<SymmetricEigen> symmetric_eigen(std::vector<double> matrix, int64_t n, int64_t K);

}  // namespace glassformer
