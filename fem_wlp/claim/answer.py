"""All claims at once, as plain data, and refused where one is not met."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import TargetError
from ..package.model import Package
from .decoupled import ID, TEXT, desired_decoupling
from .device import DEVICE
from .method import METHOD, NO_PROCESS
from .record import MET, NOT_APPLICABLE, NOT_MET, Claim, Claims, not_applicable

NOT_TOLD = not_applicable(NO_PROCESS)
"""What is found of the method where the file does not tell how the package is made."""


def claims(package: Package, estimated: bool = False, progress: Callable[[str], None] | None = None) -> Claims:
    """Hold a package against what the source documents claim.

    Parameters
    ----------
    package
        Any; a target of decoupling is its ``design.target``.
    estimated
        Whether closed forms answer if that target is reached, in milliseconds, where their band allows it; by default
        the package is solved, as its ``model`` says. Without a target nothing is solved.
    progress
        Called with the name of each step of the solve when it begins.

    Returns
    -------
    Claims
        Each "met", "not met" or "not applicable", with the numbers that decide.

    Raises
    ------
    WlpError
        What a solve refuses, where there is a target.
    """
    found = [Claim(rule.id, rule.text, rule.find(package)) for rule in DEVICE]
    found.append(Claim(ID, TEXT, desired_decoupling(package, estimated, progress)))
    found += [Claim(rule.id, rule.text, rule.find(package) if package.process else NOT_TOLD) for rule in METHOD]
    return Claims(package, tuple(found))


def as_data(found: Claims) -> dict[str, Any]:
    """Return claims as plain data, what ``fem-wlp claims --json`` prints."""
    return {
        "package": found.package.name,
        "counts": {verdict: len(found.of(verdict)) for verdict in (MET, NOT_MET, NOT_APPLICABLE)},
        "claims": {
            claim.id: {
                "claim": claim.text,
                "verdict": claim.verdict,
                "reason": claim.finding.reason,
                "numbers": [
                    {"what": figure.words, "value": figure.value, "unit": figure.unit}
                    for figure in claim.finding.figures
                ],
                "hint": claim.finding.hint,
            }
            for claim in found.claims
        },
    }


def require_met(found: Claims) -> None:
    """Refuse a package that does not meet a claim.

    Raises
    ------
    TargetError
        D110.
    """
    missing = found.of(NOT_MET)
    if missing:
        raise TargetError(
            "D110", found.sentence, where=found.package.name, hint=f"{missing[0].id}: {missing[0].finding.hint}"
        )
