"""What a study asks: the package, its plan, and what is recorded of each point."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from .. import __version__
from ..errors import ConfigError, WlpError
from ..package import Package, replace_all
from ..package.model import StudyTable
from ..package.outline import Path
from .parameters import Parameter, parameter_of
from .plan import Plan, plan_of, spread
from .recorded import require_recorded

TRIED = 16
"""Points, spread over the plan, of which one at least must be a package [-]."""


@dataclass(frozen=True)
class Study:
    """What is asked.

    Parameters
    ----------
    package
        What every point is a variant of.
    plan
        The points.
    record
        Keys of the result to record.
    """

    package: Package
    plan: Plan
    record: tuple[str, ...]

    def __str__(self) -> str:
        return f"Study of {self.package.name}, {self.plan}\n  records {', '.join(self.record)}"

    def variant(self, number: int) -> Package:
        """Return the package of a point.

        Raises
        ------
        ConfigError
            What makes this combination no package.
        """
        return replace_all(self.package, self.plan.settings(number))

    @cached_property
    def digests(self) -> dict[str, str]:
        """Digests of all that the answers depend on: a journal belongs to the study with the same ones."""
        return {
            "program": __version__,
            "package": _digest(_written(self.package)),
            "points": _digest(
                [[parameter.name, parameter.factor] for parameter in self.plan.parameters], self.plan.rows
            ),
            "recorded keys": _digest(self.record),
        }


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, default=str).encode()).hexdigest()[:16]


def _written(package: Package) -> object:
    """Return what stands in a package's file, all that it extends and its reference; what is asked of it left out."""
    tree = {key: value for key, value in package.origin.document.tree.items() if key not in ("study", "design")}
    return [_sorted(tree), package.reference and _written(package.reference)]


def _sorted(tree: object) -> object:
    if isinstance(tree, Mapping):
        return {key: _sorted(tree[key]) for key in sorted(tree)}
    return [_sorted(item) for item in tree] if isinstance(tree, list) else tree


def study_of(
    package: Package,
    vary: Mapping[str, str | Sequence[str]] | None = None,
    record: Sequence[str] | None = None,
    sample: str | None = None,
    seed: int | None = None,
) -> Study:
    """Return the study that a package's file describes; what is given here replaces what stands there.

    Parameters
    ----------
    package
        With or without a table ``[study]``.
    vary
        Path of a key, or several with commas → range, list or factors: "20 um..150 um:8", "1 MPa..50 GPa:log 12",
        ["10 um", "20 um"], "x 0.1..10:log 5".
    record
        Keys of the result, e.g. "joint.stiffness.lateral".
    sample, seed
        "grid", "lhs:200" or "sobol:256", and the seed of the latter two.

    Raises
    ------
    ConfigError
        P101 … P110, or what a key refuses of its values; nothing is meshed or solved.
    """
    table = package.study or StudyTable()
    document = package.origin.document
    written = table.vary if vary is None else vary
    parameters = [
        parameter_of(package, name, values, _where(package, name) if vary is None else f"--vary {name}")
        for name, values in written.items()
    ]
    plan = plan_of(
        parameters,
        table.sample if sample is None else sample,
        table.seed if seed is None else seed,
        document.where(("study", "sample")) if sample is None and package.study is not None else "--sample",
    )
    keys = require_recorded(
        table.record if record is None else record,
        document.where(("study", "record")) if record is None else "--record",
    )
    study = Study(package, plan, keys)
    _require_packages(study)
    for parameter in parameters:
        _require_effect(package, parameter)
    return study


def _where(package: Package, name: str) -> str:
    """Return the place of a parameter in the file, whether its path stands in quotes or as TOML's dotted key."""
    document = package.origin.document
    whole: Path = ("study", "vary", name)
    parts: Path = ("study", "vary", *name.split("."))
    return document.where(whole if document.written(whole) is not None else parts)


def _require_packages(study: Study) -> None:
    """Refuse a study of which none of some points, spread over the plan, is a package."""
    faults: list[WlpError] = []
    for number in spread(len(study.plan), TRIED):
        try:
            study.variant(number)
        except ConfigError as fault:
            faults.append(fault)
        else:
            return
    first = faults[0]
    raise ConfigError(
        "P110",
        f"none of {len(faults)} points, spread over the plan, is a package; the first: {first.code}, {first.message}",
        where=first.where,
        value=first.value,
        hint=first.hint,
    )


def _require_effect(package: Package, parameter: Parameter) -> None:
    """Refuse a parameter whose first and last value make the same package."""
    first, last = parameter.at([0.0, 1.0])
    if first == last:
        return
    try:
        variants = [replace_all(package, parameter.settings(value)) for value in (first, last)]
    except ConfigError:
        return  # alone it makes no package, with the others it may
    if variants[0] == variants[1]:
        raise ConfigError(
            "P108",
            f"{parameter.name} changes nothing of this package: no part is made of that material, or none asks for it",
            where=parameter.where,
            value=f"{first} … {last}",
            hint="fem-wlp check FILE tells of what the parts are made",
        )
