"""A plate's stiffness factored slab by slab: quadratic elements couple a plane of nodes with the next two only.

    end 0 | middle | end 1 | middle | end 2 ...

Middles are eliminated first, each from its two ends, then the ends one after the other, by Cholesky's method in dense
matrices of a plane's size. On plates of some thousand unknowns this is several times as fast as a sparse factorisation,
whose pieces are small.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy.linalg as dense
from scipy.linalg.blas import dtrsm

from fem_wlp.assembly.cells import FloatArray, IntArray
from fem_wlp.errors import SolveError

Blocks = Callable[[int, int], FloatArray]
"""Two planes -> the dense block of a matrix between the unknowns of these; a fresh array, which may be overwritten."""


class Slabs:
    """Cholesky factors of a symmetric positive definite matrix that is a chain of slabs.

    Parameters
    ----------
    blocks
        The matrix.
    plane
        (n,) plane of each unknown: even numbers, from 0 on, are ends of slabs, odd ones their middles.
    free
        (n,) whether each unknown moves; by default all do. Held ones bear whatever load is put on them.

    Raises
    ------
    SolveError
        S501: the matrix is not positive definite.
    """

    def __init__(self, blocks: Blocks, plane: IntArray, free: npt.NDArray[np.bool_] | None = None) -> None:
        order = np.argsort(plane, kind="stable")
        bounds = np.searchsorted(plane[order], np.arange(int(plane.max()) + 2))
        moves = np.ones(len(plane), dtype=bool) if free is None else free[order]
        moving = [moves[slice(*ends)] for ends in pairwise(bounds.tolist())]
        self.order = order[moves]
        places = np.cumsum([0, *(part.sum() for part in moving)])
        planes = [slice(*ends) for ends in pairwise(places.tolist())]
        self.ends, self.middles = planes[::2], planes[1::2]

        def block(row: int, column: int) -> FloatArray:
            whole = blocks(row, column)
            return whole if moving[row].all() and moving[column].all() else whole[moving[row]][:, moving[column]]

        # mirrored blocks are asked for: their transposes are in Fortran's order, which BLAS takes without a copy
        own = [block(end, end) for end in range(0, len(planes), 2)]
        self.of_middles: list[FloatArray] = []
        self.of_ends: list[FloatArray] = []
        self.to_ends: list[tuple[FloatArray, FloatArray]] = []
        self.to_next: list[FloatArray] = []
        for slab in range(len(self.middles)):
            left, middle, right = range(2 * slab, 2 * slab + 3)
            L = _root(block(middle, middle))
            before, after = (_forward(L, block(end, middle).T) for end in (left, right))
            own[slab] -= before.T @ before
            own[slab + 1] -= after.T @ after
            self.of_middles.append(L)
            self.to_ends.append((before, after))
            self.to_next.append((block(right, left) - after.T @ before).T)
        for number in range(len(own)):
            L = _root(own[number])
            own[number] = L[:0]  # leaves room for the next
            self.of_ends.append(L)
            if number < len(self.middles):
                self.to_next[number] = _forward(L, self.to_next[number])
                own[number + 1] -= self.to_next[number].T @ self.to_next[number]

    def solve(self, load: FloatArray) -> FloatArray:
        """Return the solution under loads, shape (n,) or (n, columns)."""
        u = load[self.order].reshape(len(self.order), -1)
        for slab, (middle, L) in enumerate(zip(self.middles, self.of_middles, strict=True)):
            u[middle] = _forward(L, u[middle])
            for end, link in zip(self.ends[slab : slab + 2], self.to_ends[slab], strict=True):
                u[end] -= link.T @ u[middle]
        for number, (end, L) in enumerate(zip(self.ends, self.of_ends, strict=True)):
            if number > 0:
                u[end] -= self.to_next[number - 1].T @ u[self.ends[number - 1]]
            u[end] = _forward(L, u[end])
        for number, end in reversed(list(enumerate(self.ends))):
            if number < len(self.middles):
                u[end] -= self.to_next[number] @ u[self.ends[number + 1]]
            u[end] = _backward(self.of_ends[number], u[end])
        for slab, (middle, L) in enumerate(zip(self.middles, self.of_middles, strict=True)):
            for end, link in zip(self.ends[slab : slab + 2], self.to_ends[slab], strict=True):
                u[middle] -= link @ u[end]
            u[middle] = _backward(L, u[middle])
        solution = np.zeros_like(load)
        solution[self.order] = u.reshape(-1, *load.shape[1:])
        return solution


def _root(block: FloatArray) -> FloatArray:
    """Return L of a block L Lᵀ."""
    try:
        L: FloatArray = dense.cholesky(block, lower=True, check_finite=False)
    except dense.LinAlgError as singular:
        raise SolveError(
            "S501",
            f"the stiffness of a plate is not positive definite: {singular}",
            where="plate",
            hint="its moduli are far out of range",
        ) from singular
    return L


def _forward(L: FloatArray, b: FloatArray) -> FloatArray:
    """Return L⁻¹ b; BLAS reads rows or columns, whichever lie side by side in memory."""
    in_columns = b.flags.f_contiguous
    x: FloatArray = dtrsm(1.0, L, b, lower=1) if in_columns else dtrsm(1.0, L, b.T, side=1, trans_a=1, lower=1).T
    return x


def _backward(L: FloatArray, b: FloatArray) -> FloatArray:
    """Return L⁻ᵀ b of columns whose rows lie side by side in memory."""
    x: FloatArray = dtrsm(1.0, L, b.T, side=1, lower=1).T
    return x
