"""A plate's stiffness factored slab by slab: quadratic elements couple a plane of nodes with the next two only.

    end 0 | middle | end 1 | middle | end 2 ...

Middles are eliminated first, each from its two ends, then the ends one after the other, by Cholesky's method in dense
matrices of a plane's size. On plates of some thousand unknowns this is several times as fast as a sparse factorisation,
whose pieces are small.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import scipy.linalg as dense
import scipy.sparse as sp

from fem_wlp.assembly.cells import FloatArray, IntArray
from fem_wlp.errors import SolveError


class Slabs:
    """Cholesky factors of a symmetric positive definite matrix that is a chain of slabs.

    Parameters
    ----------
    matrix
        (n, n) stiffness.
    plane
        (n,) plane of each unknown: even numbers, from 0 on, are ends of slabs, odd ones their middles.

    Raises
    ------
    SolveError
        S501: the matrix is not positive definite.
    """

    def __init__(self, matrix: sp.csr_matrix, plane: IntArray) -> None:
        self.order = np.argsort(plane, kind="stable")
        bounds = np.searchsorted(plane[self.order], np.arange(int(plane.max()) + 2))
        planes = [slice(*ends) for ends in pairwise(bounds.tolist())]
        self.ends, self.middles = planes[::2], planes[1::2]
        ordered = matrix[self.order][:, self.order]

        def block(rows: slice, columns: slice) -> FloatArray:
            dense: FloatArray = ordered[rows, columns].toarray()
            return dense

        own = [block(end, end) for end in self.ends]
        self.of_middles: list[FloatArray] = []
        self.of_ends: list[FloatArray] = []
        self.to_ends: list[tuple[FloatArray, FloatArray]] = []
        self.to_next: list[FloatArray] = []
        for slab, middle in enumerate(self.middles):
            left, right = self.ends[slab], self.ends[slab + 1]
            W = _inverse_root(block(middle, middle))
            before, after = W @ block(middle, left), W @ block(middle, right)
            own[slab] -= before.T @ before
            own[slab + 1] -= after.T @ after
            self.of_middles.append(W)
            self.to_ends.append((before, after))
            self.to_next.append(block(left, right) - before.T @ after)
        for number in range(len(own)):
            W = _inverse_root(own[number])
            own[number] = W[:0]  # leaves room for the next
            self.of_ends.append(W)
            if number < len(self.middles):
                self.to_next[number] = W @ self.to_next[number]
                own[number + 1] -= self.to_next[number].T @ self.to_next[number]

    def solve(self, load: FloatArray) -> FloatArray:
        """Return the solution under loads, shape (n,) or (n, columns)."""
        u = load[self.order]
        for slab, (middle, W) in enumerate(zip(self.middles, self.of_middles, strict=True)):
            u[middle] = W @ u[middle]
            for end, link in zip(self.ends[slab : slab + 2], self.to_ends[slab], strict=True):
                u[end] -= link.T @ u[middle]
        for number, (end, W) in enumerate(zip(self.ends, self.of_ends, strict=True)):
            if number > 0:
                u[end] -= self.to_next[number - 1].T @ u[self.ends[number - 1]]
            u[end] = W @ u[end]
        for number, end in reversed(list(enumerate(self.ends))):
            if number < len(self.middles):
                u[end] -= self.to_next[number] @ u[self.ends[number + 1]]
            u[end] = self.of_ends[number].T @ u[end]
        for slab, (middle, W) in enumerate(zip(self.middles, self.of_middles, strict=True)):
            for end, link in zip(self.ends[slab : slab + 2], self.to_ends[slab], strict=True):
                u[middle] -= link @ u[end]
            u[middle] = W.T @ u[middle]
        solution = np.empty_like(u)
        solution[self.order] = u
        return solution


def _inverse_root(block: FloatArray) -> FloatArray:
    """Return L⁻¹ of a block L Lᵀ: products with it are several times as fast as substitutions with L."""
    try:
        L = dense.cholesky(block, lower=True, check_finite=False)
    except dense.LinAlgError as singular:
        raise SolveError(
            "S501",
            f"the stiffness of a plate is not positive definite: {singular}",
            where="plate",
            hint="its moduli are far out of range",
        ) from singular
    inverse: FloatArray = dense.lapack.dtrtri(L, lower=1)[0]
    return inverse
