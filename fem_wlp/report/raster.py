"""Surfaces in space as an eye sees them: triangles along parallel rays, hidden ones behind nearer ones.

Every pixel keeps its nearest triangle, so that a hundred thousand triangles take little longer than a hundred, nothing
has to be sorted, and what follows, light and lines, is the work of whole pictures.

On a picture x runs to the right and y upwards in pixels, depth towards the eye in the same unit; row 0 is the lowest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Pixels = NDArray[np.float32]

GRID = 256.0
"""Vertices are moved to a grid of so many lines a pixel, so that neighbours leave no crack [-]."""

EVERY = 2
"""Light and colour are looked up at every so many pixels each way; only edges are needed at all of them [-]."""

FRAGMENTS = 2_000_000
"""Pixels of triangles that are looked at together [-]."""


@dataclass(frozen=True)
class Skin:
    """A surface of triangles.

    Parameters
    ----------
    points
        Places of the vertices, shape (v, 3) [mm].
    normals
        Outward normals at the vertices, of any length, shape (v, 3) [-].
    values
        A quantity at the vertices, shape (v,).
    triangles
        Vertices of each triangle, anticlockwise from outside, shape (t, 3).
    parts
        Number of the part that each triangle belongs to, shape (t,).
    patches
        Number of the face of an element that each triangle is a piece of, shape (t,).
    """

    points: Floats
    normals: Floats
    values: Floats
    triangles: Ints
    parts: Ints
    patches: Ints


def gathered(*skins: Skin) -> Skin:
    """Put surfaces together."""
    starts = np.cumsum([0, *(len(skin.points) for skin in skins)])
    faces = np.cumsum([0, *(int(skin.patches.max(initial=-1)) + 1 for skin in skins)])
    return Skin(
        np.concatenate([skin.points for skin in skins]),
        np.concatenate([skin.normals for skin in skins]),
        np.concatenate([skin.values for skin in skins]),
        np.concatenate([skin.triangles + start for skin, start in zip(skins, starts[:-1], strict=True)]),
        np.concatenate([skin.parts for skin in skins]),
        np.concatenate([skin.patches + start for skin, start in zip(skins, faces[:-1], strict=True)]),
    )


def turned_over(skin: Skin) -> Skin:
    """Return the same surface with its triangles' corners the other way round."""
    return replace(skin, triangles=skin.triangles[:, ::-1])


@dataclass(frozen=True)
class Camera:
    """An eye infinitely far away.

    Parameters
    ----------
    azimuth
        Of the eye, from -y towards +x [rad].
    elevation
        Of the eye over the plane z = 0 [rad].
    """

    azimuth: float
    elevation: float

    @property
    def axes(self) -> Floats:
        """Directions to the right, up, and towards the eye, as rows, shape (3, 3) [-]."""
        across = np.array([np.cos(self.azimuth), np.sin(self.azimuth), 0.0])
        level = np.array([np.sin(self.azimuth), -np.cos(self.azimuth), 0.0])
        towards = np.cos(self.elevation) * level + np.sin(self.elevation) * np.array([0.0, 0.0, 1.0])
        return np.stack([across, np.cross(towards, across), towards])


@dataclass(frozen=True)
class Frame:
    """A picture's place and size.

    Parameters
    ----------
    origin
        What stands in its lower left corner, right and up [mm].
    scale
        [pixels/mm].
    shape
        Height and width [pixels].
    """

    origin: tuple[float, float]
    scale: float
    shape: tuple[int, int]


@dataclass(frozen=True)
class Scene:
    """What is seen at every pixel, in an image of h by w pixels.

    Parameters
    ----------
    screen
        The surface's vertices: right, up, towards the eye, shape (v, 3) [pixels].
    skin
        The surface.
    triangle
        Which of its triangles is seen, -1 for none, shape (h, w).
    depth
        How near it is to the eye, -inf where nothing is seen, shape (h, w) [pixels].
    normal
        Unit normal to the right, up, towards the eye at every `EVERY`-th pixel, shape (h', w', 3) [-].
    value
        The quantity at every `EVERY`-th pixel, shape (h', w').
    """

    screen: Floats
    skin: Skin
    triangle: Ints
    depth: Pixels
    normal: Pixels
    value: Pixels

    @property
    def sparse(self) -> Ints:
        """The triangle that is seen at every `EVERY`-th pixel, shape (h', w')."""
        return self.triangle[::EVERY, ::EVERY]


def seen(skin: Skin, camera: Camera, frame: Frame) -> Scene:
    """Return what an eye sees of a surface."""
    axes = camera.axes
    screen = skin.points @ axes.T * frame.scale - np.array([*frame.origin, 0.0]) * frame.scale
    triangle, depth = nearest(screen, skin.triangles, frame.shape)
    sparse = triangle[::EVERY, ::EVERY]
    rows, columns = np.nonzero(sparse >= 0)
    places = np.column_stack([columns, rows]).astype(np.float64) * EVERY + 0.5
    fields = np.column_stack([skin.normals @ axes.T, skin.values])
    found = _interpolated(screen, skin.triangles, fields, sparse[rows, columns], places)
    size = np.sqrt(np.einsum("pc,pc->p", found[:, :3], found[:, :3]))
    normal, value = np.zeros((*sparse.shape, 3), dtype=np.float32), np.zeros(sparse.shape, dtype=np.float32)
    normal[rows, columns] = found[:, :3] / np.maximum(size, 1e-30)[:, None]
    value[rows, columns] = found[:, 3]
    return Scene(screen, skin, triangle, depth, normal, value)


def nearest(screen: Floats, triangles: Ints, shape: tuple[int, int]) -> tuple[Ints, Pixels]:
    """Return the nearest triangle that faces the eye at every pixel, and its depth.

    Each triangle is cut into the rows of pixels whose centres it covers; every row is a span from its left to its right
    edge, and depth is linear along it.

    Parameters
    ----------
    screen
        Vertices: right, up, towards the eye, shape (v, 3) [pixels].
    triangles
        Shape (t, 3); those that are clockwise are not seen.
    shape
        Height and width [pixels].

    Returns
    -------
    triangle
        -1 where there is none, shape (h, w).
    depth
        -inf where there is none, shape (h, w) [pixels].
    """
    height, width = shape
    depth = np.full(height * width, -np.inf, dtype=np.float32)
    found = np.full(height * width, -1, dtype=np.int64)
    numbers, corners, slope = _facing(screen, triangles, shape)
    if not len(numbers):
        return found.reshape(shape), depth.reshape(shape)
    first, last = (_pixel(corners[:, k, 1], height) for k in (0, 2))
    owner, row = _runs(first, last - first)
    low, high = _ends(corners[owner], np.asarray(row + 0.5, dtype=np.float64))
    start, end = _pixel(low, width), _pixel(high, width)
    base, tilt = corners[owner, 0], slope[owner]
    at_left = base[:, 2] + tilt[:, 1] * (row + 0.5 - base[:, 1]) + tilt[:, 0] * (start + 0.5 - base[:, 0])
    length = np.maximum(end - start, 0)
    lots = np.cumsum(length) // FRAGMENTS
    for lot in np.split(np.arange(len(owner)), np.flatnonzero(np.diff(lots)) + 1):
        span, step = _runs(np.zeros(len(lot), dtype=np.int64), length[lot])
        pixel = (row * width + start)[lot][span] + step
        here = (at_left[lot][span] + tilt[lot, 0][span] * step).astype(np.float32)
        np.maximum.at(depth, pixel, here)
        nearer = np.flatnonzero(here >= depth[pixel])
        found[pixel[nearer]] = numbers[owner[lot][span[nearer]]]
    return found.reshape(shape), depth.reshape(shape)


def _facing(screen: Floats, triangles: Ints, shape: tuple[int, int]) -> tuple[Ints, Floats, Floats]:
    """Triangles whose front can be seen: numbers, corners from the lowest up, slopes of depth along x and y."""
    x, y = np.round(screen[:, :2] * GRID).T / GRID
    corners = np.stack([x[triangles], y[triangles], screen[triangles, 2]], axis=2)
    (ax, ay, az), (bx, by, bz) = ((corners[:, k] - corners[:, 0]).T for k in (1, 2))
    area = ax * by - ay * bx
    low, high = corners[:, :, :2].min(axis=1), corners[:, :, :2].max(axis=1)
    numbers = np.flatnonzero((area > 0) & (low < shape[::-1]).all(axis=1) & (high > 0).all(axis=1))
    rise_x, rise_y = ((az * by - ay * bz)[numbers], (ax * bz - az * bx)[numbers])
    corners = corners[numbers]
    order = np.argsort(corners[:, :, 1], axis=1, kind="stable")
    upwards = np.take_along_axis(corners, order[:, :, None], axis=1)
    return numbers, upwards, np.column_stack([rise_x, rise_y]) / area[numbers, None]


def _pixel(place: Floats, size: int) -> Ints:
    """Number of the first pixel whose centre lies at or behind a place."""
    return np.clip(np.ceil(place - 0.5), 0, size).astype(np.int64)


def _runs(start: Ints, length: Ints) -> tuple[Ints, Ints]:
    """Write out runs of consecutive numbers: to which run each belongs, and the numbers.

    >>> owner, numbers = _runs(np.array([3, 7]), np.array([2, 1]))
    >>> owner.tolist(), numbers.tolist()
    ([0, 0, 1], [3, 4, 7])
    """
    owner = np.repeat(np.arange(len(start)), length)
    before = np.cumsum(length) - length
    return owner, np.arange(len(owner)) + (start - before)[owner]


def _ends(corners: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Where rows enter and leave triangles whose corners ascend, shape (n, 3, 3)."""
    a, b, c = (corners[:, k] for k in range(3))
    low = (y < b[:, 1])[:, None]
    long, short = _crossing(a, c, y), _crossing(np.where(low, a, b), np.where(low, b, c), y)
    return np.minimum(long, short), np.maximum(long, short)


def _crossing(a: Floats, b: Floats, y: Floats) -> Floats:
    rise = np.where(b[:, 1] > a[:, 1], b[:, 1] - a[:, 1], 1.0)
    return np.asarray(a[:, 0] + (y - a[:, 1]) * ((b[:, 0] - a[:, 0]) / rise))


def _interpolated(screen: Floats, triangles: Ints, fields: Floats, numbers: Ints, places: Floats) -> Floats:
    """Return fields of the vertices, shape (v, k), at places (n, 2) in given triangles (n,), shape (n, k)."""
    used, local = np.unique(numbers, return_inverse=True)
    corner = triangles[used]
    base = screen[corner[:, 0], :2]
    (ax, ay), (bx, by) = ((screen[corner[:, k], :2] - base).T[..., None] for k in (1, 2))
    one, two = (fields[corner[:, k]] - fields[corner[:, 0]] for k in (1, 2))
    area = ax * by - ay * bx
    area = np.where(area == 0.0, 1.0, area)
    size = fields.shape[1]
    table = np.column_stack([fields[corner[:, 0]], (by * one - ay * two) / area, (ax * two - bx * one) / area])
    own = table[local]
    x, y = (places - base[local]).T[..., None]
    return np.asarray(own[:, :size] + x * own[:, size : 2 * size] + y * own[:, 2 * size :])
