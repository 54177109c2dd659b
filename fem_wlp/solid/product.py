"""Sums of element matrices times vectors, sum_e G_e^T k_e G_e x, without a global matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from . import kernels
from .kernels import Ints, Numbers

LONGEST_RUN = 64
"""Most elements in one dense product: more would leave threads idle [-]."""


def one_thread_in_blas() -> threadpool_limits:
    """Return a context in which dense products start no threads: small ones only wait for them."""
    return threadpool_limits(limits=1, user_api="blas")


@dataclass(frozen=True)
class Connectivity:
    """Which nodes the elements have, and which elements the nodes.

    Parameters
    ----------
    nodes
        Shape (m, k).
    begin, places
        Where each node's places begin, shape (n + 1,), and the places e k + a, shape (m k,).
    """

    nodes: Numbers
    begin: Ints
    places: Numbers

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.begin) - 1

    def sum(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the sums at the nodes of values at the elements' nodes, (m, 3 k) -> (n, 3)."""
        total = np.empty((self.size, 3), dtype=values.dtype)
        kernels.gather(self.begin, self.places, values.reshape(-1, 3), total)
        return total


@dataclass(frozen=True)
class ElementMatrices:
    """A symmetric matrix as a sum over elements, each distinct element matrix kept once.

    Parameters
    ----------
    connectivity
        Nodes and elements.
    kinds
        Number of each element's matrix, shape (m,).
    matrices
        Shape (d, 3 k, 3 k), single or double precision.
    order
        Elements sorted by kind, shape (m,).
    runs
        Where runs of elements of one kind begin in ``order``, and its end, shape (r + 1,).
    places
        As the connectivity's, but counting elements in ``order``, shape (m k,).
    """

    connectivity: Connectivity
    kinds: Numbers
    matrices: NDArray[Any]
    order: Numbers
    runs: Ints
    places: Numbers

    def __matmul__(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return the product with a vector of nodal values, (n, 3) -> (n, 3), in the matrices' precision."""
        joined = self.connectivity
        out = np.empty((len(self.kinds), self.matrices.shape[1]), dtype=self.matrices.dtype)
        x = np.ascontiguousarray(x, dtype=self.matrices.dtype)
        kernels.multiply(self.runs, self.order, self.kinds, joined.nodes, self.matrices, x, out)
        total = np.empty((joined.size, 3), dtype=self.matrices.dtype)
        kernels.gather(joined.begin, self.places, out.reshape(-1, 3), total)
        return total

    def of_elements(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return the sums of each matrix times its element's own vector, (m, k, 3) -> (n, 3), in their precision.

        Unlike those of ``self @ x`` the vectors of neighbours may differ at the nodes that they share.
        """
        joined = self.connectivity
        m, k = joined.nodes.shape
        own = np.arange(m * k, dtype=np.int32).reshape(m, k)
        out = np.empty((m, self.matrices.shape[1]), dtype=self.matrices.dtype)
        x = np.ascontiguousarray(x.reshape(-1, 3), dtype=self.matrices.dtype)
        kernels.multiply(self.runs, self.order, self.kinds, own, self.matrices, x, out)
        total = np.empty((joined.size, 3), dtype=self.matrices.dtype)
        kernels.gather(joined.begin, self.places, out.reshape(-1, 3), total)
        return total

    def assembled(self) -> Any:
        """Return the sum as a sparse matrix, shape (3 n, 3 n)."""
        nodes, size = self.connectivity.nodes, self.matrices.shape[1]
        unknowns = (3 * nodes[:, :, None] + np.arange(3, dtype=np.int32)).reshape(len(nodes), -1)
        rows = np.repeat(unknowns, size, axis=1).ravel()
        columns = np.tile(unknowns, (1, size)).ravel()
        n = 3 * self.connectivity.size
        return sparse.csr_matrix((self.matrices[self.kinds].ravel(), (rows, columns)), shape=(n, n))


def connectivity(nodes: NDArray[Any], size: int) -> Connectivity:
    """Return the connectivity of elements with these nodes, shape (m, k), among ``size`` nodes."""
    numbers = nodes.astype(np.int32)
    return Connectivity(numbers, *kernels.elements_of_nodes(numbers, size))


def element_matrices(joined: Connectivity, kinds: NDArray[Any], matrices: NDArray[Any]) -> ElementMatrices:
    """Return the sum over elements of ``matrices[kinds]``."""
    m, k = joined.nodes.shape
    order = np.argsort(kinds, kind="stable").astype(np.int32)
    sorted_kinds = np.asarray(kinds)[order]
    new = np.flatnonzero(np.diff(sorted_kinds, prepend=-1))
    number_in_run = np.arange(m) - np.repeat(new, np.diff(np.append(new, m)))
    runs = np.append(np.flatnonzero(number_in_run % LONGEST_RUN == 0), m)
    rank = np.empty(m, dtype=np.int32)
    rank[order] = np.arange(m, dtype=np.int32)
    element, corner = np.divmod(joined.places, np.int32(k))
    places = (rank[element] * np.int32(k) + corner).astype(np.int32)
    return ElementMatrices(joined, np.asarray(kinds, np.int32), np.ascontiguousarray(matrices), order, runs, places)
