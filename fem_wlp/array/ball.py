"""A ball between its two contact planes as blocks of quadrilaterals.

Spheres of core and coats may, on either side, end at the contact plane or be whole; some may do the one and the others
the other. Where a side has whole spheres, the core has a block on the axis up to half its radius, and a *cap* from
there to the first sphere; caps of the coats follow up to the plane. Outer blocks lie around. They meet caps on a
diagonal through the contact circle, or where a fillet's cone meets the ball.

A fillet lies between the outermost sphere, its bond line and the plane; or the outermost coat melts into it, and both
are one block; or the ball crosses the plane, and the fillet is a wedge with three sides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..joint.section import JointSection
from ..mesh.outline import HalfDisc, Painted, Polygon
from ..mesh.quads import Sizes, block, straight, whole_numbers, with_middles
from .lines import SAME, WEDGE, Lines

Floats = NDArray[np.float64]
Point = tuple[float, float]
Blocks = list[tuple[Floats, Sequence[str]]]

INNER = 0.5
"""Size of the core's inner block, as a share of the core's radius [-]."""

Kind = Literal["cut", "stands", "melts", "wedge"]


@dataclass(frozen=True)
class Side:
    """One side of a ball; angles are counted from the axis on this side.

    Parameters
    ----------
    kind
        How the ball ends: "cut" by the plane without fillet, "stands" on its bond line, "melts" into a fillet of its
        outermost coat's material, or crosses the plane and leaves a "wedge" to the fillet.
    distance
        From the centre to the contact plane [mm].
    whole
        So many spheres, from inside, are whole on this side.
    cuts
        Radii at which the others end on the plane; where all are whole, of the cap's edge on the plane [mm].
    diagonal
        Angle at which caps end and outer blocks begin [rad].
    meeting
        Angle at which a fillet's cone meets the outermost sphere [rad].
    contact
        Radius of the contact circle [mm].
    fillet
        Name of the fillet's region.
    """

    kind: Kind
    distance: float
    whole: int
    cuts: tuple[float, ...]
    diagonal: float
    meeting: float
    contact: float
    fillet: str


@dataclass(frozen=True)
class Ball:
    """A ball: its centre's height and its spheres' radii [mm], their regions from inside out, and its two sides."""

    centre: float
    radii: tuple[float, ...]
    names: tuple[str, ...]
    bottom: Side
    top: Side

    @property
    def dips(self) -> bool:
        """Whether its cap lies above the upper contact plane."""
        return self.top.kind == "wedge" and self.top.whole == len(self.radii)


def ball_of(section: JointSection) -> Ball:
    """Return the ball of a joint's section."""
    levels = section.levels
    discs = [(item.outline, item) for item in section.painting if isinstance(item.outline, HalfDisc)]
    discs.sort(key=lambda pair: pair[0].radius)
    return Ball(
        levels.ball_centre,
        tuple(disc.radius for disc, _ in discs),
        tuple(item.name for _, item in discs),
        _side(section, discs, "land_fillet", levels.ball_centre - levels.land),
        _side(section, discs, "cylinder_fillet", levels.free_end - levels.ball_centre),
    )


def _side(section: JointSection, discs: Sequence[tuple[HalfDisc, Painted]], fillet: str, distance: float) -> Side:
    dips = fillet == "cylinder_fillet" and math.isinf(discs[-1][0].above)
    whole = len(discs) if dips else sum(disc.radius < distance - SAME * section.radius for disc, _ in discs)
    outer = discs[-1][0].radius
    cuts = tuple(math.sqrt(max(disc.radius**2 - distance**2, 0.0)) for disc, _ in discs[whole:])
    cone = next((item for item in section.painting if item.name == fillet), None)
    if cone is None:
        return Side("cut", distance, whole, cuts, math.atan2(cuts[0], distance), 0.0, cuts[-1], "")
    assert isinstance(cone.outline, Polygon)
    _, (reach, _), (meeting_r, meeting_z), _ = cone.outline.corners
    meeting = math.atan2(meeting_r, abs(meeting_z - section.levels.ball_centre))
    if outer < distance:
        return Side("stands", distance, whole, (reach,), meeting, meeting, reach, fillet)
    melted = [item.material for _, item in discs[whole:]]
    if whole > 0 and melted == [cone.material]:
        return Side("melts", distance, whole, (reach,), math.atan2(reach, distance), meeting, reach, fillet)
    if dips:
        cuts = (math.sqrt(outer**2 - distance**2),)
    return Side("wedge", distance, whole, cuts, math.atan2(cuts[0], distance), meeting, reach, fillet)


def matched(sizes: Sizes, ball: Ball, above: Lines, below: Lines) -> tuple[Lines, Lines, list[int]]:
    """Count the elements between lines so that the ball's columns agree on both sides.

    Returns
    -------
    above, below
        The lines with their elements.
    shells
        Elements across each shell, first the core outside its inner block (none where it has no such block).
    """
    stations = len(ball.radii)
    pairs = ((below, ball.bottom), (above, ball.top))
    wanted = [lines.counted(sizes, [1] * len(lines.cuts)).totals() for lines, _ in pairs]
    across = [(1.0 - INNER) * ball.radii[0], *np.diff(ball.radii)]
    shells = [max(1, round(sizes.divisions(0.0, thickness, ())[0])) for thickness in across]
    for (_, side), totals in zip(pairs, wanted, strict=True):
        for shell, total in zip(range(side.whole + 1, stations), totals[1:], strict=False):
            shells[shell] = max(shells[shell], total)
        if side.kind == "melts":
            shells[-1] = max(shells[-1], 2)
    cut = [side.whole == 0 for _, side in pairs]
    if cut[0] == cut[1]:
        columns = max(wanted[0][0], wanted[1][0])
        shells[0] = 0 if cut[0] else shells[0]
    else:
        columns = wanted[cut.index(False)][0]
        shells[0] = max(shells[0], wanted[cut.index(True)][0] - columns)
    counted = []
    for lines, side in pairs:
        first = columns + (shells[0] if side.whole == 0 else 0)
        counted.append(lines.counted(sizes, [first, *shells[side.whole + 1 :]][: len(lines.cuts)]))
    return counted[1], counted[0], shells


def ball_blocks(
    section: JointSection,
    ball: Ball,
    sizes: Sizes,
    around: int,
    shells: list[int],
    above: Floats,
    below: Floats,
) -> tuple[Blocks, Floats]:
    """Return the blocks of a ball and its fillets, and the nodes of its cap in the cylinder, if it dips.

    Parameters
    ----------
    section
        Of the joint.
    ball
        Its ball.
    sizes, around
        Element lengths, and elements around the axis.
    shells
        Elements across each shell.
    above, below
        Radii of the columns on the two contact planes, up to the contact circles [mm].
    """
    curves = _arcs(ball, sizes, around)
    bottom = _Half(ball, ball.bottom, -1.0, below, shells)
    top = _Half(ball, ball.top, 1.0, above, shells)
    blocks: Blocks = []
    core = [ball.names[0]]
    if ball.bottom.whole == 0 and ball.top.whole == 0:
        left = straight(tuple(bottom.end(0)[0]), tuple(top.end(0)[0]), curves.shares)
        blocks.append((block(left, curves.nodes[0], bottom.end(0), top.end(0)), core))
    else:
        left, right = (straight(tuple(bottom.inner()[k]), tuple(top.inner()[k]), curves.shares) for k in (0, -1))
        blocks.append((block(left, right, bottom.inner(), top.inner()), core))
        blocks.append((block(right, curves.nodes[0], bottom.end(0), top.end(0)), core))
    for shell, name in enumerate(ball.names):
        mixed = any(side.kind == "melts" and side.whole == shell for side in (ball.bottom, ball.top))
        caps = [half.cap(shell) for half in (bottom, top) if half.side.whole > 0 and half.side.whole >= shell]
        blocks += [(grid, _painted(section, grid) if mixed else [name]) for grid in caps]
        if shell > 0:
            grid = block(curves.nodes[shell - 1], curves.nodes[shell], bottom.end(shell), top.end(shell))
            blocks.append((grid, _with_fillets(ball, _painted(section, grid), shells[shell]) if mixed else [name]))
    for half, start in ((bottom, 0), (top, -1)):
        if half.side.kind == "stands":
            blocks.append((half.fillet(sizes), [half.side.fillet]))
        elif half.side.kind == "wedge":
            arc = curves.nodes[-1][:: 1 if start == 0 else -1][: 2 * curves.wedges[start] + 1]
            blocks += [(grid, [half.side.fillet]) for grid in half.wedge(arc)]
    return blocks, top.cap_line(len(ball.radii) - 1)


@dataclass(frozen=True)
class _Arcs:
    """Lines around a ball, upwards.

    Parameters
    ----------
    nodes
        Nodes along every sphere between the diagonals or contact planes, shape (2k+1, 2) [mm].
    shares
        Faces between elements as shares of the whole way along the outermost one [-].
    wedges
        Elements of the first and of the last piece, along a wedge.
    """

    nodes: list[Floats]
    shares: Floats
    wedges: tuple[int, int]


def _arcs(ball: Ball, sizes: Sizes, around: int) -> _Arcs:
    """Divide the outermost line: finely where it ends at a contact plane, and never coarser than around the axis."""
    last = len(ball.radii) - 1
    outer = ball.radii[-1]
    knots = _angles(ball, last)
    cones = [False] * (len(knots) - 1)
    corners = [_on_sphere(ball, outer, knot) for knot in knots]
    least = np.diff(knots) * around / (2 * math.pi)
    for side, sense, end in ((ball.bottom, -1.0, 0), (ball.top, 1.0, -1)):
        if side.kind == "melts":
            corners[end], cones[end] = (side.contact, ball.centre + sense * side.distance), True
        elif side.kind == "wedge":
            least[end] = max(least[end], WEDGE)
    lengths = [
        math.dist(corners[number], corners[number + 1]) if cone else outer * (knots[number + 1] - knots[number])
        for number, cone in enumerate(cones)
    ]
    places = np.concatenate([[0.0], np.cumsum(lengths)])
    singular = [place for place, side in ((0.0, ball.bottom), (places[-1], ball.top)) if side.kind in ("cut", "melts")]
    sharp = [place for place in singular if place > 0.0]  # the upper end
    counts = whole_numbers(np.maximum(sizes.wanted(list(places), singular, sharp), least))
    breaks = sizes.breaks(list(places), singular, counts, sharp)
    ends = np.concatenate([[0], np.cumsum(counts)])
    pieces = [breaks[a : b + 1] for a, b in pairwise(ends)]
    pieces = [(piece - piece[0]) / (piece[-1] - piece[0]) for piece in pieces]
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
    return _Arcs(nodes, breaks / breaks[-1], (counts[0], counts[-1]))


def _angles(ball: Ball, station: int) -> list[float]:
    """Angles from the lower pole at which a sphere's outer line begins, has a knot, and ends."""
    ends, knots = [], []
    for side in (ball.bottom, ball.top):
        cut = station >= side.whole and side.kind != "melts"
        ends.append(math.acos(side.distance / ball.radii[station]) if cut else side.diagonal)
        knots.append([side.meeting] if side.kind in ("melts", "wedge") else [])
    return [ends[0], *knots[0], *(math.pi - knot for knot in knots[1]), math.pi - ends[1]]


def _on_sphere(ball: Ball, radius: float, angle: float) -> Point:
    return radius * math.sin(angle), ball.centre - radius * math.cos(angle)


@dataclass(frozen=True)
class _Half:
    """What one side of the ball gives to its blocks; ``sense`` is 1 above and -1 below the centre."""

    ball: Ball
    side: Side
    sense: float
    radii: Floats  # of the columns on the contact plane, up to the contact circle
    shells: list[int]

    @property
    def edges(self) -> list[int]:
        """Columns up to each cut; the first are the core's, or the caps'."""
        first = int(np.argmin(np.abs(self.radii - self.side.cuts[0])))
        return [int(edge) for edge in np.cumsum([first, *self.shells[self.side.whole + 1 :]])]

    @property
    def columns(self) -> int:
        """Columns of the block on the axis."""
        return self.edges[0] - (self.shells[0] if self.side.whole == 0 else 0)

    def _height(self, distance: float) -> float:
        return self.ball.centre + self.sense * distance

    def _plane(self, first: int, last: int) -> Floats:
        r = with_middles(self.radii[first : last + 1])
        return np.column_stack([r, np.full(len(r), self._height(self.side.distance))])

    def _shares(self) -> Floats:
        return np.asarray(self.radii[: self.columns + 1] / self.radii[self.columns])

    def _corner(self) -> Point:
        radius, angle = INNER * self.ball.radii[0], self.side.diagonal
        return radius * math.sin(angle), self._height(radius * math.cos(angle))

    def inner(self) -> Floats:
        """Nodes of the inner block's end, from the axis."""
        if self.side.whole == 0:
            return self._plane(0, self.columns)
        corner = self._corner()
        return straight((0.0, corner[1]), corner, self._shares())

    def cap_line(self, shell: int) -> Floats:
        """Nodes along a whole sphere's cap, or the plane that cuts it, from the axis."""
        if shell >= self.side.whole:
            return self._plane(0, self.columns)
        angle, radius = self.side.diagonal * with_middles(self._shares()), self.ball.radii[shell]
        return np.column_stack([radius * np.sin(angle), self.ball.centre + self.sense * radius * np.cos(angle)])

    def end(self, shell: int) -> Floats:
        """Nodes of the end of a shell's outer block, from inside out; of the whole core, if it has no inner block."""
        if shell == 0 and self.side.whole == 0:
            return self._plane(self.columns if self.shells[0] else 0, self.edges[0])
        if shell > self.side.whole:
            return self._plane(self.edges[shell - self.side.whole - 1], self.edges[shell - self.side.whole])
        shares = np.linspace(0.0, 1.0, self.shells[shell] + 1)
        start = self._corner() if shell == 0 else tuple(self.cap_line(shell - 1)[-1])
        return straight(start, tuple(self.cap_line(shell)[-1]), shares)

    def cap(self, shell: int) -> Floats:
        """Block between two whole spheres, between a sphere and the plane, or around the inner block."""
        near = self.inner() if shell == 0 else self.cap_line(shell - 1)
        return self._between(near, self.cap_line(shell), np.linspace(0.0, 1.0, self.shells[shell] + 1))

    def fillet(self, sizes: Sizes) -> Floats:
        """Block between the outermost sphere, its bond line, the contact plane and the fillet's cone."""
        near = self.cap_line(len(self.ball.radii) - 1)
        far = self._plane(0, self.columns)
        length = float(np.linalg.norm(far[-1] - near[-1]))
        return self._between(near, far, sizes.levels(0.0, length, (0.0, length)) / length)

    def wedge(self, arc: Floats) -> list[Floats]:
        """Return three blocks between the sphere, from where it crosses the plane, the plane and the fillet's cone.

        Parameters
        ----------
        arc
            Nodes along the sphere, from the plane to the cone [mm].
        """
        plane = self._plane(self.edges[-1], len(self.radii) - 1)
        along_plane, along_arc = len(plane) // 2, len(arc) // 2
        far = max(1, min(along_plane, along_arc) // 2)  # elements of either side that are not at the tip
        p, a = along_plane - far, along_arc - far
        cone = straight(tuple(plane[-1]), tuple(arc[-1]), np.linspace(0.0, 1.0, p + a + 1))
        centre = tuple((arc[2 * a] + plane[2 * p] + cone[2 * a]) / 3)
        from_arc = straight(tuple(arc[2 * a]), centre, np.linspace(0.0, 1.0, p + 1))
        from_plane = straight(tuple(plane[2 * p]), centre, np.linspace(0.0, 1.0, a + 1))
        from_cone = straight(tuple(cone[2 * a]), centre, np.linspace(0.0, 1.0, far + 1))
        at_tip = block(arc[: 2 * a + 1], from_plane, plane[: 2 * p + 1], from_arc)
        at_contact = block(cone[: 2 * a + 1], from_plane, plane[2 * p :][::-1], from_cone)
        at_meeting = block(arc[2 * a :][::-1], from_cone, cone[2 * a :][::-1], from_arc)
        return [_upright(grid) for grid in (at_tip, at_contact, at_meeting)]

    def _between(self, near: Floats, far: Floats, shares: Floats) -> Floats:
        left = straight(tuple(near[0]), tuple(far[0]), shares)
        right = straight(tuple(near[-1]), tuple(far[-1]), shares)
        if self.sense > 0.0:
            return block(left, right, near, far)
        return block(left[::-1], right[::-1], far, near)


def _upright(grid: Floats) -> Floats:
    """Return a block with its axes exchanged if it faces down."""
    one, other = grid[-1, -1] - grid[0, 0], grid[0, -1] - grid[-1, 0]
    return grid if one[0] * other[1] > one[1] * other[0] else grid.transpose(1, 0, 2)


def _painted(section: JointSection, grid: Floats) -> list[str]:
    """Return the region painted last over the centre of every element of a block."""
    r, z = grid[1::2, 1::2].transpose(1, 0, 2).reshape(-1, 2).T
    found = np.full(len(r), "", dtype=object)
    for item in section.painting:
        outline = item.outline
        if isinstance(outline, HalfDisc):
            inside = np.hypot(r, z - outline.centre) <= outline.radius
            inside &= (outline.below <= z) & (z <= outline.above)
        else:
            inside = _inside(outline, r, z)
        found[inside] = item.name
    return list(found)


def _with_fillets(ball: Ball, names: list[str], across: int) -> list[str]:
    """Give at least the element at the contact circle to a melted fillet too small to be painted over a centre."""
    for side, corner in ((ball.bottom, across - 1), (ball.top, -1)):
        if side.kind == "melts" and side.fillet not in names:
            names[corner] = side.fillet
    return names


def _inside(polygon: Polygon, r: Floats, z: Floats) -> NDArray[np.bool_]:
    inside = np.zeros(len(r), dtype=bool)
    for (r1, z1), (r2, z2) in zip(polygon.corners, (*polygon.corners[1:], polygon.corners[0]), strict=True):
        if z1 != z2:
            inside ^= ((z1 > z) != (z2 > z)) & (r < r1 + (z - z1) / (z2 - z1) * (r2 - r1))
    return inside
