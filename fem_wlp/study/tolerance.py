"""What scatter in manufacture does to the decoupling figure: probability of the target, and what matters most.

package, scatter of its parameters → model → sample → `Tolerance`: share that reaches the target, Sobol' indices
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ..errors import ConfigError
from ..package import Package
from ..shown import Shown
from ..units import parse
from .crews import crew_of
from .design import ModelOf, Tell
from .models import Model, model_of
from .parameters import parameter_of
from .ranges import Range, present_of, range_of

Floats = NDArray[np.float64]

CUT = 3.0
"""Where a normal scatter ends, in standard deviations: what lies beyond is sorted out in manufacture [-]."""

WIDEST = 0.3
"""Largest standard deviation over the present value [-]: three of them leave something over."""

SAMPLES = 4096
"""Packages that are drawn, a power of two [-]."""

MOST_SAMPLES = 2**16

RESAMPLED = 200
"""Resampled sets that give the confidence of Sobol' indices [-]."""

EVEN = "±"
"""Begins a scatter that is even between two limits."""

HOW = 'a standard deviation "5 um" or "10 %", or even limits "±5 um" or "±10 %"'


@dataclass(frozen=True)
class Scatter:
    """How one parameter scatters about what the package says.

    Parameters
    ----------
    range
        Factors on the present value, between the ends of the scatter.
    deviation
        Standard deviation, or half the width of an even scatter, over the present value [-].
    even
        Whether it is even between its ends; else normal, cut at `CUT` standard deviations.
    written
        As it was asked for.
    """

    range: Range
    deviation: float
    even: bool
    written: str

    @property
    def distribution(self) -> Any:
        """Distribution of the factor, as SciPy has it."""
        if self.even:
            return stats.uniform(1.0 - self.deviation, 2.0 * self.deviation)
        return stats.truncnorm(-CUT, CUT, 1.0, self.deviation)


@dataclass(frozen=True)
class Influence:
    """How much of the variance of D a parameter explains, with the ends of its 95 % confidence.

    Parameters
    ----------
    name
        Of the parameter.
    first
        Alone [-].
    total
        With all its interactions [-].
    first_range, total_range
        95 % confidence of either [-].
    """

    name: str
    first: float
    total: float
    first_range: tuple[float, float]
    total_range: tuple[float, float]


@dataclass(frozen=True)
class Tolerance(Shown):
    """What scatter does to D.

    Parameters
    ----------
    package
        As it stands.
    target
        Figure that is to be reached [-].
    scatter
        Of its parameters.
    factors, figure
        The sample: factors on the present values, shape (p, parameters), and D, shape (p,) [-].
    probability
        Share of it that reaches the target [-].
    probability_range
        95 % confidence of that share, widened by the bound of every point's error [-].
    influences
        What to measure or control first, the strongest first.
    bound
        Largest bound of the error of D against a full solve on the same mesh [-]; nan where nothing bounds it.
    seed
        Of the sample.
    model
        What answered: "reduced" or "interpolated".
    """

    package: Package
    target: float
    scatter: tuple[Scatter, ...]
    factors: Floats
    figure: Floats
    probability: float
    probability_range: tuple[float, float]
    influences: tuple[Influence, ...]
    bound: float
    seed: int
    model: str

    def __str__(self) -> str:
        low, middle, high = np.quantile(self.figure, [0.05, 0.5, 0.95])
        lines = [
            f"{self.package.name}: D ≥ {self.target:g} in {self.probability:.1%} of {len(self.figure)} packages "
            f"({self.probability_range[0]:.1%} … {self.probability_range[1]:.1%})",
            f"  D = {middle:.4f} in the median, 90 % between {low:.4f} and {high:.4f}",
            *(f"  {one.range.name} scatters by {one.written}" for one in self.scatter),
            "  share in the variance of D, alone and with interactions:",
            *(f"    {one.name:40s} {one.first:6.3f} {one.total:6.3f}" for one in self.influences),
        ]
        if np.isfinite(self.bound):
            lines.append(f"  reduced model, D within {self.bound:.1e} of a full solve on the same mesh")
        return "\n".join(lines)

    def csv(self) -> str:
        """Return the sample as a table: one row a package."""
        target = io.StringIO()
        table = csv.writer(target, lineterminator="\n")
        table.writerow([*(f"{one.range.name} [x present]" for one in self.scatter), "decoupling.figure [1]"])
        table.writerows(
            [*map(repr, row), repr(value)]
            for row, value in zip(self.factors.tolist(), self.figure.tolist(), strict=True)
        )
        return target.getvalue()


def scatter_of(package: Package, name: str, written: str) -> Scatter:
    """Return the scatter of a parameter, as it is written.

    Raises
    ------
    ConfigError
        D109: no width that can be read, or one that reaches to nothing; and what the parameter itself refuses.
    """
    where, even = f"--scatter {name}", written.strip().startswith((EVEN, "+-", "+/-"))
    width = written.strip().removeprefix(EVEN).removeprefix("+/-").removeprefix("+-").strip()
    parameter = parameter_of(package, name, "x 0.99..1.01", where)
    try:
        deviation = parse(width, "fraction")
    except ConfigError:
        deviation = _absolute(package, name, width, where)
    if not 0.0 < deviation <= (0.9 if even else WIDEST):
        most = "90 %" if even else f"{WIDEST:.0%}"
        raise ConfigError(
            "D109", f"a scatter is more than nothing and at most {most} of what is there", where=where, value=written,
            hint=HOW,
        )  # fmt: skip
    reach = deviation * (1.0 if even else CUT)
    parameter = parameter_of(package, name, f"x {1.0 - reach!r}..{1.0 + reach!r}", where)
    found = range_of(package, parameter)
    if found.cut:
        message = f"the scatter of {name} goes beyond what can be a package: {found.cut}"
        raise ConfigError("D109", message, where=where, value=written, hint="scatter less")
    return Scatter(found, deviation, even, written)


def _absolute(package: Package, name: str, width: str, where: str) -> float:
    """Return a width in a unit as a share of the present value."""
    fault = ConfigError("D109", "this is no width of a scatter", where=where, value=width, hint=HOW)
    if "," in name:
        raise fault
    try:
        parameter = parameter_of(package, name, f"{width}, {width}", where)
        present = present_of(parameter)
        amount = parse(width, parameter.kind or "fraction")
    except ConfigError:
        raise fault from None
    if not present:
        raise fault
    return amount / present


def tolerance_of(
    package: Package,
    target: float,
    scatter: Mapping[str, str],
    samples: int = SAMPLES,
    seed: int = 0,
    full: bool = False,
    workers: int = 1,
    model_for: ModelOf | None = None,
    tell: Tell = lambda step: None,
) -> Tolerance:
    """Return what the scatter of some parameters does to D.

    Parameters
    ----------
    package
        About which they scatter.
    target
        Figure that is to be reached [-].
    scatter
        Path of a parameter, or several that move together, → its width: "5 um" or "10 %" for a standard deviation
        (normal, cut at 3), "±5 um" or "±10 %" for even limits.
    samples
        Packages that are drawn [-]; Sobol' indices take as many times the number of parameters and two.
    seed
        Of the sample: the same seed, the same table.
    full, workers
        Whether full solves answer whatever the parameters are, and in how many processes.
    model_for
        Makes the model of a package with some ranges and measures.
    tell
        Told what is being done.

    Raises
    ------
    ConfigError
        D109, or what a parameter refuses.
    """
    if not scatter:
        hint = f'--scatter "second_layer.thickness=5 um": {HOW}'
        raise ConfigError("D109", "nothing says what scatters", where="--scatter", hint=hint)
    if samples & (samples - 1) or not 64 <= samples <= MOST_SAMPLES:
        message = f"a sample has 64 … {MOST_SAMPLES} packages, a power of two"
        raise ConfigError("D109", message, where="--samples", value=str(samples), hint=f"--samples {SAMPLES}")
    found = tuple(scatter_of(package, name, written) for name, written in scatter.items())
    ranges = tuple(one.range for one in found)
    with crew_of(workers) as crew:
        tell("model")
        model: Model
        model = model_for(package, ranges, ()) if model_for else model_of(package, ranges, (), full, crew)
        tell("sample")
        distributions = [one.distribution for one in found]
        share = stats.qmc.Sobol(len(found), rng=np.random.default_rng(seed)).random(samples)
        factors = np.column_stack([one.ppf(column) for one, column in zip(distributions, share.T, strict=True)])
        readings = model.readings(factors, bounds=True)
        tell("indices")
        influences = influences_of(
            lambda x: model.readings(x.T).figure, distributions, [one.range.name for one in found], samples, seed
        )
    bound = np.nan_to_num(readings.bound)
    low, high = (_share(readings.figure + side * bound >= target, side) for side in (-1.0, 1.0))
    return Tolerance(
        package, target, found, factors, readings.figure, float((readings.figure >= target).mean()), (low, high),
        influences, float(readings.bound.max()), seed, model.kind,
    )  # fmt: skip


def _share(reached: NDArray[np.bool_], side: float) -> float:
    """Return an end of the 95 % confidence of a share (Wilson)."""
    found = stats.binomtest(int(reached.sum()), len(reached)).proportion_ci(0.95, "wilson")
    return float(found.low if side < 0.0 else found.high)


def influences_of(
    function: Callable[[Floats], Floats], distributions: Sequence[Any], names: Sequence[str], samples: int, seed: int
) -> tuple[Influence, ...]:
    """Return Sobol' indices with their confidence, the strongest first.

    Parameters
    ----------
    function
        Of values (parameters, p) to results (p,).
    distributions
        Of each parameter, with a ``ppf``.
    names
        Of the parameters.
    samples
        A power of two [-].
    seed
        Of sample and confidence.
    """
    rng, count = np.random.default_rng(seed), len(names)
    share = stats.qmc.Sobol(2 * count, rng=rng).random(samples).T
    A, B = (
        np.array([one.ppf(row) for one, row in zip(distributions, half, strict=True)])
        for half in (share[:count], share[count:])
    )
    mixed = [np.where(np.arange(count)[:, None] == number, B, A) for number in range(count)]
    answers = {
        "f_A": function(A)[None],
        "f_B": function(B)[None],
        "f_AB": np.array([function(one)[None] for one in mixed]),
    }
    if count == 1:  # all that varies is due to the one parameter, and SciPy's estimate needs two
        (name,), all_of_it = names, float(np.ptp(answers["f_A"]) > 0.0)
        return (Influence(name, all_of_it, all_of_it, (all_of_it, all_of_it), (all_of_it, all_of_it)),)
    first, total = _indices(answers, samples)
    draws = [rng.integers(0, samples, samples) for _ in range(RESAMPLED)]
    again = np.array([_indices({name: f[..., draw] for name, f in answers.items()}, samples) for draw in draws])
    low, high = np.quantile(again, [0.025, 0.975], axis=0)
    influences = [
        Influence(
            name,
            float(first[number]),
            float(total[number]),
            (float(low[0, number]), float(high[0, number])),
            (float(low[1, number]), float(high[1, number])),
        )
        for number, name in enumerate(names)
    ]
    return tuple(sorted(influences, key=lambda one: -one.total))


def _indices(answers: dict[str, Floats], samples: int) -> tuple[Floats, Floats]:
    """Return first and total Sobol' indices of answers at A, B, and A with one row of B (Saltelli)."""
    found = stats.sobol_indices(func=answers, n=samples)
    return np.asarray(found.first_order).ravel(), np.asarray(found.total_order).ravel()


def as_data(found: Tolerance) -> dict[str, Any]:
    """Return what ``tolerance.json`` says."""
    return {
        "package": found.package.name,
        "target": found.target,
        "probability": found.probability,
        "probability_range": list(found.probability_range),
        "figure": {
            "mean": float(found.figure.mean()),
            "standard_deviation": float(found.figure.std(ddof=1)),
            **{f"quantile_{q:g}": float(np.quantile(found.figure, q)) for q in (0.01, 0.05, 0.5, 0.95, 0.99)},
        },
        "bound": found.bound if np.isfinite(found.bound) else None,
        "model": found.model,
        "samples": len(found.figure),
        "seed": found.seed,
        "scatter": {
            one.range.name: {
                "written": one.written,
                "relative": one.deviation,
                "kind": "even" if one.even else "normal",
            }
            for one in found.scatter
        },
        "influences": [
            {
                "parameter": one.name,
                "first": one.first,
                "first_range": list(one.first_range),
                "total": one.total,
                "total_range": list(one.total_range),
            }
            for one in found.influences
        ],
    }
