"""One harmonic of a joint cell, taken apart into groups of regions whose moduli vary together.

Within a group with stiffness theta K the unknowns that no other group sees are eliminated once and for all: what is
left, theta S on the nodes that groups share, is exact for every theta. So is the thermal load, theta f. With y the
generalised displacements of the plates and the amplitudes of loads, and u the shared unknowns, the cell's energy is

    1/2 u' H u + u' B y + 1/2 y' T y        H = sum theta S_uu,   B = sum theta S_uy,   T = sum theta S_yy

and all that the assembly asks of the cell stands in its Schur complement E = T - B' H^-1 B.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse import linalg

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
class Gauge:
    """Strains at the quadrature points of some triangles, from the shared unknowns and the amplitudes.

    Parameters
    ----------
    group
        Number of the group that they belong to.
    by_unknowns
        Strains by the shared unknowns, shape (strains, n).
    by_amplitudes
        Strains by the amplitudes, shape (strains, k).
    by_loads
        Strains by mechanical loads within the group, which go with 1/theta, shape (strains, k).
    """

    group: int
    by_unknowns: Floats
    by_amplitudes: Floats
    by_loads: Floats


@dataclass(frozen=True)
class Substructures:
    """One harmonic of a cell as a sum of groups.

    Parameters
    ----------
    groups
        The groups.
    motions
        Number of amplitudes that are generalised displacements; the others are loads.
    gauges
        Strains that can be read.
    """

    groups: tuple[Group, ...]
    motions: int
    gauges: tuple[Gauge, ...] = ()

    def part(self, groups: slice, amplitudes: Sequence[int]) -> Substructures:
        """Return some of the groups, with the unknowns that they see and some of the amplitudes."""
        rows, chosen = np.array(amplitudes), self.groups[groups]
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


def substructures(
    model: CellModel,
    states: Sequence[CellState],
    m: int,
    regions: Sequence[tuple[str, ...]],
    gauged: Sequence[Integers] = (),
    known: Known | None = None,
) -> Substructures:
    """Condense one harmonic of a cell by groups of regions.

    Parameters
    ----------
    model, states
        The cell, its elasticity and free strain, and what may be added to the free strain.
    m
        Harmonic, 0, 1 or 2.
    regions
        Names of the regions of each group; together they are all of the cell.
    gauged
        Triangles at which strains are to be read, each set within one group.
    known
        Groups that were condensed before are taken from here, new ones are added.

    Returns
    -------
    Substructures
        Amplitudes, m = 0: (w_b, e_c, k_c, e_b, k_b), then those of free strain; m = 1: (u_b, phi_b), then a unit pull
        at each layer's wall, then the four `footprint_rows` as loads; m = 2: (e_c, k_c, e_b, k_b).
    """
    space, mesh = model.space, model.mesh
    space.strain(m)  # once for all groups
    driven = drive(model, m)
    columns = list(FREE_COLUMNS[m])
    unheld = solve.free_unknowns(harmonic.axis_constraints(space, m), driven.held)
    owner = unheld.indices[unheld.indptr[:-1]] // harmonic.COMPONENTS
    free = unheld.tocsr()
    shared = np.flatnonzero(_shared(model, regions)[owner])
    place = np.full(free.shape[1], -1)
    place[shared] = np.arange(len(shared))
    forces = np.hstack([side_pulls(model), footprint_rows(model).T]) if m == 1 else np.zeros((space.size, 0))
    taken = np.zeros(space.size, dtype=bool)
    groups = []
    gauges: dict[int, Gauge] = {}
    known = Known() if known is None else known
    for group, names in enumerate(regions):
        elements, part = space.part(*names)
        nodes = np.unique(mesh.triangles[elements])
        unknowns = (harmonic.COMPONENTS * nodes[:, None] + np.arange(harmonic.COMPONENTS)).ravel()
        own = forces[unknowns] * ~taken[unknowns, None]
        taken[unknowns] = True
        elasticity = states[0].elasticity[elements]
        growths = [state.free[elements] for state in states] if m == 0 else [np.zeros((len(elements), 6))]
        key = (m, names, len(nodes), elasticity.tobytes(), part.mesh.points.tobytes())
        under = (key, *(growth.tobytes() for growth in growths))
        kept = known.of(names)
        if under not in kept.loaded:
            systems = [harmonic.assemble(part.strain(m), elasticity, growth) for growth in growths]
            if key not in kept.condensed:
                kept.condensed[key] = _Condensed(
                    systems[0].stiffness, free[unknowns], place, driven.moved[unknowns][:, columns],
                    driven.sums[:, unknowns], driven.values[:, columns],
                )  # fmt: skip
            kept.loaded[under] = _Loaded(kept.condensed[key], systems, own)
        loaded = kept.loaded[under]
        groups.append(loaded.group(len(shared)))
        for number, triangles in enumerate(gauged):
            if np.isin(triangles, elements).all():
                gauges[number] = loaded.gauge(np.searchsorted(elements, triangles), group, len(shared))
    return Substructures(tuple(groups), len(columns), tuple(gauges[number] for number in range(len(gauged))))


@dataclass
class Known:
    """Groups that are condensed already, by what they are made of, and by their thermal growth besides.

    Parameters
    ----------
    condensed, loaded
        By keys that hold all that a group depends on.
    elsewhere
        Those that outlive this record: of the regions `same`. Factors of all groups at all thicknesses would take
        gigabytes, and only groups that no thickness moves are asked for again.
    same
        Names of the regions of these groups.
    """

    condensed: dict[tuple[object, ...], _Condensed] = field(default_factory=dict)
    loaded: dict[tuple[object, ...], _Loaded] = field(default_factory=dict)
    elsewhere: Known | None = None
    same: frozenset[tuple[str, ...]] = frozenset()

    def of(self, names: tuple[str, ...]) -> Known:
        """Return where a group's condensation is kept."""
        return self.elsewhere if self.elsewhere is not None and names in self.same else self


class _Condensed:
    """A group whose inner unknowns are eliminated; y are its kept ones and the motions."""

    def __init__(
        self,
        K: sparse.csc_matrix,
        free: sparse.csr_matrix,
        place: Integers,
        moved: Floats,
        sums: Floats,
        values: Floats,
    ) -> None:
        used = np.flatnonzero(np.diff(free.tocsc().indptr))
        kept, inner = used[place[used] >= 0], used[place[used] < 0]
        self.rows, self.motions = place[kept], moved.shape[1]
        self.inside = free[:, inner].tocsc()
        self.outside = sparse.hstack([free[:, kept], sparse.csr_matrix(moved)]).tocsc()
        K_in = (self.inside.T @ K @ self.inside).tocsc()
        self.coupled = (self.inside.T @ K @ self.outside).tocsc()
        self.factor = solve.factorise(K_in)
        self.S = _schur(self.factor, K_in, self.coupled, (self.outside.T @ K @ self.outside).tocsc())
        active = np.abs(sums @ self.inside).sum(axis=1) > 0  # a group that only touches a plate has none of its means
        C = sums[active]
        self.C_in = C @ self.inside
        self.X_c = self.factor.solve(self.C_in.T)
        self.D = C @ self.outside - self.X_c.T @ self.coupled
        self.D[:, len(kept) :] -= values[active]
        self.G = np.linalg.inv(self.C_in @ self.X_c)
        self.S = self.S + self.D.T @ self.G @ self.D  # the plates' means: u_in = X_f f - X y - X_c (D y + d f)
        self.S = 0.5 * (self.S + self.S.T)

    @cached_property
    def inner_by_y(self) -> Floats:
        """Inner unknowns by the others."""
        return np.asarray(-self.X_c @ self.G @ self.D - self.factor.solve(self.coupled.toarray()))


def _schur(
    factor: linalg.SuperLU, K_in: sparse.csc_matrix, coupled: sparse.csc_matrix, K_out: sparse.csc_matrix
) -> Floats:
    """Return K_out - coupled' K_in^-1 coupled, shape (n, n).

    It is what a factorisation of the whole leaves of the outer block: several times quicker than to solve for every
    column. A group that floats leaves a singular one, so the outer diagonal is doubled meanwhile.
    """
    inner, outer = np.argsort(factor.perm_c), K_in.shape[0] + np.arange(K_out.shape[0])
    diagonal = K_out.diagonal()
    added = np.where(diagonal > 0.0, diagonal, 1.0)
    whole = sparse.bmat([[K_in, coupled], [coupled.T, K_out + sparse.diags(added)]]).tocsr()
    order = np.concatenate([inner, outer])
    both = solve.factorise(whole[order][:, order], ordering="NATURAL")
    corner = slice(K_in.shape[0], None)
    return np.asarray(both.L[corner, corner].toarray() @ both.U[corner, corner].toarray() - np.diag(added))


class _Loaded:
    """A condensed group under loads f: of free strains, or mechanical ones."""

    def __init__(self, condensed: _Condensed, systems: Sequence[harmonic.HarmonicSystem], forces: Floats) -> None:
        self.condensed, self.systems = condensed, systems
        self.thermal = systems[0].strain.harmonic == 0
        f = np.column_stack([system.load for system in systems]) if self.thermal else forces
        f_in = condensed.inside.T @ f
        X_f = condensed.factor.solve(f_in)
        d = condensed.C_in @ X_f
        self.F = condensed.outside.T @ f - condensed.coupled.T @ X_f - condensed.D.T @ condensed.G @ d
        c = f_in.T @ X_f - d.T @ condensed.G @ d
        self.c = 0.5 * (c + c.T)
        self.inner_by_f = X_f - condensed.X_c @ condensed.G @ d

    def group(self, size: int) -> Group:
        """Return the group's matrices among all shared unknowns."""
        whole = self.condensed
        return _spread(whole.S, self.F, self.c, whole.rows, size, whole.motions, self.thermal)

    def gauge(self, elements: Integers, group: int, size: int) -> Gauge:
        """Return strains at the quadrature points of some of the group's triangles."""
        system, whole = self.systems[0], self.condensed
        rows = system.strain.rows_of(elements)
        nodal, bubbles = rows[..., :18], rows[..., 18:]
        strain = nodal - bubbles @ system.bubble_stiffness[elements][:, None]
        used, place = np.unique(system.strain.space.unknowns[elements], return_inverse=True)
        place = place.reshape(len(elements), -1)
        by_y = whole.outside[used].toarray() + whole.inside[used] @ whole.inner_by_y
        by_f = whole.inside[used] @ self.inner_by_f
        count = strain[..., 0].size
        at_y, at_f = ((strain @ one[place][:, None]).reshape(count, one.shape[1]) for one in (by_y, by_f))
        if self.thermal:
            bubble_loads = np.stack([one.bubble_load[elements] for one in self.systems], axis=-1)
            at_f += (bubbles @ bubble_loads[:, None]).reshape(at_f.shape)
        nothing = np.zeros((len(at_f), whole.motions))
        by_unknowns = np.zeros((len(at_y), size))
        by_unknowns[:, whole.rows] = at_y[:, : len(whole.rows)]
        motions, loads = at_y[:, len(whole.rows) :], np.hstack([nothing, at_f])
        if self.thermal:
            return Gauge(group, by_unknowns, np.hstack([motions, at_f]), np.zeros_like(loads))
        return Gauge(group, by_unknowns, np.hstack([motions, np.zeros_like(at_f)]), loads)


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
