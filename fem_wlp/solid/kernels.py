"""Inner loops over elements and nodes, compiled.

A thread owns whole elements or whole nodes: no result depends on the number of threads or on timing. numba is loaded
by the first loop that runs, so that 2D models, which run none, need not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import numba

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]

# reassociation lets loops be vectorised; nothing here relies on nan or on the sign of zero
_FAST = {"reassoc", "contract", "nsz", "arcp"}


def _compiled(parallel: bool) -> Any:
    """Return a decorator of loops that are compiled when they first run."""

    def decorated(loop: Callable[..., Any]) -> Callable[..., Any]:
        @cache
        def machine_code() -> Any:
            global numba  # the loops look it up here when they are compiled
            import numba

            # TBB, numba's first choice where it is found, waits for its threads at every fork, at worst for minutes
            numba.config.THREADING_LAYER_PRIORITY = ["omp", "workqueue", "tbb"]  # type: ignore[attr-defined]
            return numba.njit(cache=True, nogil=True, fastmath=_FAST, parallel=parallel)(loop)

        @wraps(loop)
        def run(*arguments: Any) -> Any:
            return machine_code()(*arguments)

        return run

    return decorated


@_compiled(parallel=False)
def elements_of_nodes(nodes: Numbers, size: int) -> tuple[Ints, Numbers]:
    """Return where each node's places in the elements begin, shape (size + 1,), and these places, e * k + a."""
    begin = np.zeros(size + 1, dtype=np.int64)
    flat = nodes.ravel()
    for place in range(len(flat)):
        begin[flat[place] + 1] += 1
    for i in range(size):
        begin[i + 1] += begin[i]
    next_place = begin[:-1].copy()
    places = np.empty(len(flat), dtype=np.int32)
    for place in range(len(flat)):
        i = flat[place]
        places[next_place[i]] = place
        next_place[i] += 1
    return begin, places


@_compiled(parallel=True)
def stiffness_of(B: Floats, tensors: Floats, volume: Floats) -> Floats:
    """Return the element matrices, sum_q volume B^T C B: B (s, q, 6, f), C (s, 6, 6), volume (s, q) -> (s, f, f)."""
    f = B.shape[3]
    matrices = np.zeros((B.shape[0], f, f))
    for e in numba.prange(B.shape[0]):
        matrix = matrices[e]
        stress = np.empty(f)
        for q in range(B.shape[1]):
            strain = B[e, q]
            for row in range(6):
                for j in range(f):
                    stress[j] = 0.0
                for other in range(6):
                    stiffness = volume[e, q] * tensors[e, row, other]
                    if stiffness != 0.0:
                        for j in range(f):
                            stress[j] += stiffness * strain[other, j]
                for i in range(f):
                    value = strain[row, i]
                    if value != 0.0:
                        for j in range(i, f):
                            matrix[i, j] += value * stress[j]
        for i in range(f):
            for j in range(i):
                matrix[i, j] = matrix[j, i]
    return matrices


@_compiled(parallel=True)
def multiply(runs: Ints, order: Numbers, kinds: Numbers, nodes: Numbers, matrices: Any, x: Any, out: Any) -> None:
    """Fill ``out`` (m, 3 k), in ``order``, with each element's symmetric matrix times its part of ``x`` (n, 3).

    Elements ``order[runs[i]:runs[i + 1]]`` have one matrix: one product of small dense matrices for all of them.
    """
    k = nodes.shape[1]
    for run in numba.prange(len(runs) - 1):
        first, last = runs[run], runs[run + 1]
        local = np.empty((last - first, 3 * k), dtype=out.dtype)
        for number in range(last - first):
            e = order[first + number]
            for a in range(k):
                i = nodes[e, a]
                for c in range(3):
                    local[number, 3 * a + c] = x[i, c]
        np.dot(local, matrices[kinds[order[first]]], out[first:last])


@_compiled(parallel=True)
def gather(begin: Ints, places: Numbers, values: Any, total: Any) -> None:
    """Fill ``total`` (n, 3) with the sums of the elements' ``values`` (m k, 3) at each node."""
    for i in numba.prange(len(begin) - 1):
        a = b = c = values[0, 0] * 0
        for q in range(begin[i], begin[i + 1]):
            place = places[q]
            a += values[place, 0]
            b += values[place, 1]
            c += values[place, 2]
        total[i, 0] = a
        total[i, 1] = b
        total[i, 2] = c


@_compiled(parallel=True)
def assembled_around(
    chosen: Ints, begin: Ints, places: Numbers, nodes: Numbers, kinds: Numbers, matrices: Floats
) -> Floats:
    """Return the assembled matrix among the nodes of each chosen element, shape (s, 3 k, 3 k).

    A node that an element holds twice counts at its first place only.
    """
    k = nodes.shape[1]
    blocks = np.zeros((len(chosen), 3 * k, 3 * k))
    for number in numba.prange(len(chosen)):
        own = nodes[chosen[number]]
        for a in range(k):
            i = own[a]
            repeated = False
            for b in range(a):
                repeated = repeated or own[b] == i
            if repeated:
                continue
            for q in range(begin[i], begin[i + 1]):
                e, corner = divmod(places[q], k)
                matrix = matrices[kinds[e]]
                for other in range(k):
                    j = nodes[e, other]
                    for b in range(k):
                        if own[b] == j:
                            for c in range(3):
                                for d in range(3):
                                    blocks[number, 3 * a + c, 3 * b + d] += matrix[3 * corner + c, 3 * other + d]
                            break
    return blocks
