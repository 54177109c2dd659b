"""Which numbers of a result can be recorded, by their paths in ``results.json``, and in which units."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import ConfigError
from ..materials.leaves import did_you_mean

UNITS: dict[str, str] = {
    "decoupling.figure": "1",
    "decoupling.coupling": "1",
    "decoupling.pad_to_pad": "1",
    "decoupling.force_based": "1",
    "decoupling.force_reduction": "1",
    "decoupling.chip_stress_relief": "1",
    "decoupling.reference_figure": "1",
    "decoupling.critical_joint.dnp": "mm",
    "decoupling.largest_force_joint.dnp": "mm",
    "decoupling.shift_budget.*": "1",
    "decoupling.energy_budget.*": "1",
    "decoupling.at.#.temperature": "K",
    "decoupling.at.#.figure": "1",
    "decoupling.at.#.pad_to_pad": "1",
    "decoupling.at.#.free": "mm",
    "decoupling.at.#.shift": "mm",
    "decoupling.at.#.shear_force": "N",
    "decoupling.at.#.axial_force": "N",
    "decoupling.at.#.warpage_chip": "mm",
    "decoupling.at.#.warpage_board": "mm",
    "joint.stiffness.axial": "N/mm",
    "joint.stiffness.lateral": "N/mm",
    "joint.stiffness.rocking": "N mm/rad",
    "joint.stiffness.torsion": "N mm/rad",
    "joint.resistance.electrical": "mOhm",
    "joint.resistance.thermal": "K/W",
    "joint.height": "mm",
    "joints.#.x": "mm",
    "joints.#.y": "mm",
    "joints.#.dnp": "mm",
    "joints.#.free.#": "mm",
    "joints.#.shift.#": "mm",
    "joints.#.pad_to_pad.#": "mm",
    "joints.#.shear_force.#": "N",
    "joints.#.axial_force": "N",
    "joints.#.moment.#": "N mm",
    "joints.#.decoupling": "1",
    "warpage.chip": "mm",
    "warpage.board": "mm",
    "interconnect.strain": "1",
    "parts.cylinder_shear_strain": "1",
    "parts.ball_stress.*": "MPa",
    "certificates.residual": "1",
    "certificates.backward_error": "1",
    "certificates.equilibrium": "1",
    "certificates.moments": "1",
    "certificates.section_forces": "1",
    "certificates.section_moments": "1",
    "certificates.energy": "1",
    "certificates.round_off": "1",
    "certificates.discretisation_error.figure": "1",
    "certificates.discretisation_error.coupling": "1",
    "certificates.discretisation_error.shear_force": "1",
}
"""Path → unit; ``#`` stands for a number counted from 0, ``*`` for the name of a part or region."""

DEFAULT = (
    "decoupling.figure",
    "decoupling.coupling",
    "joint.stiffness.lateral",
    "joint.resistance.electrical",
    "interconnect.strain",
    "warpage.chip",
)
"""What is recorded where nothing is said."""


def unit_of(key: str) -> str:
    """Return the unit of a recorded key.

    >>> unit_of("joints.35.shear_force.0"), unit_of("decoupling.shift_budget.cylinder")
    ('N', '1')

    Raises
    ------
    ConfigError
        P106: a result has no number of that name.
    """
    for pattern, unit in UNITS.items():
        if re.fullmatch(re.escape(pattern).replace(r"\#", r"\d{1,5}").replace(r"\*", r"\w{1,40}"), key):
            return unit
    raise ConfigError("P106", "a result has no number of that name", value=key, hint=did_you_mean(key, list(UNITS)))


def require_recorded(keys: Sequence[str], where: str = "") -> tuple[str, ...]:
    """Return the keys, each once; the default ones if there are none.

    Raises
    ------
    ConfigError
        P106.
    """
    for key in keys:
        try:
            unit_of(key)
        except ConfigError as fault:
            raise fault.at(where) from None
    return tuple(dict.fromkeys(keys)) or DEFAULT
