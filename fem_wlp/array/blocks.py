"""The meridian section of a joint as blocks of nine-node quadrilaterals.

Above the ball stands a stack of rectangles (cylinder, base region, layers, chip), below it another (land, board); their
columns run through all levels. The ball between is cut by its contact planes, or a whole sphere that stands on its
bond lines: then the core has a block on the axis, one outside and one under each cap, and coats lie around as rings.
On either side, a part of the shells may be whole and the others cut by the plane.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..errors import MeshError
from ..joint.section import CHIP_DEPTH, RING_WIDTH, JointSection
from ..mesh.outline import VOID, HalfDisc, Painted, Polygon
from ..mesh.quads import QuadMesh, Sizes, block, joined, straight, whole_numbers, with_middles

Floats = NDArray[np.float64]

HEART = 0.5
"""Radius of the heart, whose planform is a square, as a share of the first line's around it [-]."""

INNER = 0.5
"""Size of the core's inner block, as a share of the core's radius [-]."""

WALL = 0.4
"""How far from the outermost line towards the cell's side rings give way to the square coat [-]."""

NARROWEST = 0.02
"""Least distance from the outermost line to the cell's side, as a share of the latter's [-]."""

SAME = 1e-6
"""Lines nearer than this share of the cell's radius are one [-]."""


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
    """

    around: int = 8
    tip: float = 0.01
    growth: float = 1.4
    largest: float = 0.3

    def refined(self, factor: float) -> Fineness:
        """Return a fineness with lengths divided by ``factor`` away from, and by its square at, singular lines."""
        around = 8 * max(1, round(self.around * factor / 8))
        return Fineness(around, self.tip / factor**2, self.growth / factor, self.largest / factor)

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
        Region of each element, k of them.
    outermost
        Radius of the outermost singular line inside [mm].
    """

    radius: float
    heights: Floats
    names: tuple[str, ...]
    outermost: float


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


Blocks = list[tuple[Floats, Sequence[str]]]


def joint_quads(section: JointSection, upper_side: float, lower_side: float, fineness: Fineness) -> JointQuads:
    """Cover the section of a joint with quadrilaterals.

    Parameters
    ----------
    section
        Of the joint.
    upper_side, lower_side
        Least distances from the joint's axis to a side of its cell of chip and board [mm].
    fineness
        Element lengths.

    Raises
    ------
    MeshError
        E409: a ball that dips into the cylinder, or several coats that melt. E410: no room between the joint and the
        side of its cell.
    """
    pitch = section.radius * math.sqrt(math.pi)
    sizes = Sizes(fineness.tip * pitch, fineness.growth, fineness.largest * pitch)
    ball = _ball(section)
    above = _lines_above(section, ball.top, upper_side)
    below = _lines_below(section, ball.bottom, lower_side)
    below, above, shells = _matched(sizes, ball, above, below)
    top = above.at_end(above.breaks(sizes))[: above.index(above.cuts[-1]) + 1]
    bottom = below.breaks(sizes)[: below.index(below.cuts[-1]) + 1]
    blocks = _ball_blocks(section, ball, sizes, fineness.around, shells, bottom, top)
    upper_blocks, upper = _stack_above(section, sizes, above)
    lower_blocks, lower = _stack_below(section, sizes, below)
    mesh = joined([*blocks, *upper_blocks, *lower_blocks], section.names)
    return JointQuads(mesh, upper, lower, sizes)


# --- lines: radii at which columns of elements begin and end ----------------------------------------------------------


@dataclass(frozen=True)
class _Lines:
    """Radii of columns through a stack; the first is the axis, the second the heart's, the last the wall."""

    radii: Floats
    singular: tuple[float, ...]
    cuts: tuple[int, ...]  # lines at which the ball's shells end on the contact plane
    marks: dict[str, int]  # lines by name
    knots: Floats  # radii where the columns are straight, and what becomes of them at the free end, shape (2, k)
    counts: tuple[int, ...] = ()

    def counted(self, sizes: Sizes, totals: Sequence[int]) -> _Lines:
        """Return the lines with the elements between them; ``totals`` are the least numbers up to each cut."""
        wanted = sizes.wanted(list(self.radii), self.singular)
        counts = [1]
        starts, ends = [1, *self.cuts], [*self.cuts, len(self.radii) - 1]
        for start, end, total in zip(starts, ends, [totals[0] - 1, *totals[1:], 0], strict=True):
            counts += whole_numbers(wanted[start:end], total)
        return replace(self, counts=tuple(counts))

    def totals(self) -> list[int]:
        """Elements from cut to cut, the first from the axis."""
        return [sum(self.counts[a:b]) for a, b in pairwise([0, *self.cuts])]

    def index(self, line: int) -> int:
        """Number of elements from the axis to a line."""
        return sum(self.counts[:line])

    def breaks(self, sizes: Sizes) -> Floats:
        """Radii of all faces between elements."""
        return sizes.breaks(list(self.radii), self.singular, self.counts)

    def at_end(self, radii: Floats) -> Floats:
        """Return the radii of columns at the ball's contact plane."""
        return np.asarray(np.interp(radii, self.knots[0], self.knots[1]))


def _lines_above(section: JointSection, side: _Side, half: float) -> _Lines:
    """Lines at the base region and above; the cylinder's part may taper towards the free end."""
    near = SAME * section.radius
    base, ring = section.base_radius, section.base_radius - RING_WIDTH
    marks = {"base": base}
    knots = [(0.0, 0.0)]
    outermost = max(base, side.cuts[-1])
    if "cylinder" in section.names:
        at_base, at_end = section.cylinder_radii
        opening_base, opening_end = _opening(section)
        if near < ring < at_base - near and side.cuts[-1] < at_end - near:
            knots.append((ring, side.cuts[-1]))  # one line serves both
        knots.append((at_base, at_end))
        if opening_base > at_base + near:
            knots.append((opening_base, opening_end))
        marks |= {"cylinder": at_base, "opening": opening_base}
        outermost = max(outermost, opening_end)
    wall = _wall(section, outermost, half, "chip")
    knots.append((wall, wall))
    straight_radii, end_radii = (np.array(column) for column in zip(*knots, strict=True))
    cuts = [float(np.interp(cut, end_radii, straight_radii)) for cut in side.cuts]
    radii = _distinct([*straight_radii, *marks.values(), *cuts] + ([ring] if ring > near else []), near)
    singular = (*marks.values(), cuts[-1])
    return _lines(radii, singular, cuts, marks, np.stack([straight_radii, end_radii]))


def _lines_below(section: JointSection, side: _Side, half: float) -> _Lines:
    land = section.land_radius
    wall = _wall(section, land, half, "board")
    radii = _distinct([0.0, *side.cuts, land, wall], SAME * section.radius)
    return _lines(radii, (side.cuts[-1], land), side.cuts, {"land": land}, np.array([[0.0, wall]] * 2))


def _lines(
    radii: Floats, singular: tuple[float, ...], cuts: Sequence[float], marks: dict[str, float], knots: Floats
) -> _Lines:
    radii = np.insert(radii, 1, HEART * radii[1])

    def find(radius: float) -> int:
        return int(np.argmin(np.abs(radii - radius)))

    found = {name: find(radius) for name, radius in marks.items()}
    return _Lines(radii, singular, tuple(find(cut) for cut in cuts), found, knots)


def _distinct(radii: Sequence[float], near: float) -> Floats:
    ordered = np.sort(np.asarray(radii))
    return np.asarray(ordered[np.concatenate([[True], np.diff(ordered) > near])])


def _opening(section: JointSection) -> tuple[float, float]:
    """Radii of the opening at the base region and at the free end [mm]."""
    for item in section.painting:
        if item.name == VOID and isinstance(item.outline, Polygon):
            (_, _), (at_end, _), (at_base, _), (_, _) = item.outline.corners
            return at_base, at_end
    return section.cylinder_radii


def _wall(section: JointSection, outermost: float, half: float, what: str) -> float:
    if half - outermost < NARROWEST * half:
        raise MeshError(
            "E410",
            f"the joint reaches {outermost * 1e3:.5g} um from its axis, its cell of the {what} ends after "
            f"{half * 1e3:.5g} um: no room for elements between",
            where=what,
            hint=f"a wider {what} or pitch, a narrower base region, opening or land",
        )
    return outermost + WALL * (half - outermost)


# --- the ball ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Side:
    """One side of the ball. Angles are counted from the axis on this side."""

    distance: float  # from the centre to the contact plane
    whole: int  # so many spheres, from inside, do not reach the plane
    cuts: tuple[float, ...]  # radii at which shells end on the plane
    meeting: float | None  # angle at which a fillet meets the outermost sphere
    fillet: str

    @property
    def diagonal(self) -> float:
        """Angle at which caps end and the outer blocks begin."""
        if self.meeting is not None and self.fillet:
            return self.meeting
        return math.atan2(self.cuts[0], self.distance)


@dataclass(frozen=True)
class _Ball:
    centre: float
    radii: tuple[float, ...]
    names: tuple[str, ...]
    bottom: _Side
    top: _Side
    painting: tuple[Painted, ...]


def _ball(section: JointSection) -> _Ball:
    levels = section.levels
    discs = [(item.outline.radius, item) for item in section.painting if isinstance(item.outline, HalfDisc)]
    discs.sort(key=lambda pair: pair[0])
    radii = tuple(radius for radius, _ in discs)
    top = levels.free_end - levels.ball_centre
    outline = discs[-1][1].outline
    assert isinstance(outline, HalfDisc)
    if math.isinf(outline.above) and radii[-1] > top + SAME * section.radius:
        raise MeshError(
            "E409",
            "the three-dimensional model does not know a ball that dips into its cylinder",
            where="ball.cylinder_side.dip",
            hint='let the ball stand on its bond line (without dip), or take model.kind = "2d"',
        )
    return _Ball(
        levels.ball_centre,
        radii,
        tuple(item.name for _, item in discs),
        _side(section, discs, "land_fillet", levels.ball_centre - levels.land),
        _side(section, discs, "cylinder_fillet", top),
        section.painting,
    )


def _side(section: JointSection, discs: list[tuple[float, Painted]], fillet: str, distance: float) -> _Side:
    near = SAME * section.radius
    free = sum(radius < distance - near for radius, _ in discs)
    cone = next((item for item in section.painting if item.name == fillet), None)
    if cone is None:
        cuts = tuple(math.sqrt(radius**2 - distance**2) for radius, _ in discs[free:])
        return _Side(distance, free, cuts, None, "")
    assert isinstance(cone.outline, Polygon)
    _, (reach, _), (meeting_r, meeting_z), _ = cone.outline.corners
    melted = [item for _, item in discs[free:]]
    if free == 0 or len(melted) > 1 or any(item.material != cone.material for item in melted):
        raise MeshError(
            "E409",
            f"the three-dimensional model knows a melted contact of the outermost coat only, of the fillet's own "
            f"material; here {' and '.join(item.name for item in melted)} of "
            f"{' and '.join(item.material for item in melted)} melt into a fillet of {cone.material}",
            where=f"ball.{fillet.removesuffix('_fillet')}_side",
            hint="one coat that melts, and its material as the fillet's",
        )
    angle = math.atan2(meeting_r, abs(meeting_z - section.levels.ball_centre))
    return _Side(distance, free, (reach,), angle, "" if melted else fillet)


def _matched(sizes: Sizes, ball: _Ball, above: _Lines, below: _Lines) -> tuple[_Lines, _Lines, list[int]]:
    """Count the elements between lines so that the shells' columns agree on both sides; and those across each shell."""
    stations = len(ball.radii)
    none = [1] * stations
    wanted = [lines.counted(sizes, none[: len(lines.cuts)]).totals() for lines in (below, above)]
    sides = (ball.bottom, ball.top)
    inner = (1.0 - INNER) * ball.radii[0]
    thicknesses = [inner, *np.diff(ball.radii)]
    shells = [max(1, round(sizes.divisions(0.0, thickness, ())[0])) for thickness in thicknesses]
    for side, totals in zip(sides, wanted, strict=True):
        for shell, total in zip(range(side.whole + 1, stations), totals[1:], strict=False):
            shells[shell] = max(shells[shell], total)
        if side.whole == stations - 1 and side.meeting is not None:
            shells[-1] = max(shells[-1], 2)
    if all(side.whole == 0 for side in sides):
        columns, shells[0] = max(wanted[0][0], wanted[1][0]), 0
    elif all(side.whole > 0 for side in sides):
        columns = max(wanted[0][0], wanted[1][0])
    else:
        stands, cut = (0, 1) if sides[0].whole > 0 else (1, 0)
        columns = wanted[stands][0]
        shells[0] = max(shells[0], wanted[cut][0] - columns)
    matched = []
    for lines, side in ((below, ball.bottom), (above, ball.top)):
        first = columns + (shells[0] if side.whole == 0 else 0)
        matched.append(lines.counted(sizes, [first, *shells[side.whole + 1 :]][: len(lines.cuts)]))
    return matched[0], matched[1], shells


def _ball_blocks(
    section: JointSection, ball: _Ball, sizes: Sizes, around: int, shells: list[int], below: Floats, above: Floats
) -> Blocks:
    """Blocks of the ball and its fillets between two contact planes with given radii of columns."""
    curves = _arcs(ball, sizes, around)
    bottom = _Half(ball, ball.bottom, -1.0, below, shells)
    top = _Half(ball, ball.top, 1.0, above, shells)
    blocks: Blocks = []
    first = ball.names[0]
    if ball.bottom.whole == 0 and ball.top.whole == 0:
        left = straight(bottom.axis(0), top.axis(0), curves.shares)
        blocks.append((block(left, curves.nodes[0], bottom.end(0), top.end(0)), [first]))
    else:
        left = straight(bottom.inner()[0], top.inner()[0], curves.shares)
        right = straight(bottom.inner()[-1], top.inner()[-1], curves.shares)
        blocks.append((block(left, right, bottom.inner(), top.inner()), [first]))
        blocks.append((block(right, curves.nodes[0], bottom.end(0), top.end(0)), [first]))
        blocks += [(half.cap(0), [first]) for half in (bottom, top) if half.side.whole > 0]
    for shell in range(1, len(ball.radii)):
        name = ball.names[shell]
        grid = block(curves.nodes[shell - 1], curves.nodes[shell], bottom.end(shell), top.end(shell))
        mixed = any(half.side.meeting is not None and half.side.whole == shell for half in (bottom, top))
        blocks.append((grid, _painted(section, grid) if mixed else [name]))
        for half in (bottom, top):
            if half.side.whole >= shell:
                grid = half.cap(shell)
                blocks.append((grid, _painted(section, grid) if half.side.whole == shell and mixed else [name]))
    for half in (bottom, top):
        if half.side.fillet:
            blocks.append((half.fillet(sizes), [half.side.fillet]))
    return blocks


@dataclass(frozen=True)
class _Arcs:
    """Nodes along every sphere between the diagonals or contact planes, upwards, and shares of the whole way."""

    nodes: list[Floats]
    shares: Floats


def _arcs(ball: _Ball, sizes: Sizes, around: int) -> _Arcs:
    """Divide the outermost curve: finely where it ends at a contact plane, and never coarser than around the axis."""
    last = len(ball.radii) - 1
    knots = _angles(ball, last)
    outer = ball.radii[-1]
    corners = []  # of the outermost curve: cones where the melted coat has its fillet
    for number, knot in enumerate(knots):
        corners.append(_on_sphere(ball, outer, knot))
        if number == 0 and _melted(ball, ball.bottom):
            corners[0] = (ball.bottom.cuts[0], ball.centre - ball.bottom.distance)
        if number == len(knots) - 1 and _melted(ball, ball.top):
            corners[-1] = (ball.top.cuts[0], ball.centre + ball.top.distance)
    cones = [number == 0 and _melted(ball, ball.bottom) for number in range(len(knots) - 1)]
    if _melted(ball, ball.top):
        cones[-1] = True
    lengths = [
        math.dist(corners[number], corners[number + 1]) if cone else outer * (knots[number + 1] - knots[number])
        for number, cone in enumerate(cones)
    ]
    places = np.concatenate([[0.0], np.cumsum(lengths)])
    ends = [place for place, side in ((0.0, ball.bottom), (places[-1], ball.top)) if not side.fillet]
    wanted = np.maximum(sizes.wanted(list(places), ends), np.diff(knots) * around / (2 * math.pi))
    counts = whole_numbers(wanted)
    breaks = [sizes.breaks(list(places[k : k + 2]), ends, counts[k : k + 1]) for k in range(len(counts))]
    pieces = [(piece - piece[0]) / (piece[-1] - piece[0]) for piece in breaks]
    nodes = []
    for station, radius in enumerate(ball.radii):
        angle = _angles(ball, station)
        parts = []
        for number, piece in enumerate(pieces):
            if station == last and cones[number]:
                part = straight(corners[number], corners[number + 1], piece)
            else:
                angles = angle[number] + with_middles(piece) * (angle[number + 1] - angle[number])
                part = np.column_stack([radius * np.sin(angles), ball.centre - radius * np.cos(angles)])
            parts.append(part if number == 0 else part[1:])
        nodes.append(np.concatenate(parts))
    return _Arcs(nodes, np.concatenate([breaks[0], *(piece[1:] for piece in breaks[1:])]) / places[-1])


def _melted(ball: _Ball, side: _Side) -> bool:
    """Say whether the outermost coat melts into its fillet on this side."""
    return side.meeting is not None and not side.fillet


def _angles(ball: _Ball, station: int) -> list[float]:
    """Angles from the lower pole at which a sphere's outer arc begins, has a knot, and ends."""
    ends = []
    for side in (ball.bottom, ball.top):
        cut = station >= side.whole and not _melted(ball, side)
        ends.append(math.acos(side.distance / ball.radii[station]) if cut else side.diagonal)
    knots = [ends[0]]
    if _melted(ball, ball.bottom):
        assert ball.bottom.meeting is not None
        knots.append(ball.bottom.meeting)
    if _melted(ball, ball.top):
        assert ball.top.meeting is not None
        knots.append(math.pi - ball.top.meeting)
    return [*knots, math.pi - ends[1]]


def _on_sphere(ball: _Ball, radius: float, angle: float) -> tuple[float, float]:
    return radius * math.sin(angle), ball.centre - radius * math.cos(angle)


@dataclass(frozen=True)
class _Half:
    """What one side of the ball gives to its blocks; ``sense`` is 1 above and -1 below the centre."""

    ball: _Ball
    side: _Side
    sense: float
    radii: Floats  # of the columns on the contact plane
    shells: list[int]

    @property
    def columns(self) -> int:
        """Columns of the block on the axis."""
        return len(self.radii) - 1 - sum(self.shells[self.side.whole + 1 :]) - self._outside_inner

    @property
    def _outside_inner(self) -> int:
        return self.shells[0] if self.side.whole == 0 else 0

    def _height(self, distance: float) -> float:
        return self.ball.centre + self.sense * distance

    def _plane(self, first: int, last: int) -> Floats:
        r = with_middles(self.radii[first : last + 1])
        return np.column_stack([r, np.full(len(r), self._height(self.side.distance))])

    def _shares(self) -> Floats:
        return np.asarray(self.radii[: self.columns + 1] / self.radii[self.columns])

    def axis(self, shell: int) -> tuple[float, float]:
        """Place on the axis where a whole sphere, or the contact plane, crosses it."""
        whole = shell < self.side.whole
        return 0.0, self._height(self.ball.radii[shell] if whole else self.side.distance)

    def _corner(self) -> tuple[float, float]:
        radius, angle = INNER * self.ball.radii[0], self.side.diagonal
        return radius * math.sin(angle), self._height(radius * math.cos(angle))

    def inner(self) -> Floats:
        """Nodes of the inner block's end, from the axis."""
        if self.side.whole == 0:
            return self._plane(0, self.columns)
        corner = self._corner()
        return straight((0.0, corner[1]), corner, self._shares())

    def _cap(self, shell: int) -> Floats:
        """Nodes along a whole sphere's cap, or the plane that cuts it."""
        if shell >= self.side.whole:
            return self._plane(0, self.columns)
        angle, radius = self.side.diagonal * with_middles(self._shares()), self.ball.radii[shell]
        return np.column_stack([radius * np.sin(angle), self.ball.centre + self.sense * radius * np.cos(angle)])

    def end(self, shell: int) -> Floats:
        """Nodes of the end of a shell's outer block, from inside out; of the whole core, if it has no inner block."""
        if shell == 0 and self.side.whole == 0:
            return self._plane(self.columns if self.shells[0] else 0, self.columns + self.shells[0])
        if shell > self.side.whole:
            edges = np.cumsum([self.columns + self._outside_inner, *self.shells[self.side.whole + 1 :]])
            first, last = edges[shell - self.side.whole - 1], edges[shell - self.side.whole]
            return self._plane(int(first), int(last))
        shares = np.linspace(0.0, 1.0, self.shells[shell] + 1)
        start = self._corner() if shell == 0 else tuple(self._cap(shell - 1)[-1])
        return straight(start, tuple(self._cap(shell)[-1]), shares)

    def cap(self, shell: int) -> Floats:
        """Block between two whole spheres, between a sphere and the plane, or around the inner block."""
        near = self.inner() if shell == 0 else self._cap(shell - 1)
        return self._between(near, self._cap(shell), np.linspace(0.0, 1.0, self.shells[shell] + 1))

    def fillet(self, sizes: Sizes) -> Floats:
        """Block between the outermost sphere, its bond line, the contact plane and the fillet's cone."""
        near = self._cap(len(self.ball.radii) - 1)
        far = self._plane(0, self.columns)
        length = float(np.linalg.norm(far[-1] - near[-1]))
        return self._between(near, far, sizes.levels(0.0, length, (0.0, length)) / length)

    def _between(self, near: Floats, far: Floats, shares: Floats) -> Floats:
        left = straight(tuple(near[0]), tuple(far[0]), shares)
        right = straight(tuple(near[-1]), tuple(far[-1]), shares)
        if self.sense > 0.0:
            return block(left, right, near, far)
        return block(left[::-1], right[::-1], far, near)


def _painted(section: JointSection, grid: Floats) -> list[str]:
    """Return the region painted last over the centre of every element of a block."""
    centres = grid[1::2, 1::2].transpose(1, 0, 2).reshape(-1, 2)
    found = [""] * len(centres)
    for item in section.painting:
        outline = item.outline
        for number, (r, z) in enumerate(centres):
            if isinstance(outline, HalfDisc):
                inside = math.hypot(r, z - outline.centre) <= outline.radius and outline.below <= z <= outline.above
            else:
                inside = _inside(outline, r, z)
            if inside:
                found[number] = item.name
    return found


def _inside(polygon: Polygon, r: float, z: float) -> bool:
    corners = polygon.corners
    crossings = 0
    for (r1, z1), (r2, z2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (z1 > z) != (z2 > z) and r < r1 + (z - z1) / (z2 - z1) * (r2 - r1):
            crossings += 1
    return crossings % 2 == 1


# --- the stacks -------------------------------------------------------------------------------------------------------


def _stack_above(section: JointSection, sizes: Sizes, lines: _Lines) -> tuple[Blocks, Wall]:
    levels = section.levels
    base = lines.breaks(sizes)
    end = lines.at_end(base)
    last = len(base) - 1
    inside = lines.index(lines.marks["base"])
    has_layer = "second_layer" in section.names
    blocks: Blocks = []
    heights: list[Floats] = []
    names: list[str] = []

    def row(low: float, high: float, counts_singular: Sequence[float], parts: list[tuple[int, int, str]]) -> None:
        places = sizes.levels(low, high, counts_singular)
        shares = (places - low) / (high - low)
        lower = end if low < levels.base_region - SAME * section.radius else base
        for inner, outer, name in parts:
            grid = block(
                straight((lower[inner], low), (base[inner], high), shares),
                straight((lower[outer], low), (base[outer], high), shares),
                _flat(lower[inner : outer + 1], low),
                _flat(base[inner : outer + 1], high),
            )
            blocks.append((grid, [name]))
        if parts and parts[-1][1] == last:
            heights.append(places if not heights else places[1:])
            names.extend([parts[-1][2]] * (len(places) - 1))

    if has_layer:
        cylinder, opening = lines.index(lines.marks["cylinder"]), lines.index(lines.marks["opening"])
        row(
            levels.free_end,
            levels.base_region,
            (levels.free_end, levels.base_region),
            [(0, cylinder, "cylinder"), (opening, last, "second_layer")],
        )
    around = [(inside, last, "second_layer")] if has_layer else []
    faces = (levels.base_region, levels.first_layer, levels.chip)
    row(levels.base_region, levels.first_layer, faces, [(0, inside, "base_region"), *around])
    row(levels.first_layer, levels.chip, faces, [(0, last, "first_layer")])
    disc = levels.chip + min(CHIP_DEPTH, (levels.chip_top - levels.chip) / 2)
    row(levels.chip, disc, faces, [(0, last, "chip")])
    row(disc, levels.chip_top, faces, [(0, last, "chip")])
    outermost = float(lines.radii[-2])
    return blocks, Wall(float(base[-1]), with_middles(np.concatenate(heights)), tuple(names), outermost)


def _stack_below(section: JointSection, sizes: Sizes, lines: _Lines) -> tuple[Blocks, Wall]:
    levels = section.levels
    radii = lines.breaks(sizes)
    land = lines.index(lines.marks["land"])
    above = sizes.levels(0.0, levels.land, (0.0, levels.land))
    board = sizes.levels(levels.board_bottom, 0.0, (0.0,))
    blocks: Blocks = [
        (_rectangle(radii[: land + 1], above), ["land"]),
        (_rectangle(radii, board), ["board"]),
    ]
    outermost = float(lines.radii[-2])
    return blocks, Wall(float(radii[-1]), with_middles(board), ("board",) * (len(board) - 1), outermost)


def _rectangle(radii: Floats, heights: Floats) -> Floats:
    shares = (heights - heights[0]) / (heights[-1] - heights[0])
    left, right = (straight((r, heights[0]), (r, heights[-1]), shares) for r in (radii[0], radii[-1]))
    return block(left, right, _flat(radii, heights[0]), _flat(radii, heights[-1]))


def _flat(radii: Floats, height: float) -> Floats:
    r = with_middles(radii)
    return np.column_stack([r, np.full(len(r), height)])
