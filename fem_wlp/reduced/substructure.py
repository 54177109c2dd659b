"""One harmonic of a joint cell, taken apart into groups of regions whose moduli vary together.

Within a group with stiffness theta K the unknowns that no other group sees are eliminated once and for all: what is left,
theta S on the nodes that groups share, is exact for every theta. So is the thermal load, theta f. With y the generalised
displacements of the plates and the amplitudes of loads, and u the shared unknowns, the energy of the cell is

    1/2 u' H u + u' B y + 1/2 y' T y        H = sum theta S_uu,   B = sum theta S_uy,   T = sum theta S_yy

and all that the assembly asks of the cell stands in its Schur complement E = T - B' H^-1 B.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from ..elasticity import harmonic, solve
from ..joint.condense import CellModel, CellState, drive, footprint_rows, side_pulls

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FREE_COLUMNS = {0: (3, 1, 2, 4, 5), 1: (2, 3), 2: (0, 1, 2, 3)}
"""Generalised displacements that are kept: with the chip's shift and tilt held nothing moves as a whole."""


@dataclass(frozen=True)
class Group:
    """A group of regions condensed to the shared unknowns and the amplitudes, at theta = 1.

    Parameters
    ----------
    H
        Stiffness of the shared unknowns, shape (n, n).
    B
        Coupling to the amplitudes, shape (n, k): what scales with theta, as `T`.
    T
        Stiffness of the amplitudes, shape (k, k).
    B_fixed
        Coupling that does not scale with theta (mechanical loads), shape (n, k).
    T_fixed
        Part of T that does not scale.
    T_inverse
        Part of T that scales with 1/theta: the compliance of mechanical loads within the group.
    """

    H: Floats
    B: Floats
    T: Floats
    B_fixed: Floats
    T_fixed: Floats
    T_inverse: Floats


@dataclass(frozen=True)
class Substructures:
    """One harmonic of a cell as a sum of groups.

    Parameters
    ----------
    groups
        The groups.
    motions
        Number of amplitudes that are generalised displacements; the others are loads.
    """

    groups: tuple[Group, ...]
    motions: int

    def part(self, groups: slice, amplitudes: Sequence[int]) -> Substructures:
        """Return some of the groups, with the unknowns that they see and some of the amplitudes."""
        rows, chosen = list(amplitudes), self.groups[groups]
        seen = np.flatnonzero(sum(np.diag(g.H) for g in chosen))
        square, block = np.ix_(rows, rows), np.ix_(seen, rows)
        return Substructures(
            tuple(
                Group(g.H[np.ix_(seen, seen)], g.B[block], g.T[square], g.B_fixed[block], g.T_fixed[square],
                      g.T_inverse[square])
                for g in chosen
            ),
            sum(row < self.motions for row in rows),
        )  # fmt: skip


def substructures(model: CellModel, state: CellState, m: int, regions: Sequence[tuple[str, ...]]) -> Substructures:
    """Condense one harmonic of a cell by groups of regions.

    Parameters
    ----------
    model, state
        The cell, its elasticity and free strain.
    m
        Harmonic, 0, 1 or 2.
    regions
        Names of the regions of each group; together they are all of the cell. The last holds land and board.

    Returns
    -------
    Substructures
        Amplitudes, m = 0: (w_b, e_c, k_c, e_b, k_b), then the temperature change; m = 1: (u_b, phi_b), then a unit pull
        at each layer's wall, then the four `footprint_rows` as loads; m = 2: (e_c, k_c, e_b, k_b).
    """
    space, mesh = model.space, model.mesh
    space.strain(m)  # once for all groups
    driven = drive(model, m)
    columns = list(FREE_COLUMNS[m])
    free = solve.free_unknowns(harmonic.axis_constraints(space, m), driven.held)
    owner = _first_rows(free) // harmonic.COMPONENTS
    shared = np.flatnonzero(_shared(model, regions)[owner])
    place = np.full(free.shape[1], -1)
    place[shared] = np.arange(len(shared))
    forces = np.hstack([side_pulls(model), footprint_rows(model).T]) if m == 1 else np.zeros((space.size, 0))
    taken = np.zeros(space.size, dtype=bool)
    groups = []
    for names in regions:
        elements, part = space.part(*names)
        nodes = np.unique(mesh.triangles[elements])
        unknowns = (harmonic.COMPONENTS * nodes[:, None] + np.arange(harmonic.COMPONENTS)).ravel()
        own = forces[unknowns] * ~taken[unknowns, None]
        taken[unknowns] = True
        system = harmonic.assemble(part.strain(m), state.elasticity[elements], state.free[elements] * (m == 0))
        groups.append(
            _condensed(
                system, free[unknowns], place, driven.moved[unknowns][:, columns], own,
                driven.sums[:, unknowns], driven.values[:, columns], len(shared),
            )
        )  # fmt: skip
    return Substructures(tuple(groups), len(columns))


def _condensed(
    system: harmonic.HarmonicSystem,
    free: sparse.csr_matrix,
    place: Integers,
    moved: Floats,
    forces: Floats,
    sums: Floats,
    values: Floats,
    size: int,
) -> Group:
    used = np.flatnonzero(np.diff(free.tocsc().indptr))
    kept, inner = used[place[used] >= 0], used[place[used] < 0]
    m = system.strain.harmonic
    motions, loads = moved.shape[1], 1 if m == 0 else forces.shape[1]
    inside = free[:, inner].tocsc()
    outside = sparse.hstack([free[:, kept], sparse.csr_matrix(moved)]).tocsc()
    K = system.stiffness
    f = system.load[:, None] if m == 0 else forces
    coupled = (inside.T @ K @ outside).toarray()
    active = np.abs(sums).sum(axis=1) > 0
    C, wanted = sums[active], values[active]
    factor = solve.factorise(inside.T @ K @ inside)
    C_in = C @ inside
    f_in = inside.T @ f
    X = factor.solve(np.hstack([coupled, f_in, C_in.T]))
    X_out, X_f, X_c = np.split(X, [coupled.shape[1], coupled.shape[1] + loads], axis=1)
    S = (outside.T @ K @ outside).toarray() - coupled.T @ X_out
    F = outside.T @ f - coupled.T @ X_f
    c = f_in.T @ X_f
    if len(C):
        G = C_in @ X_c
        D = C @ outside - C_in @ X_out
        D[:, len(kept) :] -= wanted
        d = C_in @ X_f
        S += D.T @ np.linalg.solve(G, D)
        F -= D.T @ np.linalg.solve(G, d)
        c -= d.T @ np.linalg.solve(G, d)
    S, c = 0.5 * (S + S.T), 0.5 * (c + c.T)
    return _spread(S, F, c, place[kept], size, motions, thermal=m == 0)


def _spread(S: Floats, F: Floats, c: Floats, rows: Integers, size: int, motions: int, thermal: bool) -> Group:
    """Put a group's matrices in their places among all shared unknowns and amplitudes."""
    k, n = len(rows), motions + F.shape[1]
    H, B, T = np.zeros((size, size)), np.zeros((size, n)), np.zeros((n, n))
    H[np.ix_(rows, rows)] = S[:k, :k]
    B[rows, :motions] = S[:k, k:]
    T[:motions, :motions] = S[k:, k:]
    B_load, T_load, rest = np.zeros((size, n)), np.zeros((n, n)), np.zeros((n, n))
    B_load[rows, motions:] = -F[:k]
    T_load[:motions, motions:] = -F[k:]
    T_load[motions:, :motions] = -F[k:].T
    rest[motions:, motions:] = -c
    if thermal:
        return Group(H, B + B_load, T + T_load + rest, np.zeros_like(B), np.zeros_like(T), np.zeros_like(T))
    return Group(H, B, T, B_load, T_load, rest)


def _shared(model: CellModel, regions: Sequence[tuple[str, ...]]) -> NDArray[np.bool_]:
    """Nodes that belong to more than one group."""
    count = np.zeros(len(model.mesh.points), dtype=int)
    for names in regions:
        count[np.unique(model.mesh.triangles[model.mesh.elements(*names)])] += 1
    return count > 1


def _first_rows(free: sparse.csr_matrix) -> Integers:
    by_column = free.tocsc()
    return by_column.indices[by_column.indptr[:-1]]
