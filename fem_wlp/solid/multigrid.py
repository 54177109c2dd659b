"""Multigrid for quadratic elements: Schwarz smoothing element by element, then linear elements, then aggregates.

    V-cycle:  smooth on the quadratic elements -> linear elements on the same mesh: smooth -> smoothed aggregation with
    the six rigid motions, solved directly -> smooth -> correction -> smooth

The smoother inverts what stands between the nodes of each element, neighbours' shares included, and sums the
corrections; a Chebyshev polynomial makes the best of several such steps. Whole elements are inverted because neither
thin layers (aspect ratios of 30) nor nearly incompressible ones can be smoothed node by node. Elements whose
surroundings are alike share one inverse.

A rigid body is smoothed like an element, alone among its neighbours, and stays rigid on every level.

The cycle is symmetric, so that conjugate gradients can use it, and works in single precision: only the residual of
conjugate gradients decides how good the answer is.

Smoother: Schoeberl et al., additive Schwarz for high-order elements (Numer. Linear Algebra Appl. 2008) in idea;
Chebyshev: Adams et al., J. Comput. Phys. 188 (2003) 593.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..mesh.solid import Bools, Floats, Ints, SolidMesh
from . import kernels
from .direct import factorized
from .operator import Operator, displacement_of
from .product import ElementMatrices, connectivity, element_matrices
from .space import Space, space_of
from .supports import rigid_motions_of

Singles = NDArray[Any]  # of np.float32

STEPS = 2
"""Schwarz steps of one smoothing [-]."""

RANGE = (0.05, 1.1)
"""Part of the smoother's spectrum that the polynomial damps, relative to the largest eigenvalue [-]."""

POWER_STEPS = 12
"""Steps of the power iteration for that eigenvalue [-]."""

OVERLAP = 0.25
"""Corrections of a node in c elements are weighted with c**-OVERLAP before and after the inverse [-]."""

STRENGTH = 0.02
"""Couplings below this share of the diagonals' mean don't join nodes into aggregates [-]."""


@dataclass(frozen=True)
class Smoother:
    """Chebyshev polynomial of element-wise Schwarz steps.

    Parameters
    ----------
    stiffness
        Sum of element matrices, single precision.
    inverses
        Sum of the weighted inverses, single precision.
    bodies
        Inverse of what each rigid body meets when it moves alone, single precision, shape (b, b).
    space
        What may move, single precision.
    largest
        Largest eigenvalue of inverses times stiffness [-].
    """

    stiffness: ElementMatrices
    inverses: ElementMatrices
    bodies: Singles
    space: Space
    largest: float

    def residual_of(self, x: Singles) -> Singles:
        """Return what K x does on what may move."""
        return self.space.project(self.stiffness @ x)

    def step(self, r: Singles) -> Singles:
        """Return the sum of all elements' and bodies' own corrections."""
        x = self.inverses @ r
        return x + self.space.moved(self.bodies @ self.space.pulled(r)) if len(self.bodies) else x

    def smooth(self, r: Singles) -> Singles:
        """Return a correction for the residual ``r`` (Chebyshev iteration from zero)."""
        low, high = (np.float32(share * self.largest) for share in RANGE)
        centre, half = (high + low) / 2, (high - low) / 2
        sigma = centre / half
        rho = 1 / sigma
        d = self.step(r) / centre
        x = d.copy()
        for _ in range(STEPS - 1):
            r = r - self.residual_of(d)
            next_rho = 1 / (2 * sigma - rho)
            d = next_rho * rho * d + (2 * next_rho / half) * self.step(r)
            rho = next_rho
            x += d
        return x


@dataclass(frozen=True)
class Transfer:
    """Interpolation from corner nodes to all nodes in space, and back, respecting ties and supports."""

    mesh: SolidMesh
    corners: Ints
    matrix: Any
    transposed: Any
    free: Singles

    def prolong(self, coarse: Singles) -> Singles:
        """Return the interpolant of values at the corner nodes, (c, 3) -> (n, 3)."""
        if self.mesh.ties is None:
            return np.asarray((self.matrix @ coarse) * self.free)
        full = np.zeros_like(self.free)
        full[self.corners] = coarse
        ties = self.mesh.ties
        fine = self.matrix @ displacement_of(self.mesh, full)[self.corners]
        return np.asarray(np.einsum("nji,nj->ni", ties.frames[ties.frame], fine) * self.free)

    def restrict(self, fine: Singles) -> Singles:
        """Return the transpose of ``prolong``, (n, 3) -> (c, 3)."""
        held = fine * self.free
        if self.mesh.ties is None:
            return np.asarray(self.transposed @ held)
        ties = self.mesh.ties
        corner = np.zeros_like(held)
        corner[self.corners] = self.transposed @ np.einsum("nij,nj->ni", ties.frames[ties.frame], held)
        gathered = np.zeros_like(held)
        np.add.at(gathered, ties.master, np.einsum("nji,nj->ni", ties.frames[ties.frame], corner))
        return np.asarray(gathered[self.corners])


@dataclass(frozen=True)
class Aggregates:
    """Coarsest level: smoothed aggregates of nodes with the six rigid motions, solved directly.

    Parameters
    ----------
    matrix, transposed
        Interpolation from the aggregates and back.
    solve
        Inverse on the aggregates.
    """

    matrix: Any
    transposed: Any
    solve: Callable[[Floats], Floats]

    def cycle(self, r: Singles) -> Singles:
        """Return the correction for a residual, (c, 3) -> (c, 3)."""
        x = self.matrix @ self.solve((self.transposed @ r.ravel()).astype(np.float64)).astype(np.float32)
        return np.asarray(x.reshape(-1, 3))


@dataclass(frozen=True)
class Level:
    """One level of the V-cycle: smoothing, and the correction from the next coarser one."""

    smoother: Smoother
    restrict: Callable[[Singles], Singles]
    prolong: Callable[[Singles], Singles]
    coarser: Level | Aggregates

    def cycle(self, r: Singles) -> Singles:
        """Return an approximate solution for the residual ``r``, zero on fixed components, shape (n, 3)."""
        x = self.smoother.smooth(r)
        rest = r - self.smoother.residual_of(x)
        correction = self.prolong(self.coarser.cycle(self.restrict(rest)))
        x += correction
        rest -= self.smoother.residual_of(correction)
        x += self.smoother.smooth(rest)
        return x


@dataclass(frozen=True)
class Multigrid:
    """A symmetric preconditioner of a constrained operator; call ``cycle``.

    Parameters
    ----------
    finest
        The quadratic elements.
    levels
        Unknowns of each level, finest first.
    """

    finest: Level
    levels: tuple[int, ...]

    def cycle(self, r: Floats) -> Floats:
        """Return an approximation of K^-1 r, shape (n, 3); ``r`` is what does work on what may move."""
        scale = np.abs(r).max() or 1.0  # keeps single precision from underflow
        return self.finest.cycle((r / scale).astype(np.float32)).astype(np.float64) * scale


def multigrid(operator: Operator, fixed: Bools, rigid: Ints | None = None) -> Multigrid:
    """Return a multigrid preconditioner.

    Parameters
    ----------
    operator
        Stiffness.
    fixed
        Components that don't move, in the unknowns' frames, shape (n, 3).
    rigid
        Number of the rigid body that each node is of, -1 for none, shape (n,).
    """
    transfer = _transfer(operator, fixed)
    linear = _linear_elements(operator, transfer.corners)
    # a corner that no element has as unknown (a tied one) doesn't move either
    held = fixed[transfer.corners] | (np.diff(linear.connectivity.begin) == 0)[:, None]
    motions = rigid_motions_of(operator.mesh)
    own = space_of(fixed, rigid, motions)
    corner_space = space_of(held, None if rigid is None else rigid[transfer.corners], motions[transfer.corners])
    aggregates, size = _aggregates(linear, motions[transfer.corners], corner_space)
    # residuals are projected already, and aggregates lead to nothing else
    coarse = Level(_smoother(linear, corner_space), np.asarray, np.asarray, aggregates)
    smoother = _smoother(operator.stiffness, own)
    fine = Level(smoother, transfer.restrict, lambda x: smoother.space.project(transfer.prolong(x)), coarse)
    return Multigrid(fine, (operator.size, 3 * len(held), size))


def _smoother(exact: ElementMatrices, space: Space) -> Smoother:
    single = element_matrices(exact.connectivity, exact.kinds, exact.matrices.astype(np.float32))
    loose = space.loose > 0.0
    first, kinds = _surroundings(exact, ~loose)
    inverses = element_matrices(exact.connectivity, kinds, _inverses(exact, first, ~loose))
    bodies = np.zeros((0, 0)) if space.motions is None else np.linalg.inv(space.diagonal_blocks(exact))
    smoother = Smoother(single, inverses, bodies.astype(np.float32), space.single(), 1.0)
    x = smoother.space.project(np.random.default_rng(0).random(space.loose.shape, dtype=np.float32))
    for _ in range(POWER_STEPS):
        x /= np.linalg.norm(x)
        x = smoother.step(smoother.residual_of(x))
    return replace(smoother, largest=float(np.linalg.norm(x)))


def _surroundings(stiffness: ElementMatrices, fixed: Bools) -> tuple[Ints, Ints]:
    """Return the first element of each kind of surroundings, and the kind of each element.

    What stands between an element's nodes depends on the matrices of the elements at each of them and on its supports.
    Sums of scattered 64-bit numbers tell these sets apart.
    """
    joined = stiffness.connectivity
    k = joined.nodes.shape[1]
    with np.errstate(over="ignore"):
        part = _scattered(stiffness.kinds.astype(np.uint64)[:, None] * np.uint64(k) + np.arange(k, dtype=np.uint64))
        ordered = np.append(part.ravel()[joined.places], np.uint64(0))
        at_node = np.add.reduceat(ordered, joined.begin[:-1])
        at_node += _scattered((fixed @ np.array([1, 2, 4])).astype(np.uint64) + np.uint64(1 << 40))
        place = _scattered(np.arange(k, dtype=np.uint64) + np.uint64(1 << 50))
        whole = _scattered(at_node[joined.nodes] + place).sum(axis=1) + _scattered(stiffness.kinds.astype(np.uint64))
    _, first, kinds = np.unique(whole, return_index=True, return_inverse=True)
    return first, kinds


def _scattered(numbers: NDArray[Any]) -> NDArray[np.uint64]:
    """Spread numbers over 64 bits (the finaliser of SplitMix64, Steele et al. 2014)."""
    z = numbers + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def _inverses(stiffness: ElementMatrices, chosen: Ints, fixed: Bools) -> Singles:
    """Return the weighted inverses of what stands between the nodes of the chosen elements, (s, 3 k, 3 k)."""
    joined = stiffness.connectivity
    weight = np.maximum(np.diff(joined.begin), 1) ** -OVERLAP
    inverses = np.empty((len(chosen), *stiffness.matrices.shape[1:]), dtype=np.float32)
    diagonal = np.arange(inverses.shape[1])
    for part in np.array_split(np.arange(len(chosen)), -(-len(chosen) // 256)):
        nodes = joined.nodes[chosen[part]]
        blocks = kernels.assembled_around(
            chosen[part], joined.begin, joined.places, joined.nodes, stiffness.kinds, stiffness.matrices
        )
        active = (~fixed[nodes].reshape(len(part), -1)) & (blocks[:, diagonal, diagonal] > 0)
        blocks *= active[:, :, None] & active[:, None, :]
        blocks[:, diagonal, diagonal] += ~active
        scale = np.repeat(weight[nodes], 3, axis=1) * active
        inverses[part] = np.linalg.inv(blocks) * scale[:, :, None] * scale[:, None, :]
    return (inverses + inverses.transpose(0, 2, 1)) / 2


def _transfer(operator: Operator, fixed: Bools) -> Transfer:
    mesh, element = operator.mesh, operator.element
    corner_cells = mesh.cells[:, element.corner_nodes]
    corners = np.unique(corner_cells)
    number = np.zeros(len(mesh.points), dtype=np.int64)
    number[corners] = np.arange(len(corners))
    seen, first = np.unique(mesh.cells, return_index=True)  # every node is interpolated within one of its elements
    e, a = np.divmod(first, mesh.cells.shape[1])
    weights = element.corners[a].astype(np.float32)
    rows = np.repeat(seen, weights.shape[1])
    matrix = sparse.csr_matrix(
        (weights.ravel(), (rows, number[corner_cells[e]].ravel())), shape=(len(mesh.points), len(corners))
    )
    matrix.eliminate_zeros()
    free = ~fixed
    if mesh.ties is not None:
        free = free & (mesh.ties.master == np.arange(len(fixed)))[:, None]
    return Transfer(mesh, corners, matrix, matrix.T.tocsr(), free.astype(np.float32))


def _linear_elements(operator: Operator, corners: Ints) -> ElementMatrices:
    """Return the operator on the linear elements, P^T K P element by element."""
    mesh, element, exact = operator.mesh, operator.element, operator.stiffness
    k, size = element.corners.shape
    P = np.kron(element.corners, np.eye(3))[None]
    if mesh.ties is not None:
        first = np.unique(exact.kinds, return_index=True)[1]
        frames = mesh.ties.frames[mesh.ties.frame[mesh.cells[first]]]
        coarse_frames = frames[:, element.corner_nodes]
        P = np.einsum("eaji,ac,ecjl->eaicl", frames, element.corners, coarse_frames, optimize=True)
        P = P.reshape(-1, 3 * k, 3 * size)
    matrices = np.matmul(P.transpose(0, 2, 1), np.matmul(exact.matrices, P))
    number = np.zeros(len(mesh.points), dtype=np.int64)
    number[corners] = np.arange(len(corners))
    joined = connectivity(number[exact.connectivity.nodes[:, element.corner_nodes]], len(corners))
    return element_matrices(joined, exact.kinds, matrices)


@contextmanager
def _same_every_time() -> Iterator[None]:
    """Let numpy's global generator, by which PyAMG estimates a spectral radius, draw the same; restore it after."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


def _aggregates(linear: ElementMatrices, motions: Floats, space: Space) -> tuple[Aggregates, int]:
    """Return the coarsest level and its number of unknowns.

    Parameters
    ----------
    linear
        The operator on linear elements.
    motions
        Rigid motions of their nodes in the unknowns' frames, shape (c, 3, 6).
    space
        What may move of them.
    """
    import pyamg  # only multigrid needs it, and every model loads this module

    matrix = linear.assembled()
    basis = space.basis.tocsr()
    admitted = (basis @ basis.T).tocsr()
    # what may not move stands on springs by itself
    stopped = matrix.diagonal().mean() * (sparse.identity(matrix.shape[0], format="csr") - admitted)
    matrix = (admitted @ matrix @ admitted + stopped).tocsr()
    motions = np.stack([space.project(motion) for motion in np.moveaxis(motions, 2, 0)], axis=2)
    with _same_every_time():
        hierarchy = pyamg.smoothed_aggregation_solver(
            matrix.tobsr((3, 3)),
            B=motions.reshape(-1, 6),
            strength=("symmetric", {"theta": STRENGTH}),
            improve_candidates=None,
            max_levels=2,
            coarse_solver=None,
        )
    P, coarse = hierarchy.levels[0].P.tocsr(), hierarchy.levels[1].A.tocsc()
    # an aggregate whose motions are dependent has fewer than six: its idle unknowns are held
    diagonal = coarse.diagonal()
    coarse = coarse + sparse.diags_array((diagonal <= 1e-10 * diagonal.max()) * diagonal.max())
    P = (admitted @ P).astype(np.float32).tocsr()
    return Aggregates(P, P.T.tocsr(), factorized(coarse).solve), coarse.shape[0]
