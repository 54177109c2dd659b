"""Which points a study has: a full grid, or a sample drawn from the ranges.

>>> from fem_wlp.package import loads, template
>>> from fem_wlp.study.parameters import parameter_of
>>> package = loads(template("compliant"))
>>> thickness = parameter_of(package, "second_layer.thickness", "50 um, 100 um")
>>> pitch = parameter_of(package, "array.pitch", "0.4 mm..0.5 mm:2")
>>> [plan.settings(2) for plan in [plan_of((thickness, pitch))]]
[{'second_layer.thickness': '100 um', 'array.pitch': '0.4 mm'}]
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ..errors import ConfigError, shortened
from ..materials.leaves import did_you_mean
from .parameters import Parameter, number_of_points

Floats = NDArray[np.float64]

MOST_POINTS = 10**6
"""Most points of a study [-]."""

GRID = "grid"
SAMPLES = ("lhs", "sobol")
"""Latin hypercube, and Sobol' points, scrambled."""


@dataclass(frozen=True)
class Plan:
    """All points of a study, in their order.

    Parameters
    ----------
    parameters
        The axes.
    rows
        Value of each parameter as text, one tuple a point; the last parameter changes fastest on a grid.
    shape
        Points along each axis of a grid; None for a sample.
    """

    parameters: tuple[Parameter, ...]
    rows: tuple[tuple[str, ...], ...]
    shape: tuple[int, ...] | None

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        if self.shape is None:
            return f"{len(self)} points of {', '.join(parameter.name for parameter in self.parameters)}"
        axes = zip(self.shape, self.parameters, strict=True)
        return f"{len(self)} points: {' × '.join(f'{count} of {axis.name}' for count, axis in axes)}"

    def settings(self, number: int) -> dict[str, object]:
        """Return what a point changes in the package: path → value, as ``--set`` takes them."""
        changes: dict[str, object] = {}
        for parameter, value in zip(self.parameters, self.rows[number], strict=True):
            changes |= parameter.settings(value)
        return changes

    def numbers(self) -> Floats:
        """Return all values in the parameters' own units, shape (points, parameters); nan for words."""
        return self._table([parameter.number for parameter in self.parameters])

    def inside(self) -> Floats:
        """Return all values in mm, MPa, K, factors as they are, shape (points, parameters); nan for words."""
        return self._table([parameter.inside for parameter in self.parameters])

    def _table(self, reads: Sequence[object]) -> Floats:
        columns = []
        for read, column in zip(reads, zip(*self.rows, strict=True), strict=True):
            known = {value: read(value) for value in dict.fromkeys(column)}  # type: ignore[operator]
            columns.append([known[value] for value in column])
        return np.array(columns, dtype=float).T

    def first_alike(self) -> list[int]:
        """Return for each point the number of the first one with the same values."""
        first: dict[tuple[str, ...], int] = {}
        return [first.setdefault(row, number) for number, row in enumerate(self.rows)]


def plan_of(parameters: Sequence[Parameter], sample: str = GRID, seed: int = 0, where: str = "") -> Plan:
    """Return the points of a study.

    Parameters
    ----------
    parameters
        The axes.
    sample
        "grid" for all combinations; "lhs:N" or "sobol:N" for N points spread over the ranges.
    seed
        Of a sample.
    where
        Place of `sample` in the file or on the command line.

    Raises
    ------
    ConfigError
        P101, P103, P105, P107, P109.
    """
    if not parameters:
        raise ConfigError(
            "P101",
            "nothing says what to vary",
            where=where,
            hint='--vary "second_layer.thickness=20 um..150 um:8", or vary in the file\'s [study]',
        )
    taken: set[str] = set()
    for parameter in parameters:
        twice = taken.intersection(parameter.paths)
        if twice:
            raise ConfigError(
                "P107",
                f"{min(twice)} is varied by two parameters",
                where=parameter.where,
                hint="vary it in one of them",
            )
        taken |= {*parameter.paths}
    if sample.strip() == GRID:
        return _grid(tuple(parameters), where)
    try:
        return _sample(tuple(parameters), sample, seed)
    except ConfigError as fault:
        raise ConfigError(fault.code, fault.message, where=where, value=sample, hint=fault.hint) from None


def _grid(parameters: tuple[Parameter, ...], where: str) -> Plan:
    # counted before any value is written: a range may ask for more than fit into memory
    counts = [axis.span.count or 1 if axis.span is not None else len(axis.listed) for axis in parameters]
    _require_few(math.prod(counts), where or parameters[0].where)
    axes = [parameter.values for parameter in parameters]
    return Plan(parameters, tuple(product(*axes)), tuple(map(len, axes)))


def _sample(parameters: tuple[Parameter, ...], sample: str, seed: int) -> Plan:
    name, _, written = (part.strip() for part in sample.partition(":"))
    if name not in SAMPLES:
        raise ConfigError(
            "P109", f'"{shortened(name)}" is no sample', hint=did_you_mean(name, (GRID, *SAMPLES)) + ', as in "lhs:200"'
        )
    count = number_of_points(written)
    if count is None:
        raise ConfigError("P109", "a sample says how many points it has", hint=f'write it like "{name}:256"')
    _require_few(count, "")
    from scipy.stats import qmc  # 0.2 s to load, which only samples need

    generator = np.random.default_rng(seed)
    if name == "lhs":
        shares = qmc.LatinHypercube(len(parameters), rng=generator).random(count)
    else:
        shares = qmc.Sobol(len(parameters), rng=generator).random_base2(_power_of_two(count))
    columns = [parameter.at(shares[:, number]) for number, parameter in enumerate(parameters)]
    return Plan(parameters, tuple(zip(*columns, strict=True)), None)


def _power_of_two(count: int) -> int:
    power = count.bit_length() - 1
    if count != 2**power:
        message = "Sobol' points are spread evenly only where their number is a power of two"
        raise ConfigError("P109", message, hint=f"sobol:{2**power} or sobol:{2 ** (power + 1)}, or lhs:{count}")
    return power


def _require_few(count: int, where: str) -> None:
    if count > MOST_POINTS:
        count = min(count, 10**300)  # what a floating-point number holds
        years = count / (365.25 * 86400)
        age = f", {years:.3g} years at a second each" if years > 0.1 else ""
        raise ConfigError(
            "P105",
            f"{count:.7g} points{age}; a study has at most {MOST_POINTS:.0e}".replace("e+0", "e"),
            where=where,
            hint="fewer points along each axis, or a sample: lhs:1000",
        )


def spread(count: int, most: int) -> Iterator[int]:
    """Yield at most so many numbers from 0 to count − 1, evenly, the first and last among them."""
    yield from dict.fromkeys(round(share * (count - 1)) for share in np.linspace(0.0, 1.0, min(count, most)))
