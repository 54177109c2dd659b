"""Cutting by a plane: surfaces clipped, and the faces that appear where the plane goes through elements."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from .raster import Floats, Ints, Skin


@dataclass(frozen=True)
class Plane:
    """A cutting plane: what lies beyond, along the normal, is taken away.

    Parameters
    ----------
    point
        On it, shape (3,) [mm].
    normal
        Unit vector, shape (3,) [-].
    """

    point: Floats
    normal: Floats

    def beyond(self, points: Floats) -> Floats:
        """Return how far points lie beyond the plane, shape (n,) [mm]."""
        return np.asarray((points - self.point) @ self.normal)


def clipped(skin: Skin, beyond: Floats, near: float) -> Skin:
    """Return what of a surface does not lie beyond a plane.

    Parameters
    ----------
    skin
        The surface.
    beyond
        How far its vertices lie beyond the plane, shape (v,) [mm].
    near
        Vertices less far from the plane are on it [mm].
    """
    at = np.where(np.abs(beyond) < near, 0.0, beyond)[skin.triangles]
    kept = (at <= 0.0).all(axis=1)
    split = np.flatnonzero(~kept & (at < 0.0).any(axis=1))
    ends, shares, triangles, owner = _halves(skin.triangles[split], at[split])
    fields = np.column_stack([skin.points, skin.normals, skin.values])
    mixed = fields[ends[:, 0]] + shares[:, None] * (fields[ends[:, 1]] - fields[ends[:, 0]])
    every = np.concatenate([fields, mixed])
    return Skin(
        every[:, :3],
        every[:, 3:6],
        every[:, 6],
        np.concatenate([skin.triangles[kept], triangles + len(fields)]),
        np.concatenate([skin.parts[kept], skin.parts[split][owner]]),
        np.concatenate([skin.patches[kept], skin.patches[split][owner]]),
    )


def _halves(triangles: Ints, at: Floats) -> tuple[Ints, Floats, Ints, Ints]:
    """Return the parts of triangles at which a quantity is not positive; its sign differs between their corners.

    Returns
    -------
    ends, shares
        Each new vertex lies between two old ones, shape (v, 2), at a share of the way, shape (v,).
    triangles
        Of new vertices, shape (t, 3).
    owner
        Which triangle each is a piece of, shape (t,).
    """
    inside = at <= 0.0
    ends, shares, pieces, owners = [], [], [], []
    start = 0
    for count in (1, 2):
        rows = np.flatnonzero(inside.sum(axis=1) == count)
        # turned so that the corner alone on its side comes first
        first = (inside[rows] if count == 1 else ~inside[rows]).argmax(axis=1)
        order = (first[:, None] + np.arange(3)) % 3
        a, b, c = np.take_along_axis(triangles[rows], order, axis=1).T
        at_a, at_b, at_c = np.take_along_axis(at[rows], order, axis=1).T
        ends += [np.column_stack(pair) for pair in ((a, b), (a, c), *([(a, a)] if count == 1 else [(b, b), (c, c)]))]
        nothing = np.zeros(len(rows))
        shares += [at_a / (at_a - at_b), at_a / (at_a - at_c), *[nothing] * count]
        number = start + np.arange(len(rows))
        to_b, to_c, old, other = (number + k * len(rows) for k in range(4))
        if count == 1:
            pieces.append(np.column_stack([old, to_b, to_c]))
        else:
            pieces += [np.column_stack([to_b, old, other]), np.column_stack([to_b, other, to_c])]
        owners += [rows] * count
        start += (2 + count) * len(rows)
    return np.concatenate(ends), np.concatenate(shares), np.concatenate(pieces), np.concatenate(owners)


@cache
def lattice(corners: int, pieces: int) -> tuple[Floats, Ints]:
    """Return points in the reference element of so many corners, and the small tetrahedra of them that fill it.

    Parameters
    ----------
    corners
        8 for the hexahedron, 4 for the tetrahedron [-].
    pieces
        Into how many pieces each of its sides is divided [-].
    """
    n = pieces
    grid = np.array([(x, y, z) for z, y, x in product(np.linspace(0.0, 1.0, n + 1), repeat=3)])
    corner = np.array([(k * (n + 1) + j) * (n + 1) + i for k, j, i in product(range(n), repeat=3)])
    to_corner = np.array([i + (n + 1) * (j + (n + 1) * k) for k, j, i in product((0, 1), repeat=3)])
    tetrahedra = (corner[:, None] + to_corner)[:, np.array(_SIX)].reshape(-1, 4)
    if corners == 8:
        return 2.0 * grid - 1.0, tetrahedra
    # the cubes' diagonals fold the corner x >= y >= z of the grid onto the tetrahedron
    x, y, z = grid.T
    inside = (x >= y) & (y >= z)
    return np.column_stack([x - y, y - z, z]), tetrahedra[inside[tetrahedra].all(axis=1)]


_SIX = ((0, 1, 3, 7), (0, 3, 2, 7), (0, 2, 6, 7), (0, 6, 4, 7), (0, 4, 5, 7), (0, 5, 1, 7))
# A cube as six tetrahedra around its diagonal; corners numbered along x, then y, then z.


def sections(tetrahedra: Ints, beyond: Floats) -> tuple[Ints, Floats, Ints, Ints]:
    """Return the polygons in which a plane cuts tetrahedra, as triangles.

    A face that lies in the plane is the polygon of the tetrahedron beyond it.

    Parameters
    ----------
    tetrahedra
        Vertices, shape (m, 4).
    beyond
        How far each vertex lies beyond the plane, shape (v,) [mm].

    Returns
    -------
    ends, shares
        Each corner lies between two vertices, shape (c, 2), at a share of the way, shape (c,).
    triangles
        Of corners, shape (t, 3).
    owner
        Tetrahedron of each triangle, shape (t,).
    """
    inside = beyond[tetrahedra] <= 0.0
    count = inside.sum(axis=1)
    ends, triangles, owners = [], [], []
    start = 0
    for wanted in (1, 2, 3):
        rows = np.flatnonzero(count == wanted)
        order = np.argsort(inside[rows] if wanted == 3 else ~inside[rows], axis=1, kind="stable")
        corner = np.take_along_axis(tetrahedra[rows], order, axis=1)
        edges = ((0, 2), (0, 3), (1, 3), (1, 2)) if wanted == 2 else ((0, 1), (0, 2), (0, 3))
        number = start + np.arange(len(rows))
        ends += [corner[:, edge] for edge in edges]
        for k in range(1, len(edges) - 1):
            triangles.append(np.column_stack([number, number + k * len(rows), number + (k + 1) * len(rows)]))
            owners.append(rows)
        start += len(edges) * len(rows)
    pairs = np.concatenate(ends)
    here, there = beyond[pairs].T
    return pairs, here / (here - there), np.concatenate(triangles), np.concatenate(owners)
