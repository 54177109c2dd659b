"""What is looked for: the target, what is to be small or large, what may be varied, what is kept within limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import ConfigError
from ..package import Package
from ..package.document import dotted
from ..package.model import DesignTable
from ..units import parse, text
from .limits import RATIO, Limit, limits_of
from .parameters import parameter_of, varied_paths
from .ranges import Range, range_of

THICKNESS = "second_layer.thickness"

WORDS = {"thinnest": f"min {THICKNESS}", "stiffest": "max {modulus}"}
"""Objectives that have a name: the thinnest second layer, the stiffest cylinder."""

DEFAULT = "thinnest"

THICKEST = 0.25
"""How thick the second layer may become where nothing is said, unless it is thicker already [mm]."""

MOST = 1.0
"""Thickest layer that a package file admits [mm]."""

SOFTEST, STIFFEST = 1.0, 5e4
"""Between which a modulus is looked for where nothing is said [MPa]."""

FACTORS = "x 0.1..10:log"
"""The same for one that depends on temperature."""


@dataclass(frozen=True)
class Aim:
    """What is looked for.

    Parameters
    ----------
    package
        Of which the design is a variant.
    target
        D to be reached [-].
    objective
        The range whose value is to be small, or large.
    largest
        Whether it is to be large.
    free
        What may be varied, the objective's among them.
    beside
        What stands as it is, but is told how far it could move from the design.
    limits
        What the design keeps.
    """

    package: Package
    target: float
    objective: Range
    largest: bool
    free: tuple[Range, ...]
    beside: tuple[Range, ...]
    limits: tuple[Limit, ...]

    def __str__(self) -> str:
        ends = [f"{axis.name} {axis.shown(axis.low)} … {axis.shown(axis.high)}" for axis in self.free]
        return "\n".join(
            [
                f"Design of {self.package.name} for D ≥ {self.target:g}: "
                f"{'largest' if self.largest else 'smallest'} {self.objective.name}",
                f"  within   {'; '.join(ends)}",
                *(f"  {'limits' if not number else '      '}   {limit}" for number, limit in enumerate(self.limits)),
            ]
        )


def aim_of(
    package: Package,
    target: float | str | None = None,
    objective: str | None = None,
    vary: Mapping[str, str] | None = None,
    limits: Mapping[str, str] | None = None,
) -> Aim:
    """Return what is looked for; what is given here replaces what stands in the file's ``[design]``.

    Parameters
    ----------
    package
        With or without a table ``[design]``.
    target
        D to be reached, e.g. 0.9 or "90 %".
    objective
        "thinnest" second layer, "stiffest" cylinder, or "min PATH" or "max PATH" of any parameter.
    vary
        Path of a parameter → its range, e.g. "20 um..150 um"; the objective's own has a default.
    limits
        Name of a measure → its limit, e.g. {"interconnect_strain": "0.3 %"}.

    Raises
    ------
    ConfigError
        D101 … D104, or what a parameter refuses, such as P102; nothing is meshed or solved.
    """
    table = package.design or DesignTable()
    document = package.origin.document
    wanted = target_of(table.target if target is None else target, document.where(("design", "target")))
    kept = limits_of(
        package,
        {name: str(value) for name, value in (table.limits if limits is None else limits).items()},
        {name: document.where(("design", "limits", name)) if limits is None else f"--limit {name}" for name in [
            *table.limits, *(limits or {})
        ]},
    )  # fmt: skip
    ranges = {
        name: _ranged(package, name, written, document.where(("design", "vary")) if vary is None else f"--vary {name}")
        for name, written in (table.vary if vary is None else vary).items()
    }
    where = document.where(("design", "objective")) if objective is None and table.objective else "--objective"
    path, largest = _objective(package, objective or table.objective or DEFAULT, where)
    own = next((axis for axis in ranges.values() if path in (axis.name, *axis.parameter.paths)), None)
    if own is None:
        own = ranges[path] = _default(package, path, where, {limit.name: limit.value for limit in kept})
    free = tuple(ranges.values())
    return Aim(package, wanted, own, largest, free, tuple(_beside(package, free, kept)), kept)


def target_of(written: float | str | None, where: str) -> float:
    """Return the decoupling figure that is wanted.

    Raises
    ------
    ConfigError
        D101: nothing that a package could reach.
    """
    hint = "write it like --target 0.9 or --target 90%"
    if written is None:
        raise ConfigError("D101", "nothing says which decoupling figure is wanted", where="--target", hint=hint)
    try:
        number = parse(written, "fraction")
    except ConfigError as fault:
        raise ConfigError("D101", fault.message, where=where, value=str(written), hint=hint) from None
    if not 0.0 < number < 1.0:
        message = "a decoupling figure to be reached lies between 0, rigid joints, and 1, severed ones"
        raise ConfigError("D101", message, where=where, value=str(written), hint=hint)
    return number


def modulus_of(package: Package, part: str) -> str | None:
    """Return the path of the modulus of what a part is made of; None without such a part."""
    found = getattr(package, part)
    return None if found is None else dotted(("materials", found.material.name, "E"))


def _objective(package: Package, written: str, where: str) -> tuple[str, bool]:
    """Return the path of what is to be small or large, and which of the two."""
    modulus = modulus_of(package, "cylinder")
    worded = WORDS.get(written.strip(), written)
    sense, _, path = worded.strip().partition(" ")
    if sense not in ("min", "max") or not path.strip():
        hint = f"{', '.join(WORDS)}, or min or max and a path: min {THICKNESS}"
        raise ConfigError("D102", "this says nothing that can be small or large", where=where, value=written, hint=hint)
    if ("{modulus}" in path and modulus is None) or (path.strip() == THICKNESS and package.second_layer is None):
        raise ConfigError(
            "D102",
            "this package has no second layer and no cylinder to be designed",
            where=where,
            value=written,
            hint=f'name what may be varied, e.g. --objective "min {_first_path(package)}"',
        )
    return path.strip().format(modulus=modulus), sense == "max"


def _first_path(package: Package) -> str:
    return modulus_of(package, "ball") or next(varied_paths(package))


def _ranged(package: Package, name: str, written: str | Sequence[str], where: str) -> Range:
    return range_of(package, parameter_of(package, name, written, where))


def _default(package: Package, path: str, where: str, limits: Mapping[str, float]) -> Range:
    """Return the range of a parameter of which nothing is said."""
    written = default_range(package, path, limits.get(RATIO))
    if written is None:
        raise ConfigError(
            "D102",
            f"nothing says within which range {path} may be",
            where=where,
            value=path,
            hint=f'--vary "{path}=LOW..HIGH"',
        )
    return _ranged(package, path, written, where)


def default_range(package: Package, path: str, ratio: float | None) -> str | None:
    """Return the range of a parameter of which nothing is said; None where there is no default.

    Parameters
    ----------
    package
        In which it is varied.
    path
        The second layer's thickness, or a modulus.
    ratio
        Least thickness of the second layer over the first [-]; None where nothing demands one.
    """
    if path == THICKNESS and package.second_layer is not None:
        first, present = package.first_layer.thickness, package.second_layer.thickness
        low = max((ratio or 1.0) * first, 2.0 * package.interconnect.thickness)
        high = min(MOST, max(THICKEST, 2.0 * present, 2.0 * low))
        return f"{text(min(low, present), 'length')}..{text(high, 'length')}:log"
    if path.startswith("materials.") and path.endswith(".E"):
        written = parameter_of(package, path, "1 MPa, 1 GPa").present[0]
        if not isinstance(written, str):
            return FACTORS
        modulus = parse(written, "stress")
        low, high = min(SOFTEST, modulus), max(STIFFEST, modulus)
        return f"{text(low, 'stress')}..{text(high, 'stress')}:log"
    return None


def _beside(package: Package, free: Sequence[Range], limits: Sequence[Limit]) -> Iterator[Range]:
    """Yield what is told of beside the design: thickness, modulus of cylinder and ball, where these are not free."""
    taken = {path for axis in free for path in axis.parameter.paths}
    ratio = next((limit.value for limit in limits if limit.name == RATIO), None)
    for path in (THICKNESS, modulus_of(package, "cylinder"), modulus_of(package, "ball")):
        if path is None or path in taken:
            continue
        taken.add(path)
        try:
            written = default_range(package, path, ratio)
            if written is not None:
                yield _ranged(package, path, written, "")
        except ConfigError:
            continue  # a material without a single modulus, for instance
