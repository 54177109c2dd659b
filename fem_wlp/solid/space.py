"""What may move: components by themselves, and rigid bodies as wholes.

    u = P v,  P = [1 at each free component | orthonormal motions of each rigid body]       x -> P P^T x projects

A rigid body is a set of nodes without elements: it has at most six unknowns, fewer where supports hold its nodes. Its
motions have length 1, so that the transpose of P is its inverse on what P reaches, and vectors stay nodal ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..mesh.solid import Bools, Floats, Ints
from .product import ElementMatrices

HELD = 1e-8
"""Part of a body's motion of length 1 at held components below which supports leave it free [-]."""


@dataclass(frozen=True)
class Space:
    """The displacements that supports and rigid bodies admit.

    Parameters
    ----------
    loose
        1 for components that move by themselves, 0 for others, shape (n, 3).
    motions
        Orthonormal motions of the rigid bodies, shape (3 n, b), sparse; None without bodies.
    body
        Number of the body that each motion is of, ascending, shape (b,).
    """

    loose: NDArray[Any]
    motions: Any
    body: Ints

    @cached_property
    def _transposed(self) -> Any:
        return self.motions.T.tocsr()

    def project(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return what is admitted of a displacement, or what a force does on it, shape (n, 3)."""
        alone = np.asarray(x * self.loose)
        return alone if self.motions is None else alone + self.moved(self.pulled(x))

    def pulled(self, force: NDArray[Any]) -> NDArray[Any]:
        """Return what forces (n, 3) do on the motions of the bodies, shape (b,)."""
        return np.asarray(self._transposed @ force.ravel())

    def moved(self, amounts: NDArray[Any]) -> NDArray[Any]:
        """Return the displacement (n, 3) of so much of each motion."""
        return np.asarray((self.motions @ amounts).reshape(-1, 3))

    @property
    def basis(self) -> Any:
        """P, sparse, shape (3 n, unknowns)."""
        alone = sparse.identity(self.loose.size, format="csc")[:, np.flatnonzero(self.loose)]
        return alone if self.motions is None else sparse.hstack([alone, self.motions], format="csc")

    def single(self) -> Space:
        """Return the space for numbers of single precision."""
        motions = None if self.motions is None else self.motions.astype(np.float32)
        return Space(self.loose.astype(np.float32), motions, self.body)

    def diagonal_blocks(self, stiffness: ElementMatrices) -> Floats:
        """Return the stiffness among the motions of each body, other bodies' left out, shape (b, b).

        No element has nodes of two bodies: one product serves the first motions of all, another the second, and so on.
        """
        same = self.body[:, None] == self.body
        number = np.tril(same, -1).sum(axis=1)  # of a motion within its body
        columns = np.zeros((len(self.body), int(number.max()) + 1))
        for k in range(columns.shape[1]):
            columns[:, k] = self.pulled(stiffness @ self.moved((number == k).astype(float)))
        return np.asarray(np.where(same, columns[:, number], 0.0))


def space_of(fixed: Bools, rigid: Ints | None, motions: Floats) -> Space:
    """Return the displacements that supports and rigid bodies admit.

    Parameters
    ----------
    fixed
        Components that don't move, shape (n, 3).
    rigid
        Number of the rigid body that each node is of, -1 for none, shape (n,); None without bodies.
    motions
        The six rigid motions of the mesh, shape (n, 3, 6).
    """
    if rigid is None or not (rigid >= 0).any():
        return Space((~fixed).astype(float), None, np.zeros(0, dtype=np.int64))
    blocks, rows, body = [], [], []
    for number in range(int(rigid.max()) + 1):
        nodes = np.flatnonzero(rigid == number)
        free = _admitted(motions[nodes].reshape(-1, 6), fixed[nodes].ravel())
        blocks.append(free)
        rows.append((3 * nodes[:, None] + np.arange(3)).ravel())
        body += [number] * free.shape[1]
    placed = sparse.block_diag(blocks, format="csr")
    order = sparse.csr_matrix(
        (np.ones(placed.shape[0]), (np.concatenate(rows), np.arange(placed.shape[0]))),
        shape=(fixed.size, placed.shape[0]),
    )
    loose = ~fixed & (rigid < 0)[:, None]
    return Space(loose.astype(float), (order @ placed).tocsr(), np.array(body, dtype=np.int64))


def _admitted(motions: Floats, held: Bools) -> Floats:
    """Return orthonormal combinations of a body's six motions that nothing holds, shape (3 nodes, 0 to 6)."""
    whole = np.linalg.qr(motions)[0]
    _, singular, combinations = np.linalg.svd(np.vstack([whole[held], np.zeros((6, 6))]))
    free = whole @ combinations[singular <= HELD].T
    free[held] = 0.0
    return np.asarray(np.linalg.qr(free)[0])
