"""Singular corners: how stress grows towards them, fitted on graded meshes."""

from __future__ import annotations

import numpy as np

from ..mesh.section import Floats
from ..solid import operator as solid
from ..solid.solve import solve
from .bricks import NEAR, brick, isotropic_tensor, mapped, named
from .law import Law, Quantity, within

Pair = tuple[tuple[float, float], tuple[float, float]]

SILICON, POLYIMIDE, SOLDER = (131e3, 0.28), (3.3e3, 0.34), (43e3, 0.36)
COPPER, ADHESIVE, SILICONE = (117e3, 0.34), (200.0, 0.45), (2.0, 0.49)

PAIRS: dict[str, tuple[Pair, float, float]] = {
    "silicon / polyimide": ((SILICON, POLYIMIDE), 0.713, 0.675),
    "silicon / solder": ((SILICON, SOLDER), 0.896, 0.590),
    "copper / adhesive": ((COPPER, ADHESIVE), 0.624, 0.621),
    "silicon / silicone": ((SILICON, SILICONE), 0.600, 0.600),
}
"""Stiff and soft material (E [MPa], nu), exponent of a free edge (90 and 90 degrees), and of a soft right angle on a
stiff half plane, the smaller one."""

SMALLEST, RINGS, STEPS = 1e-10, 30, 6
"""Radius of the innermost ring over that of the outermost, rings, elements in a right angle [-]."""


def fitted_exponent(pair: Pair, stiff_angle: float, soft_angle: float) -> float:
    """Return the exponent of the displacement at a corner of two wedges, in plane strain [-].

    A slab one element thick in rings that shrink by a constant factor, pulled and sheared at the outermost. The
    strain energy of a ring goes as r^(2 lambda); rings well inside, far from both ends, tell the smallest exponent. The
    soft wedge's is taken: a half plane that is much stiffer stores most where nothing is singular.

    Parameters
    ----------
    pair
        Stiff and soft material, E [MPa] and nu [-].
    stiff_angle, soft_angle
        Their opening angles [degree].
    """
    turns = [np.linspace(-stiff_angle, 0.0, round(STEPS * stiff_angle / 90) + 1)]
    turns.append(np.linspace(0.0, soft_angle, round(STEPS * soft_angle / 90) + 1)[1:])
    rings = np.linspace(np.log(SMALLEST), 0.0, RINGS + 1)
    box = brick(rings, np.radians(np.concatenate(turns)), [0.0, 1.0])
    box = named(box, ("stiff", "soft"), lambda centres: (centres[:, 1] > 0) * 1)

    def shape(points: Floats) -> Floats:
        log_r, angle, z = points.T
        return np.stack([np.exp(log_r) * np.cos(angle), np.exp(log_r) * np.sin(angle), z], axis=-1)

    mesh = mapped(box, shape)
    one = solid.operator(mesh, np.stack([isotropic_tensor(*material) for material in pair]))
    rim = box.points[:, 0] > -NEAR
    fixed = np.stack([rim, rim, np.full(len(rim), True)], axis=1)
    values = np.where(rim[:, None], mesh.points @ np.array([[1.0, 0.4, 0.0], [0.7, -0.5, 0.0], [0.0, 0.0, 0.0]]), 0.0)
    u = solve(one, np.zeros_like(values), fixed, values, method="direct", tolerance=1e-6).u
    soft = mesh.within("soft")
    ring = np.searchsorted(rings, box.points[box.cells[soft]].mean(axis=1)[:, 0]) - 1
    energy = np.bincount(ring, solid.energies(one, u, np.zeros((2, 6)), soft))
    middle = (rings[:-1] + rings[1:]) / 2
    inside = slice(RINGS // 5, RINGS // 2)
    return float(np.polyfit(middle[inside], np.log(energy[inside]), 1)[0]) / 2


def _edges(broken: bool) -> tuple[Quantity, ...]:
    return tuple(
        within(name, fitted_exponent(pair, 90.0, 67.5 if broken else 90.0), exponent, 0.02)
        for name, (pair, exponent, _) in PAIRS.items()
    )


def _feet(broken: bool) -> tuple[Quantity, ...]:
    return tuple(
        within(name, fitted_exponent(pair, 180.0, 67.5 if broken else 90.0), exponent, 0.02)
        for name, (pair, _, exponent) in PAIRS.items()
    )


CORNERS = (
    Law(
        "free-edge",
        "Stress at the free edge of two bonded right angles grows with Bogy's exponent",
        "the soft wedge's energy in rings goes as r^(2 lambda) over 1e-8 < r < 1e-5 of the whole",
        "D. B. Bogy, J. Appl. Mech. 35 (1968) 460, with Dundurs' parameters",
        "the soft wedge is 67.5 degrees instead of 90",
        _edges,
    ),
    Law(
        "soft-foot",
        "Stress at the foot of a soft right angle on a stiff half plane grows with Bogy's exponent",
        "the soft wedge's energy in rings goes as r^(2 lambda) over 1e-8 < r < 1e-5 of the whole",
        "D. B. Bogy, J. Appl. Mech. 38 (1971) 377; M. L. Williams, J. Appl. Mech. 19 (1952) 526",
        "the soft wedge is 67.5 degrees instead of 90",
        _feet,
        quick=False,
    ),
)
"""The laws of this family."""
