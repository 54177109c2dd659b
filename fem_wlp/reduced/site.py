"""Where the joints of a package stand, and the geometry of a joint at any thickness of the second layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..assembly.cells import edge_factors
from ..assembly.parity import MIRROR
from ..assembly.plate import CondensedPlate
from ..decoupling import critical_joint
from ..joint.condense import middles
from ..joint.section import JointSection
from ..package.model import Package
from .assembly import Layout

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Place:
    """A point's geometry, p points.

    Parameters
    ----------
    height
        H, shape (p,) [mm].
    tilt
        Deformation (u_b', phi_b') of a joint from (u_c, phi_c, u_b, phi_b), the chip's own motion taken off,
        shape (p, 2, 4).
    bare
        delta of a severed joint from the same, shape (p, 4).
    edges
        As in `Elements`, shape (p, n, 4).
    second
        Thickness of the second layer, shape (p,) [mm].
    """

    height: Floats
    tilt: Floats
    bare: Floats
    edges: Floats
    second: Floats


@dataclass(frozen=True)
class Critical:
    """The critical joint.

    Parameters
    ----------
    joint
        Its number.
    orbit
        That of the joint that stands for it and its mirror images.
    mirror
        Sign that each coordinate of a plate takes from that joint to it, shape (11,) [-].
    """

    joint: int
    orbit: int
    mirror: Floats

    @property
    def sign(self) -> Floats:
        """Sign of x and of y."""
        return self.mirror[[0, 2]]


@dataclass(frozen=True)
class Site:
    """What stands round the joints whatever the parameters.

    Parameters
    ----------
    section
        Section of the joint as the package stands.
    own
        Thickness of its second layer, 0 without one [mm].
    layout
        Where joints act.
    critical
        The critical joint.
    reach
        Distance of each joint's four sides from the chip's edge beyond half a pitch, shape (n, 4) [mm].
    """

    section: JointSection
    own: float
    layout: Layout
    critical: Critical
    reach: Floats

    def place(self, second: Floats) -> Place:
        """Return the geometry at thicknesses of the second layer, shape (p,) [mm]."""
        levels, middle = self.section.levels, middles(self.section)
        growth, zero, one = second - self.own, np.zeros_like(second), np.ones_like(second)
        height = levels.chip + growth
        above = levels.chip - middle["chip"]  # of the chip's lower face over its middle, negative
        reach = middle["board"] - middle["chip"] - growth
        decay = height - (levels.free_end if "second_layer" in self.section.materials else levels.first_layer + growth)
        return Place(
            height,
            np.moveaxis(np.array([[-one, -reach, one, zero], [zero, -one, zero, one]]), 2, 0),
            np.stack([-one, 0.5 * height - above, one, 0.5 * height - middle["board"]], axis=1),
            np.exp(-self.reach / decay[:, None, None]),
            second,
        )


def site_of(package: Package, section: JointSection, chip: CondensedPlate) -> Site:
    """Return what stands round the joints of a package."""
    outline, number = (package.chip.width, package.chip.length), critical_joint(package.array.joints)
    mirror = np.where(chip.joints.sign[number] < 0, MIRROR, 1.0).prod(axis=1)
    return Site(
        section,
        package.second_layer.thickness if package.second_layer else 0.0,
        Layout.of(chip),
        Critical(number, int(chip.joints.orbit[number]), mirror),
        -np.log(edge_factors(chip.places, outline, package.array.pitch, 1.0)),
    )
