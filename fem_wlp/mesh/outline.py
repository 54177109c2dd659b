"""Outlines of regions in a meridian plane (r, z), and the list of painted regions that makes a section.

A section is painted, not assembled: regions are laid down in order and a later one covers what stands
below it, as a draughtsman would colour a cross-section. Shapes may therefore overlap freely.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..errors import MeshError

Point = tuple[float, float]

VOID = "void"
"""Name of a painted region that removes material."""

SMALLEST = 1e-9
"""Lengths below this share of an outline's size are round-off [-]."""


@dataclass(frozen=True)
class Polygon:
    """Region bounded by straight lines.

    Parameters
    ----------
    corners
        Corners (r, z) [mm] in order, either sense; r >= 0.
    """

    corners: tuple[Point, ...]


@dataclass(frozen=True)
class HalfDisc:
    """Right half of a disc centred on the axis: the meridian section of a sphere.

    Parameters
    ----------
    centre
        Height z of the centre [mm].
    radius
        Radius [mm].
    below, above
        The disc is cut off below and above these heights [mm].
    """

    centre: float
    radius: float
    below: float = -math.inf
    above: float = math.inf


Outline = Polygon | HalfDisc


@dataclass(frozen=True)
class Painted:
    """One named region of a section.

    Parameters
    ----------
    name
        Name of the region; several outlines may carry the same one. ``VOID`` removes material.
    outline
        Its shape before anything painted later covers part of it.
    material
        What it is made of; regions of the same material have no singular corner between them. Empty: its own.
    """

    name: str
    outline: Outline
    material: str = ""


def rectangle(r: tuple[float, float], z: tuple[float, float]) -> Polygon:
    """Return the rectangle r[0] <= r <= r[1], z[0] <= z <= z[1] [mm].

    Examples
    --------
    >>> rectangle(r=(0.0, 0.2), z=(0.0, 0.1)).corners
    ((0.0, 0.0), (0.2, 0.0), (0.2, 0.1), (0.0, 0.1))
    """
    return Polygon(((r[0], z[0]), (r[1], z[0]), (r[1], z[1]), (r[0], z[1])))


def extent(painting: Sequence[Painted]) -> float:
    """Return the largest dimension of a painting [mm]."""
    r, z = zip(*(corner for item in painting for corner in _corners(item.outline)), strict=True)
    return float(max(max(r), max(z) - min(z)))


def heights(painting: Sequence[Painted]) -> tuple[float, float]:
    """Return the lowest and the highest z of what is painted, voids left out [mm]."""
    z = [corner[1] for item in painting if item.name != VOID for corner in _corners(item.outline)]
    return min(z), max(z)


def checked(painting: Sequence[Painted]) -> tuple[Painted, ...]:
    """Return the painting with the corners of polygons counter-clockwise and without repetition.

    Raises
    ------
    MeshError
        E406: an outline that bounds no area, crosses itself or the axis, or has a corner that is not finite; nothing
        painted at all.
    """
    if not any(item.name != VOID for item in painting):
        raise MeshError("E406", "there is no region in this section", hint="paint at least one that is no void")
    return tuple(replace(item, outline=_checked_outline(item)) for item in painting)


def scaled(item: Painted, factor: float) -> Painted:
    """Return the region with all lengths times ``factor`` [-]."""
    outline = item.outline
    if isinstance(outline, Polygon):
        return replace(item, outline=Polygon(tuple((factor * r, factor * z) for r, z in outline.corners)))
    sizes = {name: factor * value for name, value in vars(outline).items()}
    return replace(item, outline=replace(outline, **sizes))


def _checked_outline(item: Painted) -> Outline:
    outline = item.outline
    fault = _disc_fault(outline) if isinstance(outline, HalfDisc) else _polygon_fault(outline)
    if fault:
        raise MeshError("E406", f"the outline of region {item.name!r} {fault}", hint="corners are (r, z) with r >= 0")
    if isinstance(outline, HalfDisc):
        return outline
    corners = _distinct(outline.corners)
    return Polygon(tuple(corners if _area(corners) > 0 else reversed(corners)))


def _disc_fault(disc: HalfDisc) -> str:
    if not (math.isfinite(disc.centre) and math.isfinite(disc.radius) and disc.radius > 0):
        return "has no finite centre and positive radius"
    low, high = _span(disc)
    return "" if high - low > SMALLEST * disc.radius else "is cut off completely"


def _polygon_fault(polygon: Polygon) -> str:
    if not all(math.isfinite(value) for corner in polygon.corners for value in corner):
        return "has a corner that is not finite"
    corners = _distinct(polygon.corners)
    size = max((abs(value) for corner in corners for value in corner), default=0.0)
    if min((r for r, _ in corners), default=0.0) < -SMALLEST * size:
        return "crosses the axis"
    if len(corners) < 3 or abs(_area(corners)) < SMALLEST * size**2 * SMALLEST:
        return "bounds no area"
    return "crosses itself" if _crosses_itself(corners) else ""


def _distinct(corners: Sequence[Point]) -> list[Point]:
    """Leave out corners that repeat the one before, and round-off beyond the axis."""
    near = SMALLEST * max((abs(value) for corner in corners for value in corner), default=0.0)
    kept: list[Point] = []
    for r, z in corners:
        if not kept or math.dist((r, z), kept[-1]) > near:
            kept.append((r if abs(r) > near else 0.0, z))
    return kept[:-1] if len(kept) > 1 and math.dist(kept[0], kept[-1]) <= near else kept


def _area(corners: Sequence[Point]) -> float:
    following = [*corners[1:], corners[0]]
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, following, strict=True)) / 2.0


def _crosses_itself(corners: Sequence[Point]) -> bool:
    edges = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    return any(
        _side(*one, other[0]) * _side(*one, other[1]) < 0 and _side(*other, one[0]) * _side(*other, one[1]) < 0
        for number, one in enumerate(edges)
        for other in edges[:number]
    )


def _side(start: Point, end: Point, point: Point) -> float:
    """Twice the signed area of a triangle: on which side of a line a point lies."""
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def _span(disc: HalfDisc) -> tuple[float, float]:
    return max(disc.centre - disc.radius, disc.below), min(disc.centre + disc.radius, disc.above)


def _corners(outline: Outline) -> tuple[Point, ...]:
    if isinstance(outline, Polygon):
        return outline.corners
    low, high = _span(outline)
    widest = min(max(outline.centre, low), high)
    return ((0.0, low), (math.sqrt(max(outline.radius**2 - (widest - outline.centre) ** 2, 0.0)), widest), (0.0, high))
