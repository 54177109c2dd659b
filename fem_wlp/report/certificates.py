"""What the report says of the solution's checks of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..analysis.trust import CERTIFIED, SECTIONS_AGREE
from ..elasticity.solve import RESIDUAL_ASKED
from ..results import ArrayField, Result
from .words import number, percent

ASKED: Mapping[str, float] = {
    "residual": RESIDUAL_ASKED, "backward_error": RESIDUAL_ASKED, "equilibrium": CERTIFIED,
    "moments": CERTIFIED, "section_forces": SECTIONS_AGREE, "section_moments": SECTIONS_AGREE, "energy": CERTIFIED,
    "figure": 3e-3, "coupling": 0.03,
}  # fmt: skip
"""Largest values of the certificates that are asked for, and of the mesh errors of D and 1 - D that are aimed at, the
second where 1 - D > 0.01 [-]."""

ASKED_RESOLVED: Mapping[str, float] = {**ASKED, "residual": 1e-9, "equilibrium": 1e-6, "moments": 1e-6, "energy": 1e-6}
"""The same of a resolved array, whose equations are solved by iteration; balances may keep their round-off, if more."""

RESIDUAL = "‖f − K u‖ / ‖f‖, critical joint and assembly under their load"
RESIDUAL_RESOLVED = "‖f − K u‖ / ‖f‖, largest of all systems solved"


@dataclass(frozen=True)
class Check:
    """One certificate: its value and what is asked, None where nothing is; an aim may be missed, which is told."""

    name: str
    value: str
    asked: str
    holds: bool | None
    meaning: str
    is_aim: bool = False


def checks_of(result: Result) -> list[Check]:
    """Return the certificates of a result, one a line."""
    certificates, coupling = result.certificates, result.decoupling.coupling
    error = certificates.discretisation_error
    resolved = isinstance(result.field, ArrayField)
    asked = dict(ASKED_RESOLVED if resolved else ASKED)
    for name in ("equilibrium", "moments"):
        asked[name] = max(asked[name], certificates.round_off or 0.0)
    balances = (
        ("Residual", "residual", certificates.residual, RESIDUAL_RESOLVED if resolved else RESIDUAL),
        ("Backward error", "backward_error", certificates.backward_error, "‖f − K u‖ / ‖|K| |u| + |f|‖, unit loads"),
        ("Equilibrium", "equilibrium", certificates.equilibrium, "joint forces on chip and board, relative"),
        ("Moments", "moments", certificates.moments, "joint forces and moments on chip and board, relative"),
        ("Section forces", "section_forces", certificates.section_forces, "by stresses and by balance, every joint"),
        ("Section moments", "section_moments", certificates.section_moments, "by stresses and by balance, every joint"),
        ("Energy", "energy", certificates.energy, "energy by two independent formulas, relative"),
    )
    checks = [
        Check(name, number(value, 1), f"≤ {number(asked[key], 1)}", value <= asked[key], meaning)
        for name, key, value, meaning in balances
        if value is not None
    ]
    meshes = "two meshes" if resolved else "three meshes of the joint and two of the plates"
    checks.append(
        Check(
            "Mesh error of D",
            number(error.figure, 2),
            f"≤ {number(asked['figure'], 1)}",
            error.figure <= asked["figure"],
            f"estimated from {meshes}",
            is_aim=True,
        )
    )
    matters = coupling > 0.01
    checks.append(
        Check(
            "Mesh error of 1 − D",
            f"{number(100.0 * error.coupling, 2)} %",
            f"≤ {percent(asked['coupling'])}" if matters else "– (1 − D ≤ 0.01)",
            error.coupling <= asked["coupling"] if matters else None,
            f"relative, estimated from {meshes}",
            is_aim=True,
        )
    )
    checks.append(
        Check(
            "Mesh error of the shear force",
            f"{number(100.0 * error.shear_force, 2)} %",
            "–",
            None,
            f"relative, critical joint, estimated from {meshes}",
        )
    )
    return checks
