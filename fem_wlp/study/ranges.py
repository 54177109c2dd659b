"""Where a design is looked for: ranges of parameters, and points in them as shares from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import ConfigError
from ..package import Package, replace_all
from ..units import parse, text
from .parameters import Parameter

Floats = NDArray[np.float64]

WIDE = 8.0
"""Ratio of the ends from which a range is searched evenly in its logarithm [-]."""

HALVINGS = 24
"""Steps that find how far a range can be gone into [-]."""

DIGITS = 6
"""Significant digits of what is found [-]."""


@dataclass(frozen=True)
class Range:
    """A parameter and the values among which it is looked for.

    Parameters
    ----------
    parameter
        What is varied.
    low, high
        The ends, in mm, MPa, K; of factors as they are.
    present
        Its value in the package as it stands; None where nothing single is written there.
    logarithmic
        Whether shares are those of the logarithm.
    cut
        Why the range ends before what was asked for; empty where it does not.
    """

    parameter: Parameter
    low: float
    high: float
    present: float | None
    logarithmic: bool
    cut: str = ""

    @property
    def name(self) -> str:
        """Of the parameter."""
        return self.parameter.name

    @property
    def start(self) -> float:
        """Its value in the package as it stands, as near as the range comes to it; else the middle."""
        if self.present is None:
            return float(self.values(np.asarray(0.5)))
        return min(max(self.present, self.low), self.high)

    def values(self, shares: Floats) -> Floats:
        """Return the values at shares of the way from the low to the high end."""
        if self.logarithmic:
            return np.asarray(self.low * (self.high / self.low) ** shares)
        return np.asarray(self.low + (self.high - self.low) * shares)

    def share(self, value: float) -> float:
        """Return how far a value is along the way, from 0 to 1."""
        if self.logarithmic:
            return float(np.log(value / self.low) / np.log(self.high / self.low))
        return (value - self.low) / (self.high - self.low)

    def written(self, value: float, digits: int | None = None) -> str:
        """Return a value as it is written in a package file."""
        if self.parameter.factor:
            return f"{value:.{digits or 17}g}"
        return text(value, self.parameter.kind or "fraction", digits)

    def shown(self, value: float) -> str:
        """Return a value as it is told, to four digits."""
        factor = "× " if self.parameter.factor else ""
        return factor + self.written(value, 4).replace("um", "µm").replace("degC", "°C")

    def numbers(self, values: Floats) -> Floats:
        """Return values in the unit in which the range is written."""
        if self.parameter.factor:
            return values
        kind, unit = self.parameter.kind or "fraction", self.parameter.unit
        zero, one = (parse(f"{number} {unit}".strip(), kind) for number in (0, 1))
        return np.asarray((values - zero) / (one - zero))

    def settings(self, value: float) -> dict[str, object]:
        """Return what a value changes in the package, as ``--set`` takes it."""
        return self.parameter.settings(self.written(value))


def range_of(package: Package, parameter: Parameter) -> Range:
    """Return where a parameter is looked for: what was asked for, as far as there is a package.

    Raises
    ------
    ConfigError
        D103: a list, words or a whole number, or a range within which nothing is a package.
    """
    span = parameter.span
    if span is None or parameter.whole or span.first == span.last:
        what = "a whole number" if parameter.whole else "a list"
        raise ConfigError(
            "D103",
            f"a design is looked for within a range, and {parameter.name} is {what}",
            where=parameter.where,
            hint='write it like "20 um..150 um"; fem-wlp sweep compares single values',
        )
    ends = sorted(parameter.inside(value) for value in parameter.at(np.array([0.0, 1.0])))
    low, high = ends[0], ends[1]
    logarithmic = low > 0.0 and (span.logarithmic or high > WIDE * low)
    whole = Range(parameter, low, high, present_of(parameter), logarithmic)
    inside = next((value for value in _candidates(whole) if fault_at(package, whole, value) is None), None)
    if inside is None:
        fault = fault_at(package, whole, low)
        assert fault is not None
        raise ConfigError(
            "D103",
            f"nothing within the range of {parameter.name} is a package: {fault.code}, {fault.message}",
            where=parameter.where,
            value=f"{whole.shown(low)} … {whole.shown(high)}",
            hint=fault.hint,
        )
    ends_inside = [_reached(package, whole, inside, end) for end in (low, high)]
    reasons = [
        f"{whole.shown(end)} is no package ({fault.code}: {fault.message})"
        for end in (low, high)
        if (fault := fault_at(package, whole, end)) is not None
    ]
    return Range(parameter, ends_inside[0], ends_inside[1], whole.present, logarithmic, "; ".join(reasons))


def present_of(parameter: Parameter) -> float | None:
    """Return the value of a parameter in the package as it stands; None where nothing single is written there."""
    if parameter.factor:
        return 1.0
    present = parameter.present[0]
    if len(set(map(str, parameter.present))) > 1 or not isinstance(present, str | int | float):
        return None
    try:
        return parse(present, parameter.kind or "fraction")
    except ConfigError:
        return None  # a word stands there, such as "outward"


def _candidates(whole: Range) -> Sequence[float]:
    return [whole.start, *whole.values(np.linspace(0.0, 1.0, 9)).tolist()]


def fault_at(package: Package, axis: Range, value: float) -> ConfigError | None:
    """Return why a value makes no package; None where it does."""
    try:
        replace_all(package, axis.settings(value))
    except ConfigError as fault:
        return fault
    return None


def _reached(package: Package, whole: Range, inside: float, end: float) -> float:
    """Return how far towards an end of the range there are packages."""
    if fault_at(package, whole, end) is None:
        return end
    good, bad = whole.share(inside), whole.share(end)
    for _ in range(HALVINGS):
        middle = 0.5 * (good + bad)
        if fault_at(package, whole, float(whole.values(np.asarray(middle)))) is None:
            good = middle
        else:
            bad = middle
    return float(whole.values(np.asarray(good)))


def settings_at(ranges: Sequence[Range], values: Sequence[float] | Floats) -> dict[str, object]:
    """Return what values of several parameters change in the package."""
    changes: dict[str, object] = {}
    for axis, value in zip(ranges, values, strict=True):
        changes |= axis.settings(float(value))
    return changes


def named(ranges: Sequence[Range], values: Sequence[float] | Floats) -> Mapping[str, str]:
    """Return parameter → value, as written in a package file."""
    return {axis.name: axis.written(float(value), DIGITS) for axis, value in zip(ranges, values, strict=True)}
