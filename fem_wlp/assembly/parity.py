"""One eighth of a free plate's problem: displacements of one parity about the three planes through its centre.

A box of orthotropic material is its own image in x = 0, y = 0 and z = 0. The displacement therefore falls apart into
eight fields that do not know of each other, each of parity s = ±1 under reflection in the three planes, and each solved
on the quarter x, y ≥ 0: component a of a field of parity s is an even (odd) function of coordinate d where
s_d (-1)^[a = d] is +1 (-1). Even about z is stretching, odd is bending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import product

import numpy as np
import scipy.sparse as sp

from fem_wlp.assembly.axis import Axis
from fem_wlp.assembly.cells import FloatArray, IntArray
from fem_wlp.assembly.slabs import Slabs

Parity = tuple[int, int, int]
Axes = tuple[Axis, Axis, Axis]
Band = tuple[float, float]

COORDINATES = ("u_x", "phi_x", "u_y", "phi_y", "w", "e", "k", "d1", "k1", "d2", "k2")
"""Generalised displacements of a plate cell: means u [mm], rotations phi [rad], w [mm], strains e, d1, d2 [-] and
curvatures k, k1, k2 [1/mm]."""

FILM = (5, 6, 7, 8, 9, 10)
"""Those of `COORDINATES` that a layer without a joint feels."""

MIRROR = np.array([(-1, 1), (-1, 1), (1, -1), (1, -1), *((1, 1),) * 5, (-1, -1), (-1, -1)], dtype=float)
"""(11, 2) sign that each coordinate takes under reflection in x = 0 and in y = 0 [-]."""

# Each coordinate is a sum of (factor, component of displacement, direction of its derivative),
_TERMS: tuple[tuple[tuple[float, int, int | None], ...], ...] = (
    *(((1.0, component, None),) for component in (0, 0, 1, 1, 2)),
    *(((0.5, 0, 0), (0.5, 1, 1)),) * 2,
    *(((0.5, 0, 0), (-0.5, 1, 1)),) * 2,
    *(((0.5, 0, 1), (0.5, 1, 0)),) * 2,
)
# taken as mean over the cell (0), or as the slope over its thickness (1),
_POWER = np.array([0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1])
# and, over the whole thickness, even (stretching) or odd (bending) about the mid-plane.
_PARITY_Z = np.where(np.arange(11) == 4, -1, 1 - 2 * _POWER)

# Rigid motions: name, parity, and (component, factor, coordinate) of each term.
_RIGID: dict[Parity, tuple[str, tuple[tuple[int, int, int | None], ...]]] = {
    (-1, 1, 1): ("shift along x", ((0, 1, None),)),
    (1, -1, 1): ("shift along y", ((1, 1, None),)),
    (-1, -1, 1): ("rotation about z", ((0, -1, 1), (1, 1, 0))),
    (1, 1, -1): ("shift along z", ((2, 1, None),)),
    (-1, 1, -1): ("rotation about y", ((0, 1, 2), (2, -1, 0))),
    (1, -1, -1): ("rotation about x", ((1, 1, 2), (2, -1, 1))),
}

_VOIGT = ((0, 5, 4), (5, 1, 3), (4, 3, 2))

COLUMNS_AT_ONCE = 256
"""Right-hand sides solved together: more only costs memory [-]."""

REFINED_ABOVE = 1e-8
"""Round-off, as a share of the motion, above which a solution is refined: that of plates much thinner than wide [-]."""


@dataclass(frozen=True)
class ParityAnswer:
    """What one parity adds to a plate's answers.

    Parameters
    ----------
    columns
        (f,) index of the coordinates that a field of this parity moves.
    flexibility
        (f, f) between unit forces and these coordinates of the quarter [mm/N and derived].
    surface
        (points, f) deflection of the mid-plane at the mesh's corners [mm/N and derived].
    rigid
        Name of the rigid motion of this parity, or "".
    rigid_cells
        (f,) the coordinates in this motion.
    rigid_surface
        (points,) its deflection [mm].
    unknowns
        Number of unknowns [-].
    roundoff
        Relative error of the solves in the norm of energy [-].
    """

    columns: IntArray
    flexibility: FloatArray
    surface: FloatArray
    rigid: str
    rigid_cells: FloatArray
    rigid_surface: FloatArray
    unknowns: int
    roundoff: float


@dataclass(frozen=True)
class Coordinates:
    """The coordinates of a plate, in order.

    Parameters
    ----------
    cells
        (f, 4) x0, x1, y0, y1 of the distinct cells, folded into the quarter x, y ≥ 0 [mm].
    cell
        (c,) folded cell of each coordinate.
    kind
        (c,) index into `COORDINATES` of each.
    quadrant
        (c, 2) signs of x and y at the cell before it was folded [-].
    """

    cells: FloatArray
    cell: IntArray
    kind: IntArray
    quadrant: FloatArray


def solve_parity(axes: Axes, C: FloatArray, coordinates: Coordinates, parity: Parity, band: Band) -> ParityAnswer:
    """Solve the quarter plate for unit forces on all coordinates that a field of this parity moves.

    Parameters
    ----------
    axes
        Elements in x, y and z.
    C
        (6, 6) orthotropic elastic matrix [MPa].
    coordinates
        Of the plate.
    parity
        Of the field, about x = 0, y = 0, z = 0.
    band
        Lower and upper end in z of the means [mm]. Over the whole thickness a mean is either even or odd about z = 0.
    """
    whole = np.allclose(band, (axes[2].nodes[0], axes[2].nodes[-1]), rtol=1e-9, atol=0.0)
    columns = np.flatnonzero((_PARITY_Z[coordinates.kind] == parity[2]) | (not whole))
    cell, kind = coordinates.cell[columns], coordinates.kind[columns]
    keys, spread = np.unique(np.column_stack([kind, cell]), axis=0, return_inverse=True)
    wanted = [(k, coordinates.cells[keys[keys[:, 0] == k, 1]]) for k in np.unique(kind)]
    Q = np.concatenate([functional(axes, parity, k, cells, band) for k, cells in wanted])
    L = mid_plane(axes, parity)
    name, R = rigid_motion(axes, parity)
    response, roundoff = _respond(axes, C, parity, Q, sp.vstack([sp.csr_matrix(Q), L], format="csr"))
    sign = np.where(coordinates.quadrant[columns] < 0, MIRROR[kind] * parity[:2], 1.0).prod(axis=1)
    return ParityAnswer(
        columns=columns,
        flexibility=sign[:, None] * response[np.ix_(spread, spread)] * sign,
        surface=response[len(Q) :, spread] * sign,
        rigid=name,
        rigid_cells=sign * (Q @ R)[spread],
        rigid_surface=L @ R,
        unknowns=len(R),
        roundoff=roundoff,
    )


def _respond(
    axes: Axes, C: FloatArray, parity: Parity, forces: FloatArray, outputs: sp.csr_matrix
) -> tuple[FloatArray, float]:
    """Displacements `outputs` u under each of the `forces` (rows), and the relative error of u.

    The rigid motion R is taken out of loads and displacements, P = 1 - R (Rᵀ M R)⁻¹ Rᵀ M with M the mass; the unknown
    held during the factorisation then has no reaction and its choice no effect.
    """
    name, R = rigid_motion(axes, parity)
    free = np.ones(len(R), dtype=bool)
    inertia = mass_times(axes, parity, R)
    if name:
        inertia /= R @ inertia
        free[np.argmax(np.abs(R))] = False
    factor = Slabs(stiffness_planes(axes, C, parity), _planes(axes, parity), free)
    responses, error = [], 0.0
    for start in range(0, len(forces), COLUMNS_AT_ONCE):
        block = forces[start : start + COLUMNS_AT_ONCE]
        load = np.ascontiguousarray(block.T)
        if name:
            load -= np.outer(inertia, block @ R)
        u, lost = _solved(lambda motion: stiffness_times(axes, C, parity, motion), factor, load)
        error = max(error, lost)
        responses.append(outputs @ u - np.outer(outputs @ R, inertia @ u))
    return np.concatenate(responses, axis=1), error


def _planes(axes: Axes, parity: Parity) -> IntArray:
    """Number of the mesh plane of every unknown."""
    along, parts = _along(axes), []
    for component in range(3):
        sizes, shape = _shape(axes, parity, component), [1, 1, 1]
        shape[along] = sizes[along]
        planes = _first_plane(axes, parity, component) + np.arange(sizes[along])
        parts.append(np.broadcast_to(planes.reshape(shape), sizes).ravel())
    return np.concatenate(parts)


def _along(axes: Axes) -> int:
    """Direction across the mesh planes: that of x and y along which there are more of them."""
    return int(len(axes[1].nodes) > len(axes[0].nodes))


def _first_plane(axes: Axes, parity: Parity, component: int) -> int:
    """First mesh plane on which a component moves: an odd function vanishes on the plane 0."""
    along = _along(axes)
    return len(axes[along].nodes) - _shape(axes, parity, component)[along]


def component_parity(parity: Parity, component: int) -> Parity:
    """Return whether a component of displacement is even (+1) or odd (-1) in x, y and z."""
    x, y, z = (-s if d == component else s for d, s in enumerate(parity))
    return x, y, z


def stiffness_times(axes: Axes, C: FloatArray, parity: Parity, u: FloatArray) -> FloatArray:
    """Return K u of one displacement, or of several as columns, direction by direction."""
    bounds = np.cumsum(_sizes(axes, parity))[:2]
    fields = [part.reshape(*_shape(axes, parity, b), -1) for b, part in enumerate(np.split(u, bounds))]
    forces = [np.zeros_like(field) for field in fields]
    for a, b, modulus, lines in _terms(axes, C, parity):
        forces[a] += modulus * np.einsum("ai,bj,ck,ijkf->abcf", *lines, fields[b], optimize=True)
    return np.concatenate([force.reshape(-1, *u.shape[1:]) for force in forces])


def stiffness_planes(axes: Axes, C: FloatArray, parity: Parity) -> Callable[[int, int], FloatArray]:
    """Return a function of two mesh planes, which gives the block of K between the unknowns of these."""
    along = _along(axes)
    blocks: dict[tuple[int, int], list[tuple[FloatArray, FloatArray]]] = {}
    for a, b, modulus, lines in _terms(axes, C, parity):
        line = lines.pop(along)
        across = np.asarray(modulus * np.kron(*lines), dtype=np.float64)
        blocks.setdefault((a, b), []).append((line, across))
    starts = [_first_plane(axes, parity, component) for component in range(3)]
    sizes = [blocks[a, a][0][1].shape[0] for a in range(3)]

    def between(row: int, column: int) -> FloatArray:
        rows, columns = ([a for a in range(3) if plane >= starts[a]] for plane in (row, column))
        at = [np.concatenate([[0], np.cumsum([sizes[a] for a in part])]) for part in (rows, columns)]
        block = np.zeros((at[0][-1], at[1][-1]))
        for (i, a), (j, b) in product(enumerate(rows), enumerate(columns)):
            part = block[at[0][i] : at[0][i + 1], at[1][j] : at[1][j + 1]]
            for line, across in blocks[a, b]:
                part += line[row - starts[a], column - starts[b]] * across
        return block

    return between


def _terms(axes: Axes, C: FloatArray, parity: Parity) -> Iterator[tuple[int, int, float, list[FloatArray]]]:
    """K_ab = Σ_ij C_aibj ∫ ∂_i N_a ∂_j N_b dV: a, b, the modulus, and the integral as a product of three over lines."""
    for a, b, i, j in product(range(3), repeat=4):
        if _VOIGT[a][i] != _VOIGT[b][j] and (a != i or b != j):
            continue  # couples normal and shear strains, or different shears: zero in orthotropic bodies
        pa, pb = component_parity(parity, a), component_parity(parity, b)
        lines = [axis.product(pa[d], pb[d], (int(d == i), int(d == j))) for d, axis in enumerate(axes)]
        yield a, b, C[_VOIGT[a][i], _VOIGT[b][j]], lines


def functional(axes: Axes, parity: Parity, kind: int, cells: FloatArray, band: Band) -> FloatArray:
    """Return the rows (cells, unknowns) whose product with the displacement is coordinate `kind` of each cell."""
    x0, x1, y0, y1 = cells.T
    spread = (band[1] - band[0]) ** (1 + 2 * _POWER[kind]) / 12.0 ** _POWER[kind]
    weight = 1 / ((x1 - x0) * (y1 - y0) * spread)
    rows = [np.zeros((len(cells), size)) for size in _sizes(axes, parity)]
    for factor, component, direction in _TERMS[kind]:
        px, py, pz = component_parity(parity, component)
        along_x = np.array([axes[0].interval(int(direction == 0), a, b, px) for a, b in zip(x0, x1, strict=True)])
        along_y = np.array([axes[1].interval(int(direction == 1), a, b, py) for a, b in zip(y0, y1, strict=True)])
        along_z = axes[2].moment(int(_POWER[kind]), pz, *band)
        term = np.einsum("ci,cj,k,c->cijk", along_x, along_y, along_z, factor * weight)
        rows[component] += term.reshape(len(cells), -1)
    return np.concatenate(rows, axis=1)


def mid_plane(axes: Axes, parity: Parity) -> sp.csr_matrix:
    """Return the rows whose product with the displacement is u_z at the mesh's corners on the mid-plane."""
    p = component_parity(parity, 2)
    lines = [axes[0].parity[p[0]][::2], axes[1].parity[p[1]][::2], axes[2].parity[p[2]][len(axes[2].nodes) // 2][None]]
    before = sum(_sizes(axes, parity)[:2])
    rows = reduce(lambda left, right: sp.kron(left, right, format="csr"), map(sp.csr_matrix, lines))
    return sp.hstack([sp.csr_matrix((rows.shape[0], before)), rows], format="csr")


def rigid_motion(axes: Axes, parity: Parity) -> tuple[str, FloatArray]:
    """Return name and unknowns of the rigid motion of this parity, or "" and zeros."""
    name, terms = _RIGID.get(parity, ("", ()))
    parts = [np.zeros(size) for size in _sizes(axes, parity)]
    for component, factor, direction in terms:
        p = component_parity(parity, component)
        values = [axis.places[p[d]] ** int(d == direction) for d, axis in enumerate(axes)]
        parts[component] = factor * np.einsum("i,j,k->ijk", *values).ravel()
    return name, np.concatenate(parts)


def mass_times(axes: Axes, parity: Parity, u: FloatArray) -> FloatArray:
    """Return M u of unit density."""
    parts = np.split(u, np.cumsum(_sizes(axes, parity))[:2])
    for component, part in enumerate(parts):
        p = component_parity(parity, component)
        masses = [axis.product(p[d], p[d], (0, 0)) for d, axis in enumerate(axes)]
        field = part.reshape([len(mass) for mass in masses])
        parts[component] = np.einsum("ai,bj,ck,ijk->abc", *masses, field, optimize=True).ravel()
    return np.concatenate(parts)


def _shape(axes: Axes, parity: Parity, component: int) -> tuple[int, int, int]:
    """Number of even or odd functions along x, y and z, from which those of a component are made."""
    nx, ny, nz = (len(axis.places[p]) for axis, p in zip(axes, component_parity(parity, component), strict=True))
    return nx, ny, nz


def _sizes(axes: Axes, parity: Parity) -> list[int]:
    return [int(np.prod(_shape(axes, parity, component))) for component in range(3)]


def _solved(K: Callable[[FloatArray], FloatArray], factor: Slabs, load: FloatArray) -> tuple[FloatArray, float]:
    """Solve K u = f, once more for what round-off left where that is much, and return its error as well."""
    u = factor.solve(load)
    error = _energy_error(K, factor, u, load)
    if error > REFINED_ABOVE:
        u += factor.solve(load - K(u))
        error = _energy_error(K, factor, u, load)
    return u, error


def _energy_error(K: Callable[[FloatArray], FloatArray], factor: Slabs, u: FloatArray, load: FloatArray) -> float:
    """√(rᵀ K⁻¹ r / fᵀ K⁻¹ f), r = K u - f, of one combination of all columns: what round-off did to the answer."""
    norms = np.linalg.norm(load, axis=0)
    weights = (-1.0) ** np.arange(load.shape[1]) / np.where(norms > 0, norms, 1.0)
    motion, combined = u @ weights, load @ weights
    residual = K(motion) - combined
    energy, error = float(combined @ motion), float(residual @ factor.solve(residual))
    return (abs(error) / energy) ** 0.5 if energy > 0 else 0.0
