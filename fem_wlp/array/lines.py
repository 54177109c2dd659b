"""Lines through the stacks above and below a ball: radii at which columns of elements begin and end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..errors import MeshError
from ..joint.section import RING_WIDTH, JointSection
from ..materials.model import stiffness
from ..mesh.outline import VOID, Polygon
from ..mesh.quads import Sizes, whole_numbers

Floats = NDArray[np.float64]

HEART = 0.5
"""Radius of the heart, whose planform is a square, as a share of the first line's around it [-]."""

WALL = 0.4
"""How far from the outermost line towards the cell's side rings give way to the square coat [-]."""

NARROWEST = 0.02
"""Least distance from the outermost line to the cell's side, as a share of the latter's [-]."""

ONE_RING = 1.25
"""Most wanted elements from the outermost line to where rings give way for which a graded mesh has one: beside that
line a single one may carry as much error as all others [-]."""

SLANT = 0.25
"""How far apart base region's ring and contact circle may be to lie on one line, in the cylinder's radius [-]."""

WEDGE = 2
"""Least elements on each side of a fillet's wedge between a ball and the contact plane that it crosses [-]."""

SAME = 1e-6
"""Lines nearer than this share of the cell's radius are one [-]."""


@dataclass(frozen=True)
class Lines:
    """Radii of columns through a stack; the first is the axis, the second the heart's, the last the wall.

    Parameters
    ----------
    radii
        Where the columns are straight, ascending [mm].
    singular
        Radii of singular lines [mm].
    sharp
        Of these, the rim of an opening that the ball meets [mm].
    cuts
        Lines at which the ball's shells end on the contact plane.
    marks
        Lines by name, "contact" is the contact circle's.
    knots
        Radii of straight columns, and what becomes of them at the contact plane, shape (2, k) [mm].
    counts
        Elements between lines.
    """

    radii: Floats
    singular: tuple[float, ...]
    sharp: tuple[float, ...]
    cuts: tuple[int, ...]
    marks: dict[str, int]
    knots: Floats
    counts: tuple[int, ...] = ()

    def counted(self, sizes: Sizes, totals: Sequence[int]) -> Lines:
        """Return the lines with the elements between them; ``totals`` are the least numbers up to each cut."""
        wanted = sizes.wanted(list(self.radii), self.singular, self.sharp)
        if sizes.growth > 0.0 and ONE_RING < wanted[-1] < 2.0:
            wanted[-1] = 2.0
        counts = [1]
        ends, least = list(self.cuts), [totals[0] - 1, *totals[1:]]
        if self.marks["contact"] > self.cuts[-1]:
            ends, least = [*ends, self.marks["contact"]], [*least, WEDGE]
        for start, end, total in zip([1, *ends], [*ends, len(self.radii) - 1], [*least, 0], strict=True):
            counts += whole_numbers(wanted[start:end], total)
        return replace(self, counts=tuple(counts))

    def totals(self) -> list[int]:
        """Elements from cut to cut, the first from the axis."""
        return [sum(self.counts[a:b]) for a, b in pairwise([0, *self.cuts])]

    def index(self, line: int) -> int:
        """Number of elements from the axis to a line."""
        return sum(self.counts[:line])

    def place(self, mark: str) -> int:
        """Number of elements from the axis to a line with a name."""
        return self.index(self.marks[mark])

    def breaks(self, sizes: Sizes) -> Floats:
        """Radii of all faces between elements."""
        return sizes.breaks(list(self.radii), self.singular, self.counts, self.sharp)

    def at_contact(self, radii: Floats) -> Floats:
        """Return the radii of columns at the ball's contact plane."""
        return np.asarray(np.interp(radii, self.knots[0], self.knots[1]))


def lines_above(section: JointSection, cuts: Sequence[float], half: float, rim: bool) -> Lines:
    """Return the lines of chip, layers, base region and cylinder, which may taper towards its free end.

    Parameters
    ----------
    section
        Of the joint.
    cuts
        Radii at which the ball's shells end on the contact plane [mm].
    half
        Distance from the axis to the nearest side of the cell [mm].
    rim
        Whether the columns end at the base region's rim.

    Raises
    ------
    MeshError
        E410: no room up to the side. E409: an opening wider than a base region whose rim is the last line.
    """
    near = SAME * section.radius
    base, ring, contact = section.base_radius, section.base_radius - RING_WIDTH, section.contact_radii[0]
    marks = {"base": base}
    knots = [(0.0, 0.0)]
    outermost = base
    if "cylinder" in section.names:
        at_base, at_end = section.cylinder_radii
        opening_base, opening_end = _opening(section)
        apart = abs(contact * at_base / at_end - ring)
        if near < ring < at_base - near and contact < at_end - near and apart < SLANT * at_base:
            knots.append((ring, contact))  # one line, a little slanted, serves both
        knots.append((at_base, at_end))
        if opening_base > at_base + near:
            knots.append((opening_base, opening_end))
        marks |= {"cylinder": at_base, "opening": opening_base}
        outermost = max(outermost, opening_end)
    wall = _wall(outermost, half, "chip")
    if rim:
        _refuse_wide_opening(base, knots[1:], near)
        wall = base
    knots.append((wall, wall))
    straight, ends = (np.array(column) for column in zip(*knots, strict=True))
    images = [float(np.interp(radius, ends, straight)) for radius in (*cuts, contact)]
    marks["contact"] = images[-1]
    radii = _distinct([*straight, *marks.values(), *images] + ([ring] if ring > near else []), near)
    sharp = (marks["contact"],) if "opening" in marks else ()
    return _lines(radii, tuple(marks.values()), sharp, images[:-1], marks, np.stack([straight, ends]))


def meets_rim(section: JointSection, temperature: float) -> bool:
    """Return whether a ball meets a second layer at the rim of its opening only, and bears on it by that line.

    It does where all three meet, the cylinder is softer than the layer, and what of the ball is there is stiffer than
    it: then no force spreads from the line over the cylinder.
    """
    if "cylinder" not in section.names or "second_layer" not in section.names:
        return False
    rims = (section.cylinder_radii[1], _opening(section)[1])
    if max(abs(rim - section.contact_radii[0]) for rim in rims) > SAME * section.radius:
        return False
    ball = "cylinder_fillet" if "cylinder_fillet" in section.names else section.ball_parts[0]
    ball_G, cylinder_G, layer_G = (
        stiffness(section.materials[name], temperature)[3, 3] for name in (ball, "cylinder", "second_layer")
    )
    return bool(cylinder_G < min(ball_G, layer_G))


def lines_below(section: JointSection, cuts: Sequence[float], half: float) -> Lines:
    """Return the lines of land and board; the arguments are those of `lines_above`."""
    land, contact = section.land_radius, section.contact_radii[1]
    wall = _wall(land, half, "board")
    radii = _distinct([0.0, *cuts, contact, land, wall], SAME * section.radius)
    marks = {"contact": contact, "land": land}
    return _lines(radii, tuple(marks.values()), (), cuts, marks, np.array([[0.0, wall]] * 2))


def _lines(
    radii: Floats,
    singular: tuple[float, ...],
    sharp: tuple[float, ...],
    cuts: Sequence[float],
    marks: dict[str, float],
    knots: Floats,
) -> Lines:
    radii = np.insert(radii, 1, HEART * radii[1])

    def find(radius: float) -> int:
        return int(np.argmin(np.abs(radii - radius)))

    found = {name: find(radius) for name, radius in marks.items()}
    return Lines(radii, singular, sharp, tuple(find(cut) for cut in cuts), found, knots)


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


def _wall(outermost: float, half: float, what: str) -> float:
    if half - outermost < NARROWEST * half:
        raise MeshError(
            "E410",
            f"the joint reaches {outermost * 1e3:.5g} um from its axis, its cell of the {what} ends after "
            f"{half * 1e3:.5g} um: no room for elements between",
            where=what,
            hint=f"a wider {what} or pitch, a narrower base region, opening or land",
        )
    return outermost + WALL * (half - outermost)


def _refuse_wide_opening(base: float, knots: Sequence[tuple[float, float]], near: float) -> None:
    for at_base, at_end in knots:
        if at_end > base + near or (at_base > base - near and abs(at_end - at_base) > near):
            raise MeshError(
                "E409",
                f"the opening ({at_end * 2e3:.5g} um at its free end) is not within the base region "
                f"({base * 2e3:.5g} um), from whose rim the line is resolved",
                where="opening.free_end_diameter",
                hint="an opening narrower than the base region, or no interconnect.line",
            )
