"""The singular corners of a joint's section, by what meets there, where it is, and how sharp it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..joint.section import JointSection
from ..limits.wedges import wedge_exponents
from ..materials.model import plane_constants
from ..mesh.section import SectionMesh

Floats = NDArray[np.float64]

NEAR = 1e-6
"""Lengths below this share of the section's extent are none [-]."""

STRAIGHT = 3.0
"""Faces that turn by less are smooth: circles are meshed by parabolas [degree]."""

ELEMENT_ORDER = 4.0
"""Order of energies, and of functionals like them, on quadratic elements where the solution is smooth [-]."""

Kind = Literal["interface at a surface", "re-entrant corner", "kink of an interface", "three regions"]


@dataclass(frozen=True)
class Corner:
    """A corner at which stress grows without limit as r^(lambda - 1).

    Parameters
    ----------
    regions
        What meets there, one beside the other; the first and last are bonded where ``closed``.
    kind
        What sort of corner it is.
    r, z
        Its place in the meridian plane, z from the board's upper face [mm].
    angles
        Opening of each region [degree].
    closed
        Whether the regions fill the whole turn; else two of the faces are free.
    exponents
        lambda, the smallest real part first; of a conjugate pair one [-].
    """

    regions: tuple[str, ...]
    kind: Kind
    r: float
    z: float
    angles: tuple[float, ...]
    closed: bool
    exponents: tuple[complex, ...]

    @property
    def exponent(self) -> float:
        """Smallest real part of lambda [-]."""
        return self.exponents[0].real

    @property
    def uniform_order(self) -> float:
        """Order to which the corner limits energies where all elements are halved alike, the smallest too: 2 lambda."""
        return min(ELEMENT_ORDER, 2.0 * self.exponent)

    @property
    def graded_order(self) -> float:
        """The same where the elements at the corner are quartered when all others are halved: 4 lambda [-]."""
        return min(ELEMENT_ORDER, 4.0 * self.exponent)


def singular_corners(section: JointSection, mesh: SectionMesh, temperature: float) -> tuple[Corner, ...]:
    """Return the corners of a joint at which stress is singular, the sharpest first.

    Parameters
    ----------
    section
        The joint; its outer wall is a symmetry and no edge.
    mesh
        Its mesh: corners are found by the elements that meet there.
    temperature
        At which materials are taken [K]; anisotropic ones by their constants in the plane.
    """
    constants = {name: plane_constants(material, temperature) for name, material in section.materials.items()}
    found = []
    for node, wedges, closed in _fans(section, mesh):
        merged = _merged(section, wedges, closed)
        if not _is_corner(merged, closed):
            continue
        names, angles = tuple(name for name, _ in merged), tuple(angle for _, angle in merged)
        E, nu = zip(*(constants[name] for name in names), strict=True)
        # what closes the turn does so exactly: the mesh's angles have its round-off
        turned = tuple(np.array(angles) * (360.0 / sum(angles))) if closed else angles
        exponents = wedge_exponents(E, nu, turned)
        if exponents:
            r, z = mesh.points[node]
            found.append(Corner(names, _kind(merged, closed), float(r), float(z), angles, closed, exponents))
    return tuple(sorted(found, key=lambda corner: (corner.exponent, corner.z, corner.r)))


def _fans(section: JointSection, mesh: SectionMesh) -> Iterator[tuple[int, list[tuple[str, float]], bool]]:
    """Give the corner nodes where there may be a corner: elements round them by region and angle, and if they close."""
    corners = mesh.triangles[:, :3]
    by_node: dict[int, list[tuple[int, int]]] = {}
    for element, three in enumerate(corners):
        for place, node in enumerate(three):
            by_node.setdefault(int(node), []).append((element, place))
    near = NEAR * mesh.extent
    for node, around in by_node.items():
        if not near < mesh.points[node, 0] < section.radius - near:
            continue
        ends = {int(corners[element, (place + 1) % 3]): (element, place) for element, place in around}
        left = {int(corners[element, (place + 2) % 3]) for element, place in around}
        starts = [start for start in ends if start not in left] or [next(iter(ends))]
        for start in starts:
            wedges, at = [], start
            while at in ends:
                element, place = ends.pop(at)
                wedges.append((mesh.names[mesh.region[element]], _angle(mesh, element, place)))
                at = int(corners[element, (place + 2) % 3])
            yield node, wedges, at == start


def _angle(mesh: SectionMesh, element: int, place: int) -> float:
    """Angle of an element at one of its corners, between the tangents of its quadratic edges [degree]."""
    nodes = mesh.points[mesh.triangles[element]]
    to_b, to_c = ((1, 2), (2, 0), (0, 1))[place]
    middle_b, middle_c = ((3, 5), (4, 3), (5, 4))[place]
    one = 4.0 * nodes[middle_b] - 3.0 * nodes[place] - nodes[to_b]
    other = 4.0 * nodes[middle_c] - 3.0 * nodes[place] - nodes[to_c]
    cross = one[0] * other[1] - one[1] * other[0]
    return float(np.degrees(np.arctan2(cross, one @ other)))


def _merged(section: JointSection, wedges: list[tuple[str, float]], closed: bool) -> list[tuple[str, float]]:
    """Join neighbours of one material, whatever region they belong to."""

    def material(name: str) -> str:
        return section.materials[name].name

    merged: list[tuple[str, float]] = []
    for name, angle in wedges:
        if merged and material(merged[-1][0]) == material(name):
            merged[-1] = (merged[-1][0], merged[-1][1] + angle)
        else:
            merged.append((name, angle))
    if closed and len(merged) > 1 and material(merged[0][0]) == material(merged[-1][0]):
        name, angle = merged.pop()
        merged[0] = (merged[0][0], merged[0][1] + angle)
    return merged


def _is_corner(merged: list[tuple[str, float]], closed: bool) -> bool:
    if closed:
        return len(merged) > 2 or (len(merged) == 2 and abs(merged[0][1] - 180.0) > STRAIGHT)
    return len(merged) > 1 or merged[0][1] > 180.0 + STRAIGHT


def _kind(merged: list[tuple[str, float]], closed: bool) -> Kind:
    if len(merged) > 2:
        return "three regions"
    if closed:
        return "kink of an interface"
    return "interface at a surface" if len(merged) == 2 else "re-entrant corner"
