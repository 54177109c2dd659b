"""The meridian section of a joint as blocks of nine-node quadrilaterals.

Above the ball stands a stack of rectangles (cylinder, base region, layers, chip), below it another (land, board); their
columns run through all levels, and into the ball.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..joint.section import CHIP_DEPTH, JointSection
from ..mesh.outline import VOID
from ..mesh.quads import QuadMesh, Sizes, block, joined, straight, with_middles
from .ball import Ball, Blocks, ball_blocks, ball_of, matched
from .lines import Lines, lines_above, lines_below

Floats = NDArray[np.float64]

BLUNT = 0.7
"""Fineness of a package up to which its elements at singular lines are no shorter than the others ask for [-]."""


@dataclass(frozen=True)
class Fineness:
    """How fine a three-dimensional mesh is; lengths as shares of the pitch.

    Parameters
    ----------
    around
        Elements around a joint, a multiple of 8 [-].
    tip
        Length of elements at singular lines [-].
    growth
        Growth of the length with the distance from them [-].
    largest
        Longest elements of a joint [-].
    deeper
        Elements are so many times as small where a ball bears on a layer by the rim of its opening [-].
    """

    around: int = 8
    tip: float = 0.01
    growth: float = 1.4
    largest: float = 0.3
    deeper: float = 1.0

    @classmethod
    def of(cls, fineness: float, finer: float = 1.0) -> Fineness:
        """Return the element sizes of a package's fineness: sharper at singular lines from `BLUNT` to 1.

        Coarse meshes are blunt there: what the rest of them misses is more than is gained.

        Parameters
        ----------
        fineness
            Of the package, 1 for its default mesh [-].
        finer
            Lengths of that mesh are divided by it, at singular lines by its square; as sharp as it is [-].
        """
        sharp = min(max(fineness / BLUNT, 1.0), 1.0 / BLUNT)
        plain, sharper = cls().refined(fineness * finer), cls().refined(fineness * finer * sharp)
        return replace(plain, tip=sharper.tip, growth=sharper.growth)

    def refined(self, factor: float) -> Fineness:
        """Return a fineness with lengths divided by ``factor`` away from, and by its square at, singular lines."""
        around = 8 * max(1, round(self.around * factor / 8))
        return replace(
            self,
            around=around,
            tip=self.tip / factor**2,
            growth=self.growth / factor,
            largest=self.largest / factor,
        )

    def uniform(self, factor: float) -> Fineness:
        """Return a fineness without grading, lengths ``largest / factor`` everywhere."""
        around = 8 * max(1, round(self.around * factor / 8))
        return replace(self, around=around, tip=self.largest / factor, growth=0.0, largest=self.largest / factor)


@dataclass(frozen=True)
class Wall:
    """The outer face of a stack, from which the square coat goes on.

    Parameters
    ----------
    radius
        Of the face [mm].
    heights
        Corners and middles of its elements, shape (2k+1,) [mm].
    names
        Region outside of each element, k of them; VOID where there is none.
    levels
        Region on the axis at the level of each element, k of them.
    outermost
        Radius of the outermost singular line inside [mm].
    """

    radius: float
    heights: Floats
    names: tuple[str, ...]
    levels: tuple[str, ...]
    outermost: float

    def regions(self, names: tuple[str, ...]) -> NDArray[np.int64]:
        """Return the index of each element's region among names, -1 where there is none."""
        return np.array([-1 if name == VOID else names.index(name) for name in self.names], dtype=np.int64)


@dataclass(frozen=True)
class JointQuads:
    """The section of a joint as quadrilaterals, with the faces at which the cell goes on.

    Parameters
    ----------
    mesh
        The quadrilaterals.
    upper, lower
        Outer faces of the stacks above and below the ball.
    sizes
        Element lengths that it was made with.
    """

    mesh: QuadMesh
    upper: Wall
    lower: Wall
    sizes: Sizes


def joint_quads(
    section: JointSection, upper_side: float, lower_side: float, fineness: Fineness, rim: bool = False
) -> JointQuads:
    """Cover the section of a joint with quadrilaterals.

    Parameters
    ----------
    section
        Of the joint.
    upper_side, lower_side
        Least distances from the joint's axis to a side of its cell of chip and board [mm].
    fineness
        Element lengths.
    rim
        Whether the upper stack ends at the base region's rim, so that what goes on need not be round.

    Raises
    ------
    MeshError
        E410: no room between the joint and the side of its cell. E409: with ``rim``, an opening wider than the base
        region.
    """
    pitch = section.radius * math.sqrt(math.pi)
    tip = fineness.tip * pitch
    sizes = Sizes(tip, fineness.growth, fineness.largest * pitch, tip / fineness.deeper)
    ball = ball_of(section)
    above = lines_above(section, ball.top.cuts, upper_side, rim)
    below = lines_below(section, ball.bottom.cuts, lower_side)
    above, below, shells = matched(sizes, ball, above, below)
    radii = [lines.breaks(sizes)[: lines.place("contact") + 1] for lines in (above, below)]
    blocks, cap = ball_blocks(section, ball, sizes, fineness.around, shells, above.at_contact(radii[0]), radii[1])
    upper_blocks, upper = _stack_above(section, ball, sizes, above, cap)
    lower_blocks, lower = _stack_below(section, sizes, below)
    mesh = joined([*blocks, *upper_blocks, *lower_blocks], section.names)
    return JointQuads(mesh, upper, lower, sizes)


def _stack_above(section: JointSection, ball: Ball, sizes: Sizes, lines: Lines, cap: Floats) -> tuple[Blocks, Wall]:
    """Return the blocks from the free end (or the base region) to the chip's back, and their outer face."""
    levels = section.levels
    radii = lines.breaks(sizes)
    base, last = lines.place("base"), len(radii) - 1
    layer = "second_layer" if "second_layer" in section.names else VOID
    faces = (levels.base_region, levels.first_layer, levels.chip)
    disc = levels.chip + min(CHIP_DEPTH, (levels.chip_top - levels.chip) / 2)
    rows = [
        (levels.base_region, levels.first_layer, [(0, base, "base_region"), (base, last, layer)]),
        (levels.first_layer, levels.chip, [(0, last, "first_layer")]),
        (levels.chip, disc, [(0, last, "chip")]),
        (disc, levels.chip_top, [(0, last, "chip")]),
    ]
    outside = [layer, "first_layer", "chip", "chip"]
    inside = ["base_region", *outside[1:]]
    heights = [sizes.levels(low, high, faces) for low, high, _ in rows]
    blocks: Blocks = []
    for places, (_, _, parts) in zip(heights, rows, strict=True):
        blocks += [(_rectangle(radii[a : b + 1], places), [name]) for a, b, name in parts if b > a and name != VOID]
    if "cylinder" in section.names:
        ends = (levels.free_end, levels.base_region)
        heights = [sizes.levels(*ends, ends, ends[:1]), *heights]
        outside, inside = [layer, *outside], ["cylinder", *inside]
        shares = (heights[0] - ends[0]) / (ends[1] - ends[0])
        low, high = _flat(lines.at_contact(radii), ends[0]), _flat(radii, ends[1])
        cylinder, opening = lines.place("cylinder"), lines.place("opening")
        pieces = [(0, cylinder, "cylinder"), (opening, last, "second_layer")]
        if ball.dips:
            covered = len(cap) // 2
            low[: len(cap)] = cap
            pieces = [(0, covered, "cylinder"), (covered, cylinder, "cylinder"), *pieces[1:]]
        for a, b, name in pieces:
            if b > a:
                left, right = (straight(tuple(low[2 * k]), tuple(high[2 * k]), shares) for k in (a, b))
                grid = block(left, right, low[2 * a : 2 * b + 1], high[2 * a : 2 * b + 1])
                blocks.append((grid, [name]))
    levels_of_wall = np.concatenate([heights[0], *(places[1:] for places in heights[1:])])
    names, at_axis = (
        tuple(name for name, places in zip(column, heights, strict=True) for _ in places[1:])
        for column in (outside, inside)
    )
    return blocks, Wall(float(radii[-1]), with_middles(levels_of_wall), names, at_axis, float(lines.radii[-2]))


def _stack_below(section: JointSection, sizes: Sizes, lines: Lines) -> tuple[Blocks, Wall]:
    """Return the blocks of land and board, and the board's outer face."""
    levels = section.levels
    radii = lines.breaks(sizes)
    land = sizes.levels(0.0, levels.land, (0.0, levels.land))
    board = sizes.levels(levels.board_bottom, 0.0, (0.0,))
    blocks: Blocks = [
        (_rectangle(radii[: lines.place("land") + 1], land), ["land"]),
        (_rectangle(radii, board), ["board"]),
    ]
    names = ("board",) * (len(board) - 1)
    return blocks, Wall(float(radii[-1]), with_middles(board), names, names, float(lines.radii[-2]))


def _rectangle(radii: Floats, heights: Floats) -> Floats:
    shares = (heights - heights[0]) / (heights[-1] - heights[0])
    left, right = (straight((r, heights[0]), (r, heights[-1]), shares) for r in (radii[0], radii[-1]))
    return block(left, right, _flat(radii, heights[0]), _flat(radii, heights[-1]))


def _flat(radii: Floats, height: float) -> Floats:
    r = with_middles(radii)
    return np.column_stack([r, np.full(len(r), height)])
