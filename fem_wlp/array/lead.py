"""One joint with its interconnect line: from the base region's rim to a pad, and through the first layer to the chip.

The cell's upper part around the base region is unstructured in plan, so that line, pad and opening lie where they lie.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import MeshError
from ..joint.section import JointSection
from ..mesh.outline import Point
from ..mesh.planform import planform
from ..mesh.revolve import Bricks, gathered, revolved, swept, welded_mesh
from ..mesh.solid import SolidMesh
from ..package.model import JointPlace, Package
from ..package.rules import line_end
from .blocks import Fineness, JointQuads, joint_quads

Floats = NDArray[np.float64]

LINE, PAD = "line", "pad"
"""Regions: metal on the first layer beside the base region, and in the first layer's opening."""

WIDEST = math.radians(35)
"""Half the angle that the line may take of the base region's rim [rad]."""

CLEAR = 1.02
"""Least distance of a pad from the axis, in the base region's radius [-]."""

SPACING, GROWTH, LARGEST = 0.04, 0.6, 0.16
"""Elements around the joint: at outlines and the largest as shares of the pitch, growth with the distance [-]."""


@dataclass(frozen=True)
class Lead:
    """A line and the pad at its end, seen from the joint's axis.

    Parameters
    ----------
    direction
        Of the line, from +x [rad].
    half_angle
        Half of what it takes of the base region's rim [rad].
    shapes
        Names and corners of line, metal over the pad, and opening, in painting order [mm].
    """

    direction: float
    half_angle: float
    shapes: tuple[tuple[str, tuple[Point, ...]], ...]


def lead_of(package: Package, section: JointSection) -> Lead | None:
    """Return the line of a lone joint, None where there is none or it ends within the base region.

    Raises
    ------
    MeshError
        E409: a line wider than the base region, or a pad that reaches under it.
    """
    line, pads, base = package.interconnect.line, package.chip.pads, section.base_radius
    if line is None:
        return None
    x, y = line_end(line, JointPlace(1, 1, 0.0, 0.0))
    if pads is None and math.hypot(x, y) <= CLEAR * base:
        return None
    if line.width / 2 > base * math.sin(WIDEST):
        raise MeshError(
            "E409",
            f"a line {line.width * 1e3:.5g} um wide takes too much of the base region's rim "
            f"({base * 2e3:.5g} um across)",
            where="interconnect.line.width",
            hint=f"at most {base * 2e3 * math.sin(WIDEST):.4g} um, or no interconnect.line",
        )
    direction = math.atan2(y, x)
    shapes = [(LINE, _turned(line.width / 2, math.hypot(x, y), direction))]
    if pads is not None:
        centre = pads.place or (x, y)
        nearest = math.hypot(*(max(abs(place) - pads.size / 2, 0.0) for place in centre))
        if nearest < CLEAR * base:
            raise MeshError(
                "E409",
                f"the pad reaches up to {nearest * 1e3:.5g} um from the joint's axis, under the base region "
                f"({base * 1e3:.5g} um)",
                where="chip.pads",
                hint="a longer interconnect.line, or another chip.pads.place",
            )
        shapes += [(LINE, _square(centre, pads.size / 2)), (PAD, _square(centre, pads.opening / 2))]
    return Lead(direction, math.asin(line.width / 2 / base), tuple(shapes))


def _turned(half_width: float, length: float, direction: float) -> tuple[Point, ...]:
    c, s = math.cos(direction), math.sin(direction)
    corners = ((0.0, -half_width), (length, -half_width), (length, half_width), (0.0, half_width))
    return tuple((c * x - s * y, s * x + c * y) for x, y in corners)


def _square(centre: Point, half: float) -> tuple[Point, ...]:
    x, y = centre
    return ((x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half))


def lead_cell(section: JointSection, lead: Lead, half: float, fineness: Fineness) -> SolidMesh:
    """Mesh one joint with its line in a cell of one pitch.

    Parameters
    ----------
    section
        Of the joint.
    lead
        Its line and pad.
    half
        Half the pitch [mm].
    fineness
        Element lengths.

    Raises
    ------
    MeshError
        E401, E407, E409, E410: a cell that cannot be meshed.
    """
    quads = joint_quads(section, half, half, fineness, rim=True)
    angles = _angles(lead, fineness)
    names = (*quads.mesh.names, LINE, PAD)
    parts = [revolved(quads.mesh, angles), *_coats(quads, names, lead, half, fineness, angles)]
    bricks = gathered(*parts)
    kept = [name for number, name in enumerate(names) if number < len(quads.mesh.names) or number in bricks.regions]
    return welded_mesh(bricks, tuple(kept), 0)


def _angles(lead: Lead, fineness: Fineness) -> Floats:
    """Nodes around the axis: the line's edges between corners of elements, an even number of them in each third."""
    times = 2 * max(1, round(fineness.around / 16))
    quarter = np.pi / 4
    corners = [lead.direction - quarter]
    for turn in range(4):
        half = lead.half_angle if turn == 0 else quarter / 3
        for start, end in ((-quarter, -half), (-half, half), (half, quarter)):
            corners += list(lead.direction + 2 * quarter * turn + np.linspace(start, end, times + 1)[1:])
    faces = np.array(corners)
    nodes = np.empty(2 * len(faces) - 2)
    nodes[::2], nodes[1::2] = faces[:-1], (faces[:-1] + faces[1:]) / 2
    return nodes


def _coats(
    quads: JointQuads, names: tuple[str, ...], lead: Lead, half: float, fineness: Fineness, angles: Floats
) -> list[Bricks]:
    """Elements from the joint to the cell's sides: chip and layers with the line in them, and the board."""
    finer = 8 / fineness.around
    lengths = (2 * half * SPACING * finer, GROWTH, 2 * half * LARGEST * finer)
    box = (half, half, half, half)
    plan, found = planform(angles, quads.upper.radius, box, lead.shapes, *lengths)
    regions = np.repeat(quads.upper.regions(names)[:, None], len(plan), axis=1)
    metal, opening = np.array([name != "" for name in found]), np.array([name == PAD for name in found])
    for number, level in enumerate(quads.upper.levels):
        if level == "base_region":
            regions[number, metal] = names.index(LINE)
        elif level == "first_layer":
            regions[number, opening] = names.index(PAD)
    below, _ = planform(angles, quads.lower.radius, box, (), *lengths)
    return [swept(plan, quads.upper.heights, regions), swept(below, quads.lower.heights, quads.lower.regions(names))]
