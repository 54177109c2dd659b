"""Outlines of regions in a meridian plane (r, z), and the list of painted regions that makes a section.

A section is painted, not assembled: regions are laid down in order and a later one covers what stands
below it, as a draughtsman would colour a cross-section. Shapes may therefore overlap freely.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]

VOID = "void"
"""Name of a painted region that removes material."""


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
    """

    name: str
    outline: Outline


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


def _corners(outline: Outline) -> tuple[Point, ...]:
    if isinstance(outline, Polygon):
        return outline.corners
    low = max(outline.centre - outline.radius, outline.below)
    high = min(outline.centre + outline.radius, outline.above)
    return ((0.0, low), (outline.radius, outline.centre), (0.0, high))
