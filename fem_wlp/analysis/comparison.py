"""The resolved array beside joint cell and assembly, figure by figure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..results import Compared, JointResult, Result

Pair = tuple[JointResult, JointResult]

RESOLVED = "the resolved value"
"""What most differences are relative to."""


def compared(resolved: Result, condensed: Result) -> tuple[Compared, ...]:
    """Put the figures of a resolved array beside those of joint cell and assembly.

    Differences of figures that are pure numbers are absolute; those of forces, lengths and strains are relative to
    the resolved value, that of the axial force, which changes its sign within an array, to the largest one.
    """
    one, other = resolved.decoupling, condensed.decoupling
    places = {(joint.row, joint.column): joint for joint in condensed.joints}
    pairs = [(joint, places[joint.row, joint.column]) for joint in resolved.joints]
    (critical,) = [pair for pair in pairs if (pair[0].row, pair[0].column) == _place(resolved)]
    return (
        _absolute("decoupling figure D", one.figure, other.figure),
        _absolute("D of the joint where both differ most", *_worst_figures(pairs)),
        _absolute("D pad to pad", one.pad_to_pad, other.pad_to_pad),
        _relative("free mismatch of the critical joint", "mm", critical, lambda joint: _amount(joint.free)),
        _relative("shear force of the critical joint", "N", critical, _shear),
        _worst_force(pairs),
        _axial(pairs, critical),
        _relative("moment of the critical joint", "N mm", critical, lambda joint: _amount(joint.moment)),
        _absolute("force based", one.force_based, other.force_based),
        _absolute("force reduction", one.force_reduction, other.force_reduction),
        _absolute("chip stress relief", one.chip_stress_relief, other.chip_stress_relief),
        _ratio("warpage of the chip", "mm", resolved.warpage.chip, condensed.warpage.chip),
        _ratio("warpage of the board", "mm", resolved.warpage.board, condensed.warpage.board),
        _ratio("interconnect strain", "1", resolved.interconnect.strain, condensed.interconnect.strain),
        *_parts(resolved, condensed),
    )


def _parts(resolved: Result, condensed: Result) -> list[Compared]:
    one, other = resolved.parts, condensed.parts
    rows = []
    if one.cylinder_shear_strain is not None and other.cylinder_shear_strain is not None:
        rows.append(_ratio("shear strain of the cylinder", "1", one.cylinder_shear_strain, other.cylinder_shear_strain))
    return rows + [
        _ratio(f"stress of the ball, {name.replace('_', ' ')}", "MPa", value, other.ball_stress[name])
        for name, value in one.ball_stress.items()
    ]


def _place(result: Result) -> tuple[int, int]:
    where = result.decoupling.critical_joint
    return where.row, where.column


def _amount(vector: tuple[float, float]) -> float:
    return float(np.hypot(*vector))


def _shear(joint: JointResult) -> float:
    return _amount(joint.shear_force)


def _absolute(name: str, resolved: float | None, condensed: float | None) -> Compared:
    difference = None if resolved is None or condensed is None else condensed - resolved
    return Compared(name, "1", resolved, condensed, difference, "1")


def _relative(name: str, unit: str, pair: Pair, amount: Callable[[JointResult], float]) -> Compared:
    return _ratio(name, unit, amount(pair[0]), amount(pair[1]))


def _ratio(name: str, unit: str, resolved: float, condensed: float) -> Compared:
    difference = (condensed - resolved) / abs(resolved) if resolved else None
    return Compared(name, unit, resolved, condensed, difference, RESOLVED)


def _worst_figures(pairs: list[Pair]) -> tuple[float | None, float | None]:
    figures = [(one.decoupling, other.decoupling) for one, other in pairs]
    known = [(a, b) for a, b in figures if a is not None and b is not None]
    return max(known, key=lambda pair: abs(pair[0] - pair[1]), default=(None, None))


def _worst_force(pairs: list[Pair]) -> Compared:
    """The joint whose two shear forces differ most as vectors, relative to the resolved one."""

    def apart(pair: Pair) -> float:
        difference = np.subtract(pair[1].shear_force, pair[0].shear_force)
        return float(np.hypot(*difference) / max(_shear(pair[0]), 1e-300))

    worst = max(pairs, key=apart)
    name = "shear force of the joint where both differ most"
    return Compared(name, "N", _shear(worst[0]), _shear(worst[1]), apart(worst), "the resolved force, as vectors")


def _axial(pairs: list[Pair], critical: Pair) -> Compared:
    largest = max(abs(joint.axial_force) for joint, _ in pairs)
    resolved, condensed = (joint.axial_force for joint in critical)
    difference = (condensed - resolved) / largest if largest else None
    name = "axial force of the critical joint"
    return Compared(name, "N", resolved, condensed, difference, "the largest axial force")
