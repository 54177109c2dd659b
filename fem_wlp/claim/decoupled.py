"""The claim that all others serve: thickness and elasticities are chosen for a desired level of decoupling."""

from __future__ import annotations

from collections.abc import Callable

from ..analysis import solve
from ..estimation import estimate
from ..materials.model import plane_constants
from ..package.model import Package
from ..study.aim import target_of
from ..study.confirmed import decoupled
from ..study.design import CONFIRMED
from .record import Figure, Finding, met, not_applicable, not_met

ID = "D13"
TEXT = "The second layer's thickness and the elasticities are chosen for a desired level of mechanical decoupling."


def desired_decoupling(package: Package, estimated: bool, progress: Callable[[str], None] | None = None) -> Finding:
    """Find whether a package reaches the target in its file.

    Parameters
    ----------
    package
        Whose ``design.target`` it is.
    estimated
        Whether closed forms shall answer, in milliseconds, where their whole band does; else the package is solved.
    progress
        Called with the name of each step of the solve when it begins.

    Raises
    ------
    ConfigError
        D101: a target that is no decoupling figure; or what a solve refuses.
    """
    table = package.design
    if table is None or table.target is None:
        return not_applicable("the file says no target", "[design] target = 0.9, or --set design.target=0.9")
    target = target_of(table.target, package.origin.document.where(("design", "target")))
    return _by_closed_forms(package, target) if estimated else _by_solve(package, target, progress)


def _by_solve(package: Package, target: float, progress: Callable[[str], None] | None) -> Finding:
    """Find it as a design is confirmed: missed by no more than `CONFIRMED`; D beyond 1 counts as much as below."""
    result = solve(package, progress)
    figure = result.decoupling.figure
    figures = (
        Figure("D", figure),
        Figure("target", target),
        Figure("error by the mesh", result.certificates.discretisation_error.figure),
        *_chosen(package),
    )
    if decoupled(figure) >= target - CONFIRMED:
        return met("solved", *figures)
    return not_met("solved, and missed", _hint(target), *figures)


def _by_closed_forms(package: Package, target: float) -> Finding:
    """Find it where no value of the band says otherwise."""
    band = estimate(package).decoupling
    if band is None:
        return not_applicable("the critical joint has no mismatch to decouple")
    figures = (
        Figure("D, estimated", band.value),
        Figure("at least", band.low),
        Figure("at most", band.high),
        Figure("target", target),
        *_chosen(package),
    )
    ends = decoupled(band.low), decoupled(band.high)
    best = 1.0 if band.low <= 1.0 <= band.high else max(ends)
    if min(ends) >= target:
        return met("estimated by closed forms: their whole band reaches it", *figures)
    if best < target:
        return not_met("estimated by closed forms: nothing of their band reaches it", _hint(target), *figures)
    hint = "without --estimate the package is solved"
    return not_applicable("estimated by closed forms, whose band cannot tell", hint, *figures)


def _hint(target: float) -> str:
    return f"fem-wlp design FILE --target {target:g} finds a package that reaches it"


def _chosen(package: Package) -> tuple[Figure, ...]:
    """Return what was chosen; moduli at the coldest service temperature."""
    layer, cylinder, cold = package.second_layer, package.cylinder, min(package.temperatures.points)
    thickness = () if layer is None else (Figure("second layer", layer.thickness, "length"),)
    parts = (("the second layer", layer), ("the cylinder", cylinder), ("the ball or its core", package.ball))
    return thickness + tuple(
        Figure(f"E of {name}", plane_constants(part.material, cold)[0], "stress")
        for name, part in parts
        if part is not None
    )
