"""Meshes of nine-node quadrilaterals from blocks of four curved sides.

A block is a grid of nodes, shape (2a+1, 2b+1, 2): every second node of a row is a corner of elements, those between
lie in the middle. Its inside follows its sides by transfinite interpolation (Gordon and Hall 1973), nodes in the
middle of elements as well, so that lines between two arcs are arcs themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAME_PLACE = 1e-9
"""Nodes nearer to each other than this share of a mesh's extent are one [-]."""

SLOPE = np.array([[-1.5, 2.0, -0.5], [-0.5, 0.0, 0.5], [0.5, -2.0, 1.5]])
"""Derivatives of the three quadratic functions (columns) at -1, 0, 1 (rows) [-]."""


@dataclass(frozen=True)
class Sizes:
    """Wanted length of elements along a line: small at singular places and growing with the distance from them.

    Parameters
    ----------
    tip
        At a singular place [mm].
    growth
        Growth with the distance from it [-].
    largest
        Nowhere longer than this [mm].
    sharpest
        At a sharp one among the singular places [mm]; None: as at the others.
    """

    tip: float
    growth: float
    largest: float
    sharpest: float | None = None

    def divisions(
        self, start: float, end: float, singular: Sequence[float], sharp: Sequence[float] = ()
    ) -> tuple[float, Floats, Floats]:
        """Return the number of elements wanted between two places, and the running number over places between.

        Parameters
        ----------
        start, end
            Of the interval [mm].
        singular
            Singular places, inside or outside of it [mm].
        sharp
            Sharp ones among them [mm].
        """
        least = self.tip if self.sharpest is None else self.sharpest
        low, high = min(start, end), max(start, end)
        steps = np.concatenate([[0.0], np.geomspace(least / 20, least / 20 + high - low, 200)])
        near = [place + side * steps for place in singular for side in (-1.0, 1.0)]
        places = np.unique(np.clip(np.concatenate([np.linspace(low, high, 200), *near]), low, high))
        length = np.full(len(places), self.largest)
        for place in singular:
            tip = least if place in sharp else self.tip
            length = np.minimum(length, tip + self.growth * np.abs(places - place))
        density = 1.0 / length
        running = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(places))])
        if end < start:
            return float(running[-1]), places[::-1], (running[-1] - running)[::-1]
        return float(running[-1]), places, running

    def breaks(
        self, lines: Sequence[float], singular: Sequence[float], counts: Sequence[int], sharp: Sequence[float] = ()
    ) -> Floats:
        """Return the faces of elements through given lines, with so many elements in each interval between them."""
        pieces = [np.asarray(lines[:1], dtype=float)]
        for start, end, count in zip(lines[:-1], lines[1:], counts, strict=True):
            total, places, running = self.divisions(start, end, singular, sharp)
            inside = np.interp(np.arange(1, count) * total / count, running, places)
            pieces += [inside, np.array([end])]
        return np.concatenate(pieces)

    def wanted(self, lines: Sequence[float], singular: Sequence[float], sharp: Sequence[float] = ()) -> Floats:
        """Return how many elements are wanted between lines, not rounded, shape (n - 1,) [-]."""
        return np.array([self.divisions(a, b, singular, sharp)[0] for a, b in pairwise(lines)])

    def levels(self, low: float, high: float, singular: Sequence[float], sharp: Sequence[float] = ()) -> Floats:
        """Return the faces of elements between two places."""
        counts = whole_numbers(self.wanted([low, high], singular, sharp))
        return self.breaks([low, high], singular, counts, sharp)


def whole_numbers(wanted: Floats, total: int = 0) -> list[int]:
    """Return whole numbers of elements, at least one each and ``total`` together."""
    counts = np.maximum(1, np.rint(wanted)).astype(int)
    while counts.sum() < total:
        counts[int(np.argmax(wanted / counts))] += 1
    return [int(count) for count in counts]


def with_middles(breaks: Floats) -> Floats:
    """Return corners and middles of elements from their corners, shape (k, ...) -> (2k-1, ...)."""
    breaks = np.asarray(breaks, dtype=float)
    nodes = np.empty((2 * len(breaks) - 1, *breaks.shape[1:]))
    nodes[::2] = breaks
    nodes[1::2] = (breaks[:-1] + breaks[1:]) / 2
    return nodes


def straight(start: Sequence[float], end: Sequence[float], shares: Floats) -> Floats:
    """Return the nodes of elements whose corners lie at shares [-] of the way between two points, shape (2k-1, 2)."""
    a, b = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    return np.asarray(a + with_middles(shares)[:, None] * (b - a))


def block(left: Floats, right: Floats, bottom: Floats, top: Floats) -> Floats:
    """Return the nodes of a block between four sides, shape (2a+1, 2b+1, 2).

    A side is taken at the node's own number, unless elements would be inverted: opposite sides that are divided very
    unlike are taken at the node's share of their length.

    Parameters
    ----------
    left, right
        Nodes upwards, shape (2b+1, 2) [mm].
    bottom, top
        Nodes from left to right, shape (2a+1, 2) [mm].
    """
    u_bottom, u_top, v_left, v_right = (_running(side) for side in (bottom, top, left, right))
    du, dv = (u_top - u_bottom)[:, None], (v_right - v_left)[None]
    # where the straight lines between places of equal share on opposite sides meet
    scale = 1.0 - du * dv
    u = (u_bottom[:, None] + v_left[None] * du) / scale
    v = (v_left[None] + u_bottom[:, None] * dv) / scale
    grid = _between(u, v, left[None], right[None], bottom[:, None], top[:, None])
    if not _inverted(grid):
        return grid
    sides = ((v, v_left, left), (v, v_right, right), (u, u_bottom, bottom), (u, u_top, top))
    return _between(u, v, *(_at(*side) for side in sides))


def _between(u: Floats, v: Floats, left: Floats, right: Floats, bottom: Floats, top: Floats) -> Floats:
    """Interpolate between sides that are given for every node of a grid."""
    u, v = u[..., None], v[..., None]
    along_u = (1 - u) * left + u * right
    along_v = (1 - v) * bottom + v * top
    corners = (1 - u) * ((1 - v) * left[0, 0] + v * left[0, -1]) + u * ((1 - v) * right[-1, 0] + v * right[-1, -1])
    return np.asarray(along_u + along_v - corners)


def _at(share: Floats, running: Floats, side: Floats) -> Floats:
    """Return places on a side by their share of its length, shape (..., 2)."""
    return np.stack([np.interp(share, running, component) for component in side.T], axis=-1)


def _inverted(grid: Floats) -> bool:
    """Tell whether the Jacobian has another sign at some nodes of elements than at others, or vanishes there."""
    nodes = windows(grid).reshape(-1, 3, 3, 2)
    xi, eta = (np.einsum(path, SLOPE, nodes) for path in ("ab,mebc->meac", "ab,mbxc->maxc"))
    signs = np.sign(xi[..., 0] * eta[..., 1] - xi[..., 1] * eta[..., 0])
    return bool(abs(signs.sum()) < signs.size)


def _running(side: Floats) -> Floats:
    """Return the share of the length at each node of a side."""
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(side, axis=0), axis=1))])
    return np.asarray(length / length[-1])


def windows(grid: Floats) -> Floats:
    """Return the elements of a grid of nodes, shape (2a+1, 2b+1, d) -> (a b, 9, d), the first index running fastest."""
    parts = np.lib.stride_tricks.sliding_window_view(grid, (3, 3), axis=(0, 1))[::2, ::2]
    return np.asarray(parts.transpose(1, 0, 4, 3, 2).reshape(-1, 9, grid.shape[2]))


@dataclass(frozen=True)
class QuadMesh:
    """Nine-node quadrilaterals in the meridian plane, with named regions.

    Parameters
    ----------
    points
        Nodes (r, z), shape (n, 2) [mm].
    quads
        Node i + 3 j of each element on its grid xi, eta in (-1, 0, 1), shape (m, 9).
    regions
        Index into ``names``, shape (m,).
    names
        Names of the regions.
    """

    points: Floats
    quads: Ints
    regions: Ints
    names: tuple[str, ...]


def joined(blocks: Sequence[tuple[Floats, Sequence[str]]], names: tuple[str, ...]) -> QuadMesh:
    """Weld blocks of nodes into a mesh.

    Parameters
    ----------
    blocks
        Grids of nodes, each with one region's name for all its elements, or one for each of them.
    names
        Names of all regions.
    """
    parts, regions = [], []
    for grid, region in blocks:
        parts.append(windows(grid))
        number = np.array([names.index(name) for name in region])
        regions.append(np.broadcast_to(number, len(parts[-1])) if len(number) == 1 else number)
    points, quads = welded(np.concatenate(parts).reshape(-1, 2))
    return QuadMesh(points, quads.reshape(-1, 9), np.concatenate(regions), names)


def welded(points: Floats) -> tuple[Floats, Ints]:
    """Merge points that coincide: distinct points, and the number of each given one among them."""
    number, first = numbered(points)
    return points[first], number


def numbered(points: Floats) -> tuple[Ints, Ints]:
    """Number places: the number of each point's place, and the first point at each place.

    Coordinates are sorted and begin a new group after each gap, so that round-off never parts two equal ones.
    """
    tolerance = SAME_PLACE * float(np.ptp(points, axis=0).max())
    keys = np.zeros(len(points), dtype=np.int64)
    for values in points.T:
        order = np.argsort(values, kind="stable")
        group = np.empty(len(values), dtype=np.int64)
        group[order] = np.cumsum(np.concatenate([[False], np.diff(values[order]) > tolerance]))
        keys = keys * (int(group.max()) + 1) + group
        keys = np.unique(keys, return_inverse=True)[1].ravel()
    _, first, number = np.unique(keys, return_index=True, return_inverse=True)
    return number.ravel().astype(np.int64), first.astype(np.int64)
