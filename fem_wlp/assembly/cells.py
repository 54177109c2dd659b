"""Where joints hold the plates: cells of the array, their mirror images, and what no joint covers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from fem_wlp.errors import ConfigError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

COINCIDENT = 1e-6
"""Places nearer than this share of the array's extent are one place [-]."""


@dataclass(frozen=True)
class Symmetry:
    """Mirror planes through the chip's centre.

    Parameters
    ----------
    x
        The plane x = 0 is a mirror.
    y
        The plane y = 0 is a mirror.
    """

    x: bool
    y: bool

    def __str__(self) -> str:
        planes = [name for name, mirror in (("x = 0", self.x), ("y = 0", self.y)) if mirror]
        return " and ".join(planes) if planes else "no mirror plane"


@dataclass(frozen=True)
class Orbits:
    """Cells that are mirror images of each other, and the one that stands for them.

    Parameters
    ----------
    first
        (s,) index of the cell that stands for each orbit.
    orbit
        (n,) orbit of each cell.
    sign
        (n, 2) -1 where a cell is the image of its orbit's first cell in the plane x = 0 (y = 0), else +1 [-].
    size
        (s,) number of cells in each orbit [-].
    """

    first: IntArray
    orbit: IntArray
    sign: FloatArray
    size: FloatArray


def symmetry_of(places: npt.ArrayLike) -> Symmetry:
    """Return the mirror planes through the chip's centre that a map of joints has.

    Parameters
    ----------
    places
        (n, 2) joints' axes from the chip's centre [mm].

    Examples
    --------
    >>> symmetry_of([[-0.5, 0.0], [0.5, 0.0]])
    Symmetry(x=True, y=True)
    >>> symmetry_of([[-0.5, 0.5], [0.5, 0.5]])
    Symmetry(x=True, y=False)
    """
    r = np.asarray(places, dtype=float)
    tolerance = COINCIDENT * np.abs(r).max(initial=0.0)

    def mirrored(flip: tuple[float, float]) -> bool:
        gaps = np.abs(r[:, None, :] - (r * flip)[None, :, :]).max(axis=2)
        return bool(np.all(gaps.min(axis=1) <= tolerance))

    return Symmetry(x=mirrored((-1.0, 1.0)), y=mirrored((1.0, -1.0)))


def orbits_of(cells: FloatArray, symmetry: Symmetry) -> Orbits:
    """Gather cells into orbits under the mirrors of `symmetry`.

    Parameters
    ----------
    cells
        (n, 4) x0, x1, y0, y1 of each cell [mm].
    symmetry
        Mirrors to use; each cell must have its images among the cells.

    Raises
    ------
    ConfigError
        G138 where an image is missing.
    """
    centres = centres_of(cells)
    tolerance = COINCIDENT * np.abs(cells).max(initial=0.0)
    mirror = np.array([symmetry.x, symmetry.y])
    sign = np.where(mirror & (centres < -tolerance), -1.0, 1.0)
    folded = centres * sign
    order = np.argsort(-sign.sum(axis=1), kind="stable")
    gaps = np.abs(folded[:, None, :] - folded[None, order, :]).max(axis=2, initial=0.0)
    leader = order[np.argmin(gaps > tolerance, axis=1)] if len(cells) else order
    firsts, orbit, size = np.unique(leader, return_inverse=True, return_counts=True)
    expected = np.where(mirror & (centres[firsts] > tolerance), 2.0, 1.0).prod(axis=1)
    if np.any(sign[firsts] < 0) or np.any(size != expected):
        raise ConfigError(
            "G138",
            f"the map of joints is not its own image in the mirror plane {symmetry}",
            hint=f"it has {symmetry_of(centres)}; use that symmetry, or none",
        )
    return Orbits(first=firsts, orbit=orbit, sign=sign, size=size.astype(float))


def centres_of(cells: FloatArray) -> FloatArray:
    """Return the (n, 2) centres of rectangles x0, x1, y0, y1 [mm]."""
    return np.column_stack([cells[:, :2].mean(axis=1), cells[:, 2:].mean(axis=1)])


def areas_of(cells: FloatArray) -> FloatArray:
    """Return the (n,) areas of rectangles x0, x1, y0, y1 [mm²]."""
    areas: FloatArray = (cells[:, 1] - cells[:, 0]) * (cells[:, 3] - cells[:, 2])
    return areas


def joint_cells(outline: tuple[float, float], places: FloatArray, pitch: float) -> FloatArray:
    """Return the plate cell round each joint, pitch × pitch, or narrower where the plate ends sooner.

    The cell keeps the joint's axis in its middle, so that its means are those of the axis in every linear field.

    Parameters
    ----------
    outline
        Width and length of the plate, centred on the origin [mm].
    places
        (n, 2) joints' axes [mm].
    pitch
        Distance of neighbouring joints [mm].

    Returns
    -------
    ndarray
        (n, 4) x0, x1, y0, y1 [mm].

    Raises
    ------
    ConfigError
        G135 where a joint's axis is not inside the plate, G130 where two cells overlap.
    """
    half = np.array(outline) / 2
    room = half - np.abs(places)
    if np.any(room <= COINCIDENT * half.max()):
        worst = int(np.argmin(room.min(axis=1)))
        raise ConfigError(
            "G135",
            f"the joint at ({places[worst, 0]:g}, {places[worst, 1]:g}) mm is not inside the plate's outline",
            hint="every joint stands inside both plates: move it, or make the plate larger",
        )
    gaps = np.abs(places[:, None, :] - places[None, :, :]).max(axis=2) + np.where(np.eye(len(places)) > 0, np.inf, 0.0)
    if gaps.min(initial=np.inf) < pitch * (1 - COINCIDENT):
        raise ConfigError(
            "G130",
            f"two joints are nearer to each other than the pitch of {pitch:g} mm",
            hint="places of joints are at least one pitch apart",
        )
    reach = np.minimum(room, pitch / 2)
    return np.column_stack([places[:, 0] - reach[:, 0], places[:, 0] + reach[:, 0],
                            places[:, 1] - reach[:, 1], places[:, 1] + reach[:, 1]])  # fmt: skip


def bare_cells(outline: tuple[float, float], cells: FloatArray) -> FloatArray:
    """Return the rectangles of a plate that no joint's cell covers: margins, and sites without a joint.

    Parameters
    ----------
    outline
        Width and length of the plate, centred on the origin [mm].
    cells
        (n, 4) cells of the joints, from `joint_cells` [mm].

    Returns
    -------
    ndarray
        (m, 4) x0, x1, y0, y1 [mm]; with the cells they tile the plate.
    """
    x, y = (
        distinct(np.concatenate([[-side / 2, side / 2], *(sign * cells[:, k : k + 2].ravel() for sign in (-1, 1))]))
        for side, k in zip(outline, (0, 2), strict=True)
    )
    tiles = np.array([(x0, x1, y0, y1) for x0, x1 in pairwise(x) for y0, y1 in pairwise(y)])
    mx, my = centres_of(tiles).T[:, :, None]
    x0, x1, y0, y1 = cells.T
    covered = ((mx > x0) & (mx < x1) & (my > y0) & (my < y1)).any(axis=1)
    bare: FloatArray = tiles[~covered]
    return bare


def distinct(values: FloatArray) -> FloatArray:
    """Return sorted values, those nearer than `COINCIDENT` of the extent taken as one."""
    ordered = np.sort(values)
    apart = np.diff(ordered) > COINCIDENT * np.abs(ordered).max()
    kept: FloatArray = ordered[np.concatenate([[True], apart])]
    return kept


def edge_factors(places: npt.ArrayLike, outline: tuple[float, float], pitch: float, decay: float) -> FloatArray:
    """Return how much of a free edge's load each joint takes on its sides +x, -x, +y, -y.

    1 where the chip ends half a pitch or less from the joint's axis; farther out the edge's load dies away as the
    shear lag of the layer does, exp(-distance / decay).

    Parameters
    ----------
    places
        (n, 2) joints' axes from the chip's centre [mm].
    outline
        Width and length of the chip [mm].
    pitch
        Distance of neighbouring joints [mm].
    decay
        Distance on which an edge's load falls to 1/e, of the order of the layer's thickness [mm].

    Returns
    -------
    ndarray
        (n, 4) factors [-].
    """
    r = np.asarray(places, dtype=float)
    half = np.array(outline) / 2
    distance = np.column_stack([half[0] - r[:, 0], half[0] + r[:, 0], half[1] - r[:, 1], half[1] + r[:, 1]])
    factors: FloatArray = np.exp(-np.maximum(distance - pitch / 2, 0.0) / decay)
    return factors


def sides_of(edges: FloatArray) -> FloatArray:
    """Return free sides facing +x less those facing -x, likewise in y, (..., 4) to (..., 2) [-]."""
    return np.asarray(edges[..., [0, 2]] - edges[..., [1, 3]])
