"""From quadrilaterals in a plane to hexahedra: revolved about the axis, or swept along it.

Quadrilaterals beside the axis become sectors of rings on true circles. Those on the axis become columns over the
*heart*, a square planform with curved sides: its corners lie on the circle of the quadrilaterals' outer nodes, its
sides bulge less than the circle would, so that no element has two sides on one smooth line. Between them, the first
ring leads from the heart's outline to circles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import MeshError
from .quads import SLOPE, QuadMesh, block, numbered, windows, with_middles
from .solid import SolidMesh

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FLATNESS = 0.6
"""Share of the straight side in the heart's outline, the rest is the circle's [-]."""

_EDGES = ((0, 1, 2), (2, 5, 8), (6, 7, 8), (0, 3, 6))
# Local nodes of a quadrilateral's four sides: end, middle, end.


@dataclass(frozen=True)
class Bricks:
    """Hexahedra by the places of their nodes, not yet welded.

    Parameters
    ----------
    nodes
        Shape (m, 27, 3) [mm].
    regions
        Index of each element's region, shape (m,).
    """

    nodes: Floats
    regions: Ints


def gathered(*parts: Bricks) -> Bricks:
    """Put several lots of hexahedra together."""
    return Bricks(np.concatenate([part.nodes for part in parts]), np.concatenate([part.regions for part in parts]))


def welded_mesh(bricks: Bricks, names: tuple[str, ...], place: int) -> SolidMesh:
    """Merge the nodes that coincide, and refuse inverted elements.

    Raises
    ------
    MeshError
        E401: an element whose Jacobian is not positive.
    """
    flat = bricks.nodes.reshape(-1, 3)
    number, first = numbered(flat)
    count = len(bricks.nodes)
    mesh = SolidMesh(
        flat[first],
        number.reshape(-1, 27),
        bricks.regions,
        names,
        np.full(count, place, dtype=np.int64),
        np.arange(count, dtype=np.int64),
        np.ones(count),
    )
    refuse_inverted(mesh)
    return mesh


def refuse_inverted(mesh: SolidMesh) -> None:
    """Raise E401 where the Jacobian of a hexahedron is not positive at one of its nodes."""
    smallest = jacobians(mesh.points[mesh.cells]).min(axis=1)
    worst = int(smallest.argmin())
    if smallest[worst] <= 0.0:
        x, y, z = mesh.points[mesh.cells[worst]].mean(axis=0)
        raise MeshError(
            "E401",
            f"an element of region {mesh.names[mesh.regions[worst]]!r} is inverted near x = {x:.4g} mm, "
            f"y = {y:.4g} mm, z = {z:.4g} mm",
            hint="make the thin part there thicker, or mesh more finely",
        )


def jacobians(nodes: Floats) -> Floats:
    """Return the Jacobian's determinant at the nodes of hexahedra, shape (m, 27, 3) -> (m, 27) [mm^3]."""
    grid = nodes.reshape(-1, 3, 3, 3, 3)  # zeta, eta, xi, coordinate
    by_xi = np.einsum("ia,mkjac->mkjic", SLOPE, grid)
    by_eta = np.einsum("jb,mkbic->mkjic", SLOPE, grid)
    by_zeta = np.einsum("kd,mdjic->mkjic", SLOPE, grid)
    return np.asarray(np.einsum("mkjic,mkjic->mkji", np.cross(by_xi, by_eta), by_zeta).reshape(-1, 27))


def heart_outline(angle: Floats) -> Floats:
    """Return the heart's radius at an angle, as a share of the radius at its corners [-]."""
    square = np.sqrt(0.5) / np.maximum(np.abs(np.cos(angle)), np.abs(np.sin(angle)))
    return np.asarray(1.0 - FLATNESS + FLATNESS * square)


def even_angles(around: int) -> Floats:
    """Return the angles of the nodes of so many equal elements around the axis, shape (2 around,) [rad]."""
    return np.asarray(np.linspace(-np.pi / 4, 7 * np.pi / 4, 2 * around, endpoint=False))


def revolved(mesh: QuadMesh, angles: Floats) -> Bricks:
    """Turn a meridian section into hexahedra.

    Parameters
    ----------
    mesh
        Quadrilaterals; those on the axis have their first side (xi = -1) there, eta upwards.
    angles
        Nodes around the axis, ascending: corners and middles of elements, as many in each quarter. The first lies at
        a corner of the heart, as does each a quarter further, shape (2 around,) [rad].
    """
    around = len(angles) // 2
    tolerance = 1e-9 * float(np.ptp(mesh.points, axis=0).max())
    on_axis = np.abs(mesh.points[mesh.quads[:, [0, 3, 6]], 0]).max(axis=1) < tolerance
    columns, rings = mesh.quads[on_axis], mesh.quads[~on_axis]
    section = _moved(mesh, columns, rings, heart_outline(angles - angles[0] - np.pi / 4))
    places = _turned(section, angles[:, None])
    sectors = (2 * np.arange(around)[:, None] + np.arange(3)) % (2 * around)
    # (quad, sector, zeta, eta, xi, coordinate)
    ring = places[sectors[None, :, None, :, None], rings.reshape(-1, 1, 3, 1, 3)]
    heart = _heart(mesh.points[columns], angles)
    regions = [np.repeat(mesh.regions[~on_axis], around), np.repeat(mesh.regions[on_axis], (around // 4) ** 2)]
    return Bricks(np.concatenate([ring.reshape(-1, 27, 3), heart.reshape(-1, 27, 3)]), np.concatenate(regions))


def _turned(section: Floats, angle: Floats) -> Floats:
    """Places (r, z) at angles about the axis, shape (..., 2) -> (..., 3)."""
    r, z = section[..., 0], section[..., 1]
    return np.stack([r * np.cos(angle), r * np.sin(angle), z], axis=-1)


def _quadratic(s: Floats) -> Floats:
    """Functions that are 1 at 0, 1/2 and 1, shape (..., 3)."""
    return np.stack([(1 - s) * (1 - 2 * s), 4 * s * (1 - s), s * (2 * s - 1)], axis=-1)


def _moved(mesh: QuadMesh, columns: Ints, rings: Ints, outline: Floats) -> Floats:
    """Return the section's nodes at each angle, shape (angles, n, 2): the heart's line moves inwards to the outline.

    A node on the heart's line slides along the curve through its row's three nodes; the middle of a side that leaves
    the line slides along that side, so that curved faces stay where they are.
    """
    points = mesh.points
    shape = _quadratic(outline)
    moved = np.repeat(points[None], len(outline), axis=0)
    rows = np.unique(columns.reshape(-1, 3), axis=0)
    heart = np.zeros(len(points), dtype=bool)
    heart[rows[:, 2]] = True
    moved[:, rows[:, 2]] = np.einsum("ka,rac->krc", shape, points[rows])
    shift = moved - points
    touching = rings[heart[rings].any(axis=1)]
    sides = touching[:, np.array(_EDGES)].reshape(-1, 3)
    sides = np.concatenate([sides, sides[:, ::-1]])
    sides = np.unique(sides[heart[sides[:, 0]] & ~heart[sides[:, 1]]], axis=0)
    near, middle, far = sides.T
    chord = points[far] - points[near]
    share = np.einsum("ksc,sc->ks", shift[:, near], chord) / (chord**2).sum(axis=1)
    curve = points[np.column_stack([near, middle, far])]
    slid = np.einsum("ksa,sac->ksc", _quadratic(0.5 + 0.5 * share), curve)
    on_curve = np.einsum("ksa,sac->ksc", _quadratic(share), curve)
    moved[:, middle] = slid + 0.5 * (moved[:, near] - on_curve)
    shift = moved - points
    middles, corners = shift[:, touching[:, [1, 3, 5, 7]]], shift[:, touching[:, [0, 2, 6, 8]]]
    moved[:, touching[:, 4]] = points[touching[:, 4]] + middles.sum(axis=2) / 2 - corners.sum(axis=2) / 4
    return moved


def _heart(columns: Floats, angles: Floats) -> Floats:
    """Hexahedra over the heart from quadrilaterals on the axis, (m, 9, 2) -> (m, k, 27, 3)."""
    plan = heart_planform(angles)
    at = _quadratic(np.hypot(plan[..., 0], plan[..., 1]))  # (k, 9, 3)
    rows = columns.reshape(-1, 3, 3, 2)  # quad, zeta, xi, coordinate
    section = np.einsum("kpa,mzac->mkzpc", at, rows)
    angle = np.arctan2(plan[..., 1], plan[..., 0])
    return _turned(section, angle[None, :, None]).reshape(len(columns), -1, 27, 3)


def heart_planform(angles: Floats) -> Floats:
    """Nine-node quadrilaterals of the heart, whose corners lie on the unit circle, shape ((around / 4)^2, 9, 2).

    Parameters
    ----------
    angles
        Nodes around the axis, as for `revolved` [rad].
    """
    quarter = len(angles) // 4
    radius = heart_outline(angles - angles[0] - np.pi / 4)
    outline = np.column_stack([radius * np.cos(angles), radius * np.sin(angles)])
    outline = np.concatenate([outline, outline[:1]])
    right, top, left, bottom = (outline[k * quarter : (k + 1) * quarter + 1] for k in range(4))
    return windows(block(left[::-1], right, bottom, top[::-1]))


def coat_planform(around: int, radius: float, box: tuple[float, float, float, float], shares: Floats) -> Floats:
    """Nine-node quadrilaterals from a circle to a rectangle around it, shape (m, 9, 2).

    Parameters
    ----------
    around
        Elements around the circle, a multiple of 8 [-].
    radius
        Of the circle [mm].
    box
        Distances from the circle's centre to the sides at +x, +y, -x, -y [mm].
    shares
        Faces between elements from the circle (0) to the rectangle (1) [-].
    """
    rays = around // 2  # nodes in a quarter
    angle = np.linspace(-np.pi / 4, np.pi / 4, rays + 1)
    parts = []
    for quarter in range(4):
        ahead, left, right = box[quarter], box[(quarter + 1) % 4], box[quarter - 1]
        side = side_nodes(around, right, left)
        inner = radius * np.column_stack([np.cos(angle), np.sin(angle)])
        outer = np.column_stack([np.full(rays + 1, ahead), side])
        along = with_middles(shares)[:, None, None]
        grid = (1 - along) * inner + along * outer
        c, s = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarter]
        parts.append(windows(grid @ np.array([[c, s], [-s, c]])))
    return np.concatenate(parts)


def side_nodes(around: int, below: float, above: float) -> Floats:
    """Nodes on a side of a rectangle around a circle, opposite to the circle's, from -below to above [mm]."""
    share = np.tan(np.linspace(0.0, np.pi / 4, around // 8 + 1))
    half = with_middles(share)
    half[-1] = 1.0
    return np.concatenate([-below * half[:0:-1], above * half])


def swept(plan: Floats, heights: Floats, regions: Ints) -> Bricks:
    """Sweep nine-node quadrilaterals through heights.

    Parameters
    ----------
    plan
        Shape (m, 9, 2) [mm].
    heights
        Corners and middles of the elements, shape (2 k + 1,) [mm].
    regions
        Of each level of elements, shape (k,), or of each element of each level, shape (k, m); -1 for none.
    """
    levels = len(regions)
    nodes = np.empty((levels, len(plan), 3, 9, 3))
    nodes[..., :2] = plan[None, :, None]
    nodes[..., 2] = heights[2 * np.arange(levels)[:, None] + np.arange(3)][:, None, :, None]
    every = np.broadcast_to(np.reshape(regions, (levels, -1)), (levels, len(plan)))
    there = every >= 0
    return Bricks(nodes[there].reshape(-1, 27, 3), every[there])
