"""Fully resolved 4 x 4 package in 3D: the independent reference of the joint-cell and assembly model.

A quarter of the package (2 x 2 joints, symmetry planes x = 0 and y = 0) cools uniformly. Chip, layers,
joints and board are resolved by 27-node hexahedra with stock scikit-fem forms; nothing is shared with the
package `fem_wlp`. One circle of radius `CONTACT_RADIUS` serves base region, cylinder, both ball contacts and
land, so that every part is a column over the same planform: an O-grid per pitch, graded towards the circle,
and levels in z, graded towards the interfaces. The board's strip beyond the chip is a tensor grid.

Axes: z up, board below (its upper face is z = 0), chip above; origin of x, y at the package's centre.
Units: mm, N, MPa, K.

    python benchmarks/reference_3d.py              all cases, both boards, both levels -> reference_3d.json
    python benchmarks/reference_3d.py --quick      one case on the quick level, printed
    python benchmarks/reference_3d.py --verify     laws with known answers, printed
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import skfem
from scipy import sparse
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree
from skfem.helpers import div
from skfem.models.elasticity import lame_parameters, linear_elasticity

Array = np.ndarray[Any, Any]

# --- the package: lengths [mm] ---------------------------------------------------------------------------------------

PITCH = 0.5
JOINTS = 2  # per side of the quarter
CONTACT_RADIUS = 0.125  # base region, cylinder, ball contacts, land
BALL_RADIUS = 0.15
FIRST_LAYER = 0.005
BASE_REGION = 0.005
SECOND_LAYER = 0.075  # from the first layer's face: the cylinder is SECOND_LAYER - BASE_REGION high
LAND = 0.02
CHIP = 0.3
BOARD = 0.8
BALL = 2 * np.sqrt(BALL_RADIUS**2 - CONTACT_RADIUS**2)  # height between its two contact planes
OVERHANG = 1.5 * PITCH  # board beyond the chip's edge, where it is not flush
TEMPERATURE_CHANGE = -100.0  # [K]


class Material(NamedTuple):
    """Isotropic constants: E [MPa], nu [-], alpha [1/K]."""

    E: float
    nu: float
    alpha: float


SILICON = Material(130e3, 0.28, 2.6e-6)
LAMINATE = Material(22e3, 0.28, 16e-6)
POLYIMIDE = Material(3e3, 0.34, 35e-6)
COPPER = Material(117e3, 0.34, 17e-6)
SOLDER = Material(43e3, 0.36, 21.5e-6)
SOFT_ADHESIVE = Material(200.0, 0.45, 100e-6)
SOFT_LAYER = Material(5.0, 0.49, 250e-6)
STIFF_LAYER = Material(2000.0, 0.40, 60e-6)
POLYMER = Material(4.7e3, 0.36, 40e-6)


class Joint(NamedTuple):
    """What differs between the cases; no second layer means no cylinder: the ball sits on the base region."""

    ball: Material
    cylinder: Material | None
    second_layer: Material | None


CASES = {
    "conventional": Joint(SOLDER, None, None),
    "solder": Joint(SOLDER, SOLDER, SOFT_LAYER),
    "soft": Joint(POLYMER, SOFT_ADHESIVE, SOFT_LAYER),
    "stiff-layer": Joint(SOLDER, SOFT_ADHESIVE, STIFF_LAYER),
    "paste": Joint(SOLDER, SOLDER, STIFF_LAYER),
}


# --- mesh levels -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Level:
    """Grading of one mesh level: places of the element faces as fractions [-].

    `sector` elements span a quarter of the circle; `inside` runs from the core of the O-grid to the circle,
    `outside` from the circle to the cell's side, `strip` over the board's overhang; the others over a part's
    height, board and chip from the joint outwards.
    """

    sector: int
    inside: tuple[float, ...]
    outside: tuple[float, ...]
    strip: tuple[float, ...]
    board: tuple[float, ...]
    land: tuple[float, ...]
    ball: tuple[float, ...]
    cylinder: tuple[float, ...]
    thin: tuple[float, ...]
    chip: tuple[float, ...]


LEVELS = {
    "quick": Level(
        sector=2,
        inside=(0, 0.8, 1),
        outside=(0, 0.03, 0.3, 1),
        strip=(0, 0.4, 1),
        board=(0, 0.05, 0.2, 0.5, 1),
        land=(0, 1),
        ball=(0, 0.12, 0.88, 1),
        cylinder=(0, 0.06, 0.5, 1),
        thin=(0, 1),
        chip=(0, 0.1, 0.5, 1),
    ),
    "coarse": Level(
        sector=3,
        inside=(0, 0.65, 0.96, 1),
        outside=(0, 0.003, 0.03, 0.2, 0.55, 1),
        strip=(0, 0.1, 0.3, 0.6, 1),
        board=(0, 0.02, 0.07, 0.2, 0.5, 1),
        land=(0, 0.5, 1),
        ball=(0, 0.04, 0.3, 0.7, 0.96, 1),
        cylinder=(0, 0.005, 0.06, 0.4, 0.85, 1),
        thin=(0, 1),
        chip=(0, 0.04, 0.15, 0.5, 1),
    ),
    "fine": Level(
        sector=3,
        inside=(0, 0.5, 0.88, 0.98, 0.998, 1),
        outside=(0, 0.0001, 0.001, 0.01, 0.06, 0.2, 0.45, 0.75, 1),
        strip=(0, 0.05, 0.15, 0.35, 0.65, 1),
        board=(0, 0.01, 0.04, 0.12, 0.27, 0.5, 1),
        land=(0, 0.2, 0.8, 1),
        ball=(0, 0.01, 0.08, 0.35, 0.65, 0.92, 0.99, 0.999, 1),
        cylinder=(0, 0.001, 0.01, 0.06, 0.25, 0.6, 0.9, 1),
        thin=(0, 1),
        chip=(0, 0.015, 0.06, 0.2, 0.5, 1),
    ),
}


# --- planform: nine-node quadrilaterals ------------------------------------------------------------------------------


def with_midpoints(breaks: Sequence[float] | Array) -> Array:
    """Element faces -> nodes of quadratic elements."""
    breaks = np.asarray(breaks, dtype=float)
    nodes = np.empty(2 * len(breaks) - 1)
    nodes[::2] = breaks
    nodes[1::2] = (breaks[:-1] + breaks[1:]) / 2
    return nodes


def patch(curve: Callable[[Array, Array], Array], u: Sequence[float] | Array, v: Sequence[float] | Array) -> Array:
    """Nine-node quadrilaterals (elements, 3, 3, 2) on the image of a grid over the breaks u, v."""
    nodes = curve(*np.meshgrid(with_midpoints(u), with_midpoints(v), indexing="ij"))
    windows = np.lib.stride_tricks.sliding_window_view(nodes, (3, 3), axis=(0, 1))[::2, ::2]
    return np.moveaxis(windows, 2, -1).reshape(-1, 3, 3, 2)


def core(u: Array, v: Array) -> Array:
    """Square [-1, 1]^2 -> core of the O-grid: half square, half disc, so that no angle comes near 180 degrees."""
    disc = np.stack((u * np.sqrt(1 - v**2 / 2), v * np.sqrt(1 - u**2 / 2)), axis=-1)
    return CONTACT_RADIUS * (0.2 * np.stack((u, v), axis=-1) + 0.35 * disc)


def circle(v: Array) -> Array:
    """Arc of the contact circle that faces +x."""
    return CONTACT_RADIUS * np.stack((np.cos(v * np.pi / 4), np.sin(v * np.pi / 4)), axis=-1)


def side(v: Array) -> Array:
    """Side of the cell that faces +x."""
    return PITCH / 2 * np.stack((np.ones_like(v), v), axis=-1)


def quarter_turns(quads: Array) -> Array:
    """The patch facing +x and its three copies."""
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    return np.concatenate([quads @ np.linalg.matrix_power(turn, k).T for k in range(4)])


def disc_planform(level: Level) -> Array:
    """Contact disc about the origin."""
    v = np.linspace(-1, 1, level.sector + 1)
    ring = patch(lambda u, v: (1 - u)[..., None] * core(np.ones_like(v), v) + u[..., None] * circle(v), level.inside, v)
    return np.concatenate((patch(core, v, v), quarter_turns(ring)))


def surround_planform(level: Level) -> Array:
    """Square cell about the origin without the disc."""
    v = np.linspace(-1, 1, level.sector + 1)
    ring = patch(lambda u, v: (1 - u)[..., None] * circle(v) + u[..., None] * side(v), level.outside, v)
    return quarter_turns(ring)


def strip_planform(level: Level) -> Array:
    """L-shaped strip of the board beyond the chip; it meets the cells node to node."""
    chip_edge = JOINTS * PITCH
    along = np.linspace(0, chip_edge, JOINTS * level.sector + 1)
    across = chip_edge + OVERHANG * np.array(level.strip)

    def plane(x: Array, y: Array) -> Array:
        return np.stack((x, y), axis=-1)

    return np.concatenate((patch(plane, across, along), patch(plane, along, across), patch(plane, across, across)))


# --- parts: columns over the planform --------------------------------------------------------------------------------


class Part(NamedTuple):
    """Column of one material, copied to the joints' places (or standing once, at the origin)."""

    name: str
    material: Material
    basis: skfem.Basis
    places: Array  # (copies, 2) [mm]


def hexahedra(quads: Array, heights: Array, bulge: Callable[[Array], Array]) -> skfem.MeshHex2:
    """Sweep a planform through the element faces `heights`; `bulge(z)` scales the planform at height z."""
    z = with_midpoints(heights)
    planes = [np.insert(quads * scale, 2, h, axis=-1) for h, scale in zip(z, bulge(z), strict=True)]
    nodes = np.concatenate([np.stack(planes[k : k + 3], axis=3) for k in range(0, len(z) - 2, 2)])
    return quadratic_mesh(skfem.MeshHex1, skfem.MeshHex2, nodes)


def quadratic_mesh(linear: type[skfem.Mesh], quadratic: type[skfem.Mesh], nodes: Array) -> skfem.Mesh:
    """Mesh of curved elements from each element's grid of nodes, (elements, 3, ..., 3, dimension)."""
    local = (2 * quadratic.elem.doflocs.T).astype(int)  # place of scikit-fem's local nodes, vertices first
    ordered = nodes[:, *local]  # (elements, local nodes, dimension)
    corners = ordered[:, : 2 ** len(local)]
    vertices, t = merge(corners.reshape(-1, len(local)))
    straight = linear(np.ascontiguousarray(vertices.T), np.ascontiguousarray(t.reshape(corners.shape[:2]).T))
    numbers = skfem.assembly.Dofs(straight, quadratic.elem()).element_dofs
    doflocs = np.empty((len(local), numbers.max() + 1))
    doflocs[:, numbers] = ordered.transpose(2, 1, 0)
    return quadratic(doflocs, straight.t)


def merge(points: Array) -> tuple[Array, Array]:
    """Points that coincide become one: (distinct points, number of each given point)."""
    grid = 1e-7  # far below the smallest element, far above rounding
    keys = np.floor(points / grid + 1 / np.pi).astype(np.int64)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    distinct = points[first]
    if cKDTree(distinct).query_pairs(30 * grid):
        raise RuntimeError("nodes nearly coincide without being merged")
    return distinct, inverse.ravel()


def straight_wall(z: Array) -> Array:
    """Columns with vertical walls."""
    return np.ones_like(z)


def ball_wall(z: Array) -> Array:
    """Radius of the truncated ball at height z, in units of the contact radius."""
    return np.asarray(np.sqrt(BALL_RADIUS**2 - (z - LAND - BALL / 2) ** 2) / CONTACT_RADIUS)


def rising(start: float, height: float, fractions: Sequence[float]) -> Array:
    """Element faces of a part that begins at z = start."""
    return start + height * np.array(fractions)


def standoff(joint: Joint) -> float:
    """H, from the board's upper to the chip's lower face [mm]."""
    return float(LAND + BALL + (SECOND_LAYER if joint.second_layer else BASE_REGION) + FIRST_LAYER)


def part(
    name: str, material: Material, quads: Array, heights: Array, places: Array, bulge: Callable[[Array], Array]
) -> Part:
    """Mesh of a part and its basis; 4 Gauss points a direction on curved elements."""
    element = skfem.ElementVector(skfem.ElementHex2())
    return Part(name, material, skfem.Basis(hexahedra(quads, heights, bulge), element, intorder=5), places)


def joint_places() -> Array:
    """Axes of the joints, i varying slowest [mm]."""
    centres = (np.arange(JOINTS) + 0.5) * PITCH
    return np.stack(np.meshgrid(centres, centres, indexing="ij"), axis=-1).reshape(-1, 2)


def chip_side(joint: Joint, level: Level) -> list[Part]:
    """Chip, layers, base regions, cylinders, balls."""
    disc, surround, places = disc_planform(level), surround_planform(level), joint_places()
    cell = np.concatenate((disc, surround))
    H = standoff(joint)
    base = H - FIRST_LAYER - BASE_REGION
    parts = [
        part("chip", SILICON, cell, rising(H, CHIP, level.chip), places, straight_wall),
        part("first layer", POLYIMIDE, cell, rising(H - FIRST_LAYER, FIRST_LAYER, level.thin), places, straight_wall),
        part("base region", COPPER, disc, rising(base, BASE_REGION, level.thin), places, straight_wall),
        part("ball", joint.ball, disc, rising(LAND, BALL, level.ball), places, ball_wall),
    ]
    if joint.cylinder and joint.second_layer:
        cylinder = rising(LAND + BALL, SECOND_LAYER - BASE_REGION, level.cylinder)
        layer = np.concatenate((cylinder, rising(base, BASE_REGION, level.thin)[1:]))
        parts += [
            part("cylinder", joint.cylinder, disc, cylinder, places, straight_wall),
            part("second layer", joint.second_layer, surround, layer, places, straight_wall),
        ]
    return parts


def board_side(overhang: bool, level: Level) -> list[Part]:
    """Board and lands."""
    disc, places = disc_planform(level), joint_places()
    cell = np.concatenate((disc, surround_planform(level)))
    heights = -BOARD * np.array(level.board)[::-1]
    parts = [
        part("board", LAMINATE, cell, heights, places, straight_wall),
        part("land", COPPER, disc, rising(0, LAND, level.land), places, straight_wall),
    ]
    if overhang:
        strip = strip_planform(level)
        parts.append(part("board strip", LAMINATE, strip, heights, np.zeros((1, 2)), straight_wall))
    return parts


# --- elasticity ------------------------------------------------------------------------------------------------------


class Operator(NamedTuple):
    """One part's stiffness [N/mm] and thermal load [N], for one copy, in its own numbering."""

    stiffness: sparse.csr_matrix
    load: Array


class Solution(NamedTuple):
    """Displacement of every part [mm], (copies, degrees of freedom of the part's basis)."""

    displacement: dict[str, Array]
    operators: dict[str, Operator]
    points: Array  # (nodes, 3) [mm]
    u: Array  # (nodes, 3) [mm]
    unknowns: int
    residual: float  # |f - K u| / |f| on free unknowns [-]


def operator(part: Part, temperature_change: float) -> Operator:
    """Stock forms of scikit-fem: sigma = C (eps - alpha dT)."""
    lam, mu = lame_parameters(part.material.E, part.material.nu)
    thermal_stress = (3 * lam + 2 * mu) * part.material.alpha * temperature_change
    stiffness = linear_elasticity(lam, mu).assemble(part.basis)
    return Operator(stiffness, skfem.LinearForm(lambda v, w: thermal_stress * div(v)).assemble(part.basis))


def number(parts: Sequence[Part]) -> tuple[Array, dict[str, Array]]:
    """Nodes of all copies, welded where they coincide: (points, name -> global unknowns (copies, dofs))."""
    clouds, shapes = [], []
    for p in parts:
        local = p.basis.mesh.doflocs.T
        shift = np.concatenate((p.places, np.zeros((len(p.places), 1))), axis=1)
        clouds.append((local + shift[:, None]).reshape(-1, 3))
        shapes.append((len(p.places), len(local)))
    points, inverse = merge(np.concatenate(clouds))
    pieces = np.split(inverse, np.cumsum([len(c) for c in clouds])[:-1])
    return points, {
        p.name: (3 * piece.reshape(shape)[:, :, None] + np.arange(3)).reshape(shape[0], -1)
        for p, piece, shape in zip(parts, pieces, shapes, strict=True)
    }


def assemble(
    parts: Sequence[Part], unknowns: dict[str, Array], operators: dict[str, Operator], size: int
) -> tuple[sparse.csr_matrix, Array]:
    """Upper triangle of the global stiffness, and the load: every copy has the same operator."""
    rows, columns, values = [], [], []
    load = np.zeros(size)
    for p in parts:
        local = operators[p.name].stiffness.tocoo()
        for dofs in unknowns[p.name]:
            dofs = dofs.astype(np.int32)
            i, j = dofs[local.row], dofs[local.col]
            upper = i <= j
            rows.append(i[upper])
            columns.append(j[upper])
            values.append(local.data[upper])
            np.add.at(load, dofs, operators[p.name].load)
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.coo_matrix(entries, shape=(size, size)).tocsr(), load


def supported(points: Array) -> Array:
    """Unknowns held at zero: symmetry planes, and u_z of one node on the package's axis."""
    fixed = np.zeros_like(points, dtype=bool)
    fixed[np.abs(points[:, 0]) < 1e-9, 0] = True
    fixed[np.abs(points[:, 1]) < 1e-9, 1] = True
    axis = np.flatnonzero(fixed[:, 0] & fixed[:, 1])
    fixed[axis[np.argmin(points[axis, 2])], 2] = True
    return fixed.ravel()


def solve_symmetric(upper: sparse.csr_matrix, load: Array) -> Array:
    """K x = f from the upper triangle, by the fastest direct solver that is installed."""
    try:
        import pypardiso  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        return solve_without_pardiso(upper, load)
    upper.sort_indices()
    solver = pypardiso.PyPardisoSolver(mtype=2)
    try:
        return np.asarray(solver.solve(upper, load)).ravel()
    finally:
        solver.free_memory(everything=True)


def solve_without_pardiso(upper: sparse.csr_matrix, load: Array) -> Array:
    """SuperLU, with scipy alone."""
    full = (upper + sparse.triu(upper, 1).T).tocsc()
    factor = splu(full, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0, options={"SymmetricMode": True})
    return np.asarray(factor.solve(load))


def solve(parts: Sequence[Part], temperature_change: float = TEMPERATURE_CHANGE) -> Solution:
    """Quarter of a body under a uniform temperature change, symmetry planes x = 0 and y = 0, else free."""
    points, unknowns = number(parts)
    operators = {p.name: operator(p, temperature_change) for p in parts}
    stiffness, load = assemble(parts, unknowns, operators, points.size)
    free = np.flatnonzero(~supported(points))
    upper, f = stiffness[free][:, free], load[free]
    x = solve_symmetric(upper, f)
    residual = float(np.linalg.norm(f - upper @ x - sparse.triu(upper, 1).T @ x) / np.linalg.norm(f))
    if not residual < 1e-9:
        raise RuntimeError(f"residual {residual:.1e} of {len(free)} unknowns: the solution is not to be used")
    u = np.zeros(points.size)
    u[free] = x
    displacement = {name: u[dofs] for name, dofs in unknowns.items()}
    return Solution(displacement, operators, points, u.reshape(-1, 3), len(free), residual)


# --- figures of the joints -------------------------------------------------------------------------------------------


def footprint(part: Part, disc: Array, height: float) -> Array:
    """Rows that read a copy's displacement over the contact disc (its planform) at z = height.

    Means of u_x, u_y, u_z [-], then rotations psi_x, psi_y [1/mm];
    psi_x is minus the least-squares slope of u_z in x: a rigid tilt u_x = phi z, u_z = -phi x gives psi_x = phi.
    """
    basis = skfem.Basis(quadratic_mesh(skfem.MeshQuad1, skfem.MeshQuad2, disc), skfem.ElementQuad2(), intorder=6)
    coordinates = basis.global_coordinates()
    second_moment = (np.sum(coordinates**2, axis=0) / 2 * basis.dx).sum()
    mean = skfem.LinearForm(lambda v, w: v / basis.dx.sum()).assemble(basis)
    slopes = [skfem.LinearForm(lambda v, w, k=k: w.x[k] * v / second_moment).assemble(basis) for k in range(2)]
    nodes = part.basis.mesh.doflocs.T
    distances, places = cKDTree(nodes).query(np.insert(basis.doflocs, 2, height, axis=0).T)
    if distances.max() > 1e-6:
        raise RuntimeError(f"no nodes of {part.name} on the footprint at z = {height}")
    rows = np.zeros((5, len(nodes), 3))
    for k in range(3):
        rows[k, places, k] = mean
    for k in range(2):
        rows[3 + k, places, 2] = -slopes[k]
    return rows.reshape(5, -1)


def joint_forces(parts: dict[str, Part], solution: Solution, H: float) -> tuple[Array, Array, Array]:
    """What the land exerts on each ball, by equilibrium: r = K_e u - f_e of the ball's elements on the plane's nodes.

    Forces (copies, 3) [N], then moments (copies, 2) [N mm] about the disc's centre, then about mid-height.
    Moments are conjugate to psi: M_x = sum (z - z0) r_x - x r_z, M_y likewise with y.
    """
    K, f = solution.operators["ball"]
    nodes = parts["ball"].basis.mesh.doflocs
    on_land = np.abs(nodes[2] - LAND) < 1e-9
    reactions = (solution.displacement["ball"] @ K.T - f).reshape(len(solution.displacement["ball"]), -1, 3)[:, on_land]
    force = reactions.sum(axis=1)
    about_land = -np.einsum("kn,cn->ck", nodes[:2, on_land], reactions[:, :, 2])
    return force, about_land, about_land + (LAND - H / 2) * force[:, :2]


def means(parts: dict[str, Part], displacement: dict[str, Array], H: float, level: Level) -> dict[str, Array]:
    """Footprints on the chip's lower and the board's upper face, and what the joints between must deform by.

    `chip`, `board`: (copies, 5); `raw` = u_b - u_c and, with the tilt taken off,
    `shift` = u_b - u_c + H (psi_b + psi_c) / 2: (copies, 2). The chip is above: a rigid post that tilts by psi
    carries it by u_c = u_b + H psi, and has no shift.
    """
    disc = disc_planform(level)
    chip = displacement["chip"] @ footprint(parts["chip"], disc, H).T
    board = displacement["board"] @ footprint(parts["board"], disc, 0.0).T
    raw = board[:, :2] - chip[:, :2]
    return {"chip": chip, "board": board, "raw": raw, "shift": raw + H * (board[:, 3:] + chip[:, 3:]) / 2}


def along(shift: Array, free: Array) -> Array:
    """D = shift . free / |free|^2 of every joint [-]."""
    return np.asarray(np.sum(shift * free, axis=1) / np.sum(free * free, axis=1))


def warpage(solution: Solution, mid_plane: float, corner: float) -> float:
    """u_z of a plate's mid-plane, centre minus corner [mm]; positive: centre higher, dome towards the chip's back."""
    tree = cKDTree(solution.points)
    distances, (centre, edge) = tree.query([[0, 0, mid_plane], [corner, corner, mid_plane]])
    if max(distances) > 1e-6:
        raise RuntimeError("no node where the warpage is read")
    return float(solution.u[centre, 2] - solution.u[edge, 2])


@functools.cache
def severed_chip_side(case: str, level: str) -> Array:
    """Chip-side displacement with the joints cut between ball and land: the balls stay on the chip."""
    return solve(chip_side(CASES[case], LEVELS[level])).displacement["chip"]


@functools.cache
def severed_board_side(overhang: bool, level: str) -> Array:
    """Board-side displacement with the joints cut between ball and land: the lands stay on the board."""
    return solve(board_side(overhang, LEVELS[level])).displacement["board"]


def reference(case: str, overhang: bool, level: str) -> dict[str, Any]:
    """Solve one case, joined and severed, and report every joint.

    Parameters
    ----------
    case
        Key of `CASES`.
    overhang
        Board edge two pitches from the last joint's axis (True) or flush with the chip, half a pitch (False).
    level
        Key of `LEVELS`.

    Returns
    -------
    dict
        The layout of one entry of `reference_3d.json`, described in the README of this folder.
    """
    start = time.perf_counter()
    joint = CASES[case]
    H = standoff(joint)
    parts = {p.name: p for p in chip_side(joint, LEVELS[level]) + board_side(overhang, LEVELS[level])}
    solution = solve(list(parts.values()))
    joined = means(parts, solution.displacement, H, LEVELS[level])
    cut = {"chip": severed_chip_side(case, level), "board": severed_board_side(overhang, level)}
    severed = means(parts, cut, H, LEVELS[level])
    force, moment_land, moment_middle = joint_forces(parts, solution, H)
    figures = {
        "x": parts["ball"].places,
        "chip": joined["chip"],
        "board": joined["board"],
        "severed_chip": severed["chip"],
        "severed_board": severed["board"],
        "pad_to_pad": joined["raw"],
        "free_pad_to_pad": severed["raw"],
        "shift": joined["shift"],
        "free": severed["shift"],
        "D_pad_to_pad": along(joined["raw"], severed["raw"]),
        "D": along(joined["shift"], severed["shift"]),
        "force": force,
        "moment_land": moment_land,
        "moment_mid_height": moment_middle,
    }
    board_edge = JOINTS * PITCH + overhang * OVERHANG
    return {
        "case": case,
        "board": "overhang" if overhang else "flush",
        "level": level,
        "height": H,
        "joints": [
            {"i": k // JOINTS, "j": k % JOINTS, **{name: values[k].tolist() for name, values in figures.items()}}
            for k in range(JOINTS**2)
        ],
        "warpage_chip": warpage(solution, H + CHIP / 2, JOINTS * PITCH),
        "warpage_board": warpage(solution, -BOARD / 2, board_edge),
        "unknowns": solution.unknowns,
        "elements": sum(p.basis.mesh.nelements * len(p.places) for p in parts.values()),
        "residual": solution.residual,
        "seconds": round(time.perf_counter() - start, 1),
    }


# --- laws with known answers -----------------------------------------------------------------------------------------


def verify(level: str) -> dict[str, float]:
    """Errors of cases whose answer is known [-]."""
    return {
        "free expansion, one alpha in all parts": free_expansion(level),
        "rigid tilt read as shift": rigid_tilt(level),
        "shift of rigid joints": rigid_joints(level),
        "shift of yielding joints against severed ones": yielding_joints(level),
        "bimetal curvature against Timoshenko 1925": bimetal(level),
        "axial forces of the joints balance": axial_balance(level),
        "x and y are alike": diagonal_symmetry(level),
    }


def free_expansion(level: str) -> float:
    """Parts of different E and nu but one alpha expand freely: u = alpha dT r and no force in any joint."""
    alpha = 20e-6
    given = chip_side(CASES["paste"], LEVELS[level]) + board_side(True, LEVELS[level])
    parts = [p._replace(material=p.material._replace(alpha=alpha)) for p in given]
    solution = solve(parts)
    exact = alpha * TEMPERATURE_CHANGE * (solution.points - [0, 0, solution.points[:, 2].min()])
    return float(np.abs(solution.u - exact).max() / np.abs(exact).max())


def rigid_tilt(level: str) -> float:
    """Everything tilted by phi about y, u = phi (z, 0, -x): psi_x = phi, no shift; relative to H phi."""
    joint = CASES["paste"]
    H, phi = standoff(joint), 1e-3
    parts = {p.name: p for p in chip_side(joint, LEVELS[level]) + board_side(False, LEVELS[level])}
    tilted = {}
    for name in ("chip", "board"):
        x, _, z = parts[name].basis.mesh.doflocs
        tilted[name] = np.stack([np.stack((phi * z, 0 * z, -phi * (x + px)), -1).ravel() for px, _ in joint_places()])
    read = means(parts, tilted, H, LEVELS[level])
    psi = np.concatenate((read["chip"][:, 3], read["board"][:, 3]))
    return float(max(np.abs(read["shift"]).max() / (H * phi), np.abs(psi / phi - 1).max()))


def with_modulus(parts: Sequence[Part], names: Sequence[str], E: float) -> list[Part]:
    """Parts, some of them with another modulus [MPa]."""
    return [p._replace(material=p.material._replace(E=E)) if p.name in names else p for p in parts]


def rigid_joints(level: str) -> float:
    """Joints of 1e9 MPa between bowing plates: no shift though pad to pad there is one; relative to alpha dT r."""
    joint = CASES["conventional"]
    everything = chip_side(joint, LEVELS[level]) + board_side(False, LEVELS[level])
    parts = with_modulus(everything, ("first layer", "base region", "ball", "land"), 1e9)
    read = means({p.name: p for p in parts}, solve(parts).displacement, standoff(joint), LEVELS[level])
    free = (LAMINATE.alpha - SILICON.alpha) * TEMPERATURE_CHANGE * joint_places()
    return float(np.abs(read["shift"]).max() / np.abs(free).max())


def yielding_joints(level: str) -> float:
    """Balls of 1e-9 of their modulus: D = 1, when the severed model's balls are as soft."""
    joint = CASES["paste"]
    H = standoff(joint)
    upper = with_modulus(chip_side(joint, LEVELS[level]), ("ball",), 1e-9 * joint.ball.E)
    lower = board_side(False, LEVELS[level])
    parts = {p.name: p for p in upper + lower}
    severed = means(parts, solve(upper).displacement | solve(lower).displacement, H, LEVELS[level])
    D = along(means(parts, solve(upper + lower).displacement, H, LEVELS[level])["shift"], severed["shift"])
    return float(np.abs(D - 1).max())


def bimetal(level: str) -> float:
    """Silicon 0.3 mm bonded on FR4 1.0 mm, wide: curvature at the centre against the biaxial bimetal strip."""
    fr4, silicon = Material(22e3, 0.28, 18e-6), Material(131e3, 0.28, 2.6e-6)
    half_width, t1, t2 = 8.0, 1.0, 0.3
    edges = half_width * np.array((0, 0.06, 0.25, 0.45, 0.65, 0.8, 0.88, 0.94, 0.975, 1))
    plane = patch(lambda x, y: np.stack((x, y), axis=-1), edges, edges)
    origin = np.zeros((1, 2))
    lower = part("board", fr4, plane, rising(-t1, t1, (0, 0.4, 0.75, 1)), origin, straight_wall)
    upper = part("chip", silicon, plane, rising(0, t2, (0, 0.5, 1)), origin, straight_wall)
    solution = solve([lower, upper])
    tree = cKDTree(solution.points)
    _, (centre, off) = tree.query([[0, 0, 0], [edges[1], 0, 0]])
    curvature = -2 * (solution.u[off, 2] - solution.u[centre, 2]) / edges[1] ** 2
    m, n = t1 / t2, fr4.E / silicon.E
    mismatch = (silicon.alpha - fr4.alpha) * TEMPERATURE_CHANGE
    exact = 6 * mismatch * (1 + m) ** 2 / ((t1 + t2) * (3 * (1 + m) ** 2 + (1 + m * n) * (m**2 + 1 / (m * n))))
    return float(abs(curvature / exact - 1))


def axial_balance(level: str) -> float:
    """The chip is free: the joints' axial forces add up to nothing, relative to the largest."""
    axial = np.array([joint["force"][2] for joint in reference("paste", True, level)["joints"]])
    return float(abs(axial.sum()) / np.abs(axial).max())


def diagonal_symmetry(level: str) -> float:
    """Package and mesh are symmetric about x = y: joint (0, 1) is joint (1, 0) with x and y exchanged."""
    joints = reference("paste", True, level)["joints"]
    force = np.array([joint["force"] for joint in joints])
    return float(np.abs(force[1, [1, 0, 2]] - force[2]).max() / np.abs(force).max())


# --- command ---------------------------------------------------------------------------------------------------------


def installed(package: str) -> str | None:
    """Version of a package, None where it is missing."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def provenance() -> dict[str, Any]:
    """Versions, machine and date of a run."""
    names = ("scikit-fem", "numpy", "scipy", "pypardiso")
    return {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "versions": {name: installed(name) for name in names},
        "machine": platform.machine(),
    }


def rounded(value: Any) -> Any:
    """Nine significant digits: more than the residual deserves, and short to read."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def summary(entry: dict[str, Any]) -> str:
    """One line per joint for the terminal."""
    head = (
        f"{entry['case']}, {entry['board']}, {entry['level']}: {entry['unknowns']} unknowns, "
        f"{entry['seconds']} s, residual {entry['residual']:.0e}"
    )
    lines = [
        f"  ({q['i']}, {q['j']})  D {q['D']:.4f}  "
        f"pad to pad {q['D_pad_to_pad']:.4f}  force {q['force'][0]:+.4f} {q['force'][1]:+.4f} {q['force'][2]:+.4f} N"
        for q in entry["joints"]
    ]
    return "\n".join([head, *lines])


def run_all(levels: Sequence[str], output: Path) -> None:
    """Every case on every level; the file is rewritten after each, so that an interrupted run keeps what it has."""
    laws = verify("quick")
    entries: list[dict[str, Any]] = []
    for level, case, overhang in itertools.product(levels, CASES, (False, True)):
        entries.append(reference(case, overhang, level))
        print(summary(entries[-1]), flush=True)
        content = {"provenance": provenance(), "units": "mm, N, N mm, K, rad", "laws": laws, "runs": entries}
        output.write_text(json.dumps(rounded(content), indent=1) + "\n")


def main(arguments: Sequence[str]) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one case on the quick level, printed")
    parser.add_argument("--verify", action="store_true", help="laws with known answers on the quick level, printed")
    parser.add_argument("--levels", nargs="+", choices=[*LEVELS], default=["coarse", "fine"])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".json"))
    options = parser.parse_args(arguments)
    if options.quick:
        print(summary(reference("solder", True, "quick")))
    elif options.verify:
        for name, error in verify("quick").items():
            print(f"{name}: {error:.1e}")
    else:
        run_all(options.levels, options.output)


if __name__ == "__main__":
    main(sys.argv[1:])
