"""What becomes of a package that is solved: green, refused with a code, or failed; no certificate is taken on trust."""

from __future__ import annotations

import math
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from fem_wlp.analysis import solve
from fem_wlp.errors import CATALOGUE, WlpError
from fem_wlp.package import Package
from fem_wlp.results import Result

Verdict = Literal["green", "refused", "failed"]

ASKED: dict[str, dict[str, float]] = {
    "2d": {
        "residual": 1e-10,
        "backward_error": 1e-10,
        "equilibrium": 1e-9,
        "moments": 1e-9,
        "section_forces": 1e-6,
        "energy": 1e-9,
    },
    "3d": {"residual": 1e-9, "equilibrium": 1e-6, "moments": 1e-6, "section_forces": 1e-6, "energy": 1e-6},
}
"""Kind of model → certificate → the most that it may be [-]; of a 3D model, whose systems are iterated."""

LOST = 1e-3
"""Largest imbalance that is round-off of a result that says so [-]."""


@dataclass(frozen=True)
class Outcome:
    """What became of a package.

    Parameters
    ----------
    verdict
        Green, refused with a code, or failed.
    code
        Of the refusal; of a failure what it was.
    told
        The message, or which certificates are red.
    certificates
        As far as there is a result [-].
    """

    verdict: Verdict
    code: str = ""
    told: str = ""
    certificates: Mapping[str, float] = field(default_factory=dict)


def outcome_of(package: Package) -> Outcome:
    """Solve a package and tell what became of it; what is computed with numbers that are none, is a failure."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            result = solve(package)
    except WlpError as refusal:
        if refusal.code not in CATALOGUE:
            return Outcome("failed", "no code", str(refusal))
        return Outcome("refused", refusal.code, refusal.message)
    except Exception as fault:
        return Outcome("failed", type(fault).__name__, traceback.format_exc()[-1500:])
    found = measured(result)
    faults = red(result)
    return Outcome("failed", "red", ", ".join(faults), found) if faults else Outcome("green", certificates=found)


def measured(result: Result) -> dict[str, float]:
    """Return the certificates and the figure of a result."""
    asked = ASKED[result.package.model.kind]
    certificates = {name: getattr(result.certificates, name) for name in asked}
    return {"figure": result.decoupling.figure, "error": result.certificates.discretisation_error.figure} | certificates


def red(result: Result) -> list[str]:
    """Return which certificates of a result are red, and which numbers that must be there are none."""
    asked = dict(ASKED[result.package.model.kind])
    # a force that double precision cannot tell is known to a thousandth at least
    for name in ("equilibrium", "moments"):
        asked[name] = max(asked[name], min(result.certificates.round_off or 0.0, LOST))
    faults = [name for name, most in asked.items() if not getattr(result.certificates, name) <= most]
    numbers: dict[str, Any] = {
        "figure": result.decoupling.figure,
        "pad_to_pad": result.decoupling.pad_to_pad,
        "force_based": result.decoupling.force_based,
        "interconnect strain": result.interconnect.strain,
        "lateral stiffness": result.joint.stiffness.lateral,
        "discretisation error": result.certificates.discretisation_error.figure,
    }
    faults += [f"{name} is {value}" for name, value in numbers.items() if not math.isfinite(value)]
    if not result.joint.stiffness.lateral > 0.0:
        faults.append("lateral stiffness is not positive")
    return faults
