"""The decoupling figure between its analytic limits: curves of the program beside their formulas.

Posts so slender that they are Timoshenko's beams, joints so dense that they are a shear layer, joints so stiff that
chip and board are a bimetal with a gap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import limits
from ..mesh.section import Floats
from .closed_forms import AREA, DIAMETER, shear_factor
from .models import BOARD_E, CHIP_E, HEIGHT, MISMATCH, THICKNESS, row_of_joints, two_joints


@dataclass(frozen=True)
class Curve:
    """One curve of the program beside its formula.

    Parameters
    ----------
    name
        What is computed.
    place
        What it is drawn against, increasing towards the limit [-].
    computed, formula
        By the program and by the formula [-].
    end
        What it ends in; None where that is the formula itself [-].
    """

    name: str
    place: Floats
    computed: Floats
    formula: Floats
    end: float | None = None


@dataclass(frozen=True)
class Limit:
    """One analytic limit of D.

    Parameters
    ----------
    title
        What it is.
    source
        Of its formula.
    place_name, value_name
        What the curves are drawn against, and what they show.
    curves
        The curves.
    """

    title: str
    source: str
    place_name: str
    value_name: str
    curves: tuple[Curve, ...]


SLENDERNESS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0)
"""Height over diameter of posts [-]."""

COUNTS = (2, 4, 8, 16, 32, 64)
"""Joints in a row of one length [-]."""

REACHES = tuple(float(reach) for reach in np.geomspace(0.1, 100.0, 13))
"""beta l of plates that stay straight [-]."""


def slender_posts() -> Limit:
    """Return D of two posts between bodies that stay straight, against their slenderness.

    The formula takes Timoshenko's and Cowper's post, the program the joint cell's, in the assembly. The modulus is such
    that D of beams would be 1/2 where they are as high as wide.
    """
    nu, own = 0.35, two_joints(1.0, 1e13)[2]
    beams = [limits.guided_post_stiffness(1.0, nu, DIAMETER, h * DIAMETER) for h in SLENDERNESS]
    E = own / beams[SLENDERNESS.index(1.0)]
    shear = float(limits.shear_modulus(E, nu)) * AREA
    posts = [shear_factor(h, nu) * shear / (h * DIAMETER) for h in SLENDERNESS]
    curve = Curve(
        "bonded posts",
        np.array(SLENDERNESS),
        np.array([two_joints(k, 1e13)[0] for k in posts]),
        np.array([own / (own + E * k) for k in beams]),
    )
    source = "Timoshenko 1921, Cowper 1966, two springs"
    return Limit("Slender posts are beams", source, "height over diameter of the posts", "D", (curve,))


def dense_joints() -> Limit:
    """Return D of the end joint of a row of one length, against the number of its joints."""
    curves = []
    for name, bends in (("plates that stay straight", False), ("plates that bend", True)):
        rows = [row_of_joints(count, 2.0, bends) for count in COUNTS]
        computed, formula = np.array([(row.decoupling, row.smeared) for row in rows]).T
        curves.append(Curve(name, np.array(COUNTS, dtype=float), computed, formula))
    source = "Chen and Nelson 1979, Suhir 1986"
    return Limit("Dense joints are a shear layer", source, "joints in the row", "D of the end joint", tuple(curves))


def stiff_joints() -> Limit:
    """Return D and the raw figure of a row of joints between plates that bend, against their stiffness.

    The raw figure of rigid joints is the tilt of the bonded stack over the mismatch, H kappa/(alpha dT): chip and board
    with a gap between them that has no stiffness along itself.
    """
    rows = [row_of_joints(32, reach, True) for reach in REACHES]
    stack = limits.layered_plate([THICKNESS, HEIGHT, THICKNESS], [BOARD_E, 1e-9, CHIP_E], [MISMATCH, 0.0, 0.0])
    values = np.array([(row.decoupling, row.smeared, row.raw, row.smeared_raw) for row in rows]).T
    place = np.array(REACHES)
    curves = (
        Curve("tilt taken off", place, values[0], values[1], 0.0),
        Curve("raw, pad to pad", place, values[2], values[3], -HEIGHT * stack.curvature / MISMATCH),
    )
    source = "Suhir 1986; bimetal of Timoshenko 1925 and Hsueh 2002"
    return Limit("Stiff joints make a bimetal", source, "βl, by the joints' stiffness", "D and raw D", curves)


def all_limits() -> tuple[Limit, ...]:
    """Return the three limits."""
    return slender_posts(), dense_joints(), stiff_joints()
