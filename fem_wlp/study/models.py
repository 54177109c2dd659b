"""What answers many variants of a package: the reduced model where every parameter admits it, else full solves.

    package, parameters and their ranges → `model_of` → a `Model` → `Readings` at any values

Both give the same numbers by the same definitions; the reduced one with a bound of its error against a full solve on
the same mesh.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import ConfigError
from ..package import Package, replace_all
from ..package.geometry import joint_height
from ..reduced.axes import Axis, effect_of
from ..reduced.package import ReducedPackage
from .crews import Crew
from .evaluators import Evaluator, figures_of
from .journal import Journal
from .limits import HEIGHT, RATIO, keys_of, measured
from .loop import run
from .plan import Plan
from .question import Study
from .ranges import Range, settings_at

Floats = NDArray[np.float64]

FIGURE = "decoupling.figure"

GAUGED = ("interconnect_strain", "cylinder_shear_strain", "ball_stress")
"""Measures that need the fields of the joint; the others follow from its geometry."""

SPREAD = 8.0
"""Thicknesses of the second layer that one stretched mesh serves, as a ratio [-]."""

FEW = 9
"""Full solves along one parameter, from which is interpolated between [-]."""

SAMPLED = 16
"""Full solves for each of several parameters [-]."""


@dataclass(frozen=True)
class Readings:
    """What a model answers at p points.

    Parameters
    ----------
    figure
        D of the critical joint, shape (p,) [-]; nan where there is no answer.
    bound
        Largest error of it against a full solve on the same mesh, shape (p,) [-]; nan where nothing bounds it.
    certified
        Whether the bound is proven, shape (p,).
    quantities
        Name of a measure → its values, shape (p,), in the measure's unit.
    """

    figure: Floats
    bound: Floats
    certified: NDArray[np.bool_]
    quantities: Mapping[str, Floats]


class Model(Protocol):
    """Answers a package at many values of its parameters."""

    ranges: tuple[Range, ...]

    @property
    def kind(self) -> str:
        """How it answers: "reduced", "interpolated" between full solves, or "solved"."""
        ...

    def readings(self, values: Floats, names: Sequence[str] = (), bounds: bool = False) -> Readings:
        """Return D, measures by their names, and bounds of D where they are asked for, at many points.

        Parameters
        ----------
        values
            Of the parameters in mm, MPa, K, shape (p, parameters).
        names
            Keys of `MEASURES`.
        bounds
            Whether bounds of the error of D are asked for.
        """
        ...


class ReducedModel:
    """The reduced package, one for every part of a wide range of thicknesses.

    Parameters
    ----------
    package
        What is varied.
    ranges
        Its parameters, all affine.
    names
        Measures that will be asked for.
    listed
        Thicknesses of the second layer, if only these will be asked for [mm]: their bounds are proven.
    """

    kind = "reduced"

    def __init__(
        self,
        package: Package,
        ranges: Sequence[Range],
        names: Sequence[str] = (),
        listed: Sequence[float] | None = None,
    ) -> None:
        self.ranges = tuple(ranges)
        prepared = any(name in GAUGED for name in names)
        base = base_of(package, ranges)
        number, self._edges = _parts(base, self.ranges)
        self._split = number
        self._parts = tuple(
            _reduced(package, _narrowed(self.ranges, number, low, high), prepared, listed)
            for low, high in zip(self._edges[:-1], self._edges[1:], strict=True)
        )

    def readings(self, values: Floats, names: Sequence[str] = (), bounds: bool = False) -> Readings:
        """Return the answers at values of the parameters."""
        values = np.asarray(values, dtype=float)
        part = np.zeros(len(values), dtype=int)
        if self._split is not None:
            part = np.searchsorted(self._edges[1:-1], values[:, self._split])
        figure, bound = np.full(len(values), np.nan), np.full(len(values), np.nan)
        certified = np.zeros(len(values), dtype=bool)
        quantities = {name: np.full(len(values), np.nan) for name in names}
        for number, model in enumerate(self._parts):
            mine = np.flatnonzero(part == number)
            if not len(mine):
                continue
            answers = model.answers(values[mine], bounds, any(name in GAUGED for name in names))
            figure[mine], bound[mine], certified[mine] = answers.figure, answers.bound, answers.certified
            for name in names:
                quantities[name][mine] = (
                    answers.quantities[name] if name in GAUGED else _by_thickness(model, name, values[mine])
                )
        return Readings(figure, bound, certified, quantities)


def _by_thickness(model: ReducedPackage, name: str, values: Floats) -> Floats:
    """Return a measure that nothing but the second layer's thickness changes."""
    thickness, package = model.parameters.thickness(values), model.package
    if name == RATIO:
        return np.asarray(thickness / package.first_layer.thickness)
    if name == HEIGHT:
        growth = thickness - model.parameters.own
        return np.asarray(package.chip.thickness + joint_height(package) + growth)
    return model.resistance(values)


def base_of(package: Package, ranges: Sequence[Range]) -> Package:
    """Return the package with its parameters at the start of their ranges: there is a single number, then."""
    return replace_all(package, settings_at(ranges, [axis.start for axis in ranges]))


def _axis(package: Package, axis: Range) -> Axis:
    return Axis(axis.name, axis.low, axis.high, lambda value: replace_all(package, axis.settings(float(value))))


def _reduced(
    package: Package, ranges: Sequence[Range], quantities: bool, listed: Sequence[float] | None
) -> ReducedPackage:
    base = base_of(package, ranges)
    return ReducedPackage(base, [_axis(base, axis) for axis in ranges], listed, quantities)


def thickness_range(base: Package, ranges: Sequence[Range]) -> int | None:
    """Return the number of the range that is the second layer's thickness; None where none is."""
    for number, axis in enumerate(ranges):
        effect = effect_of(base, _axis(base, axis))
        if effect is not None and effect.is_thickness:
            return number
    return None


def _parts(base: Package, ranges: Sequence[Range]) -> tuple[int | None, Floats]:
    """Return which range is that of the second layer's thickness, and where it is parted, shape (parts + 1,)."""
    number = thickness_range(base, ranges)
    if number is None:
        return None, np.array([0.0, np.inf])
    axis = ranges[number]
    count = max(1, int(np.ceil(np.log(axis.high / axis.low) / np.log(SPREAD) - 1e-9)))
    return number, np.geomspace(axis.low, axis.high, count + 1)


def _narrowed(ranges: tuple[Range, ...], number: int | None, low: float, high: float) -> tuple[Range, ...]:
    if number is None:
        return ranges
    axis = ranges[number]
    inside = axis.present is not None and low <= axis.present <= high
    part = replace(
        axis, low=float(low), high=float(high), present=axis.present if inside else float(np.sqrt(low * high))
    )
    return (*ranges[:number], part, *ranges[number + 1 :])


def is_affine(package: Package, ranges: Sequence[Range]) -> list[bool]:
    """Return which parameters the reduced model can vary: none where a package is resolved, or has a process."""
    if package.model.kind != "2d" or package.process:
        return [False] * len(ranges)
    base = base_of(package, ranges)
    found = []
    for axis in ranges:
        try:
            found.append(axis.low > 0.0 and effect_of(base, _axis(base, axis)) is not None)
        except ConfigError:
            found.append(False)  # with the other parameters at their start its end makes no package
    return found


class SolvedModel:
    """Full solves, each point once.

    Parameters
    ----------
    package
        What is varied.
    ranges
        Its parameters.
    crew
        Who computes; by default this process.
    evaluator
        Answers one point.
    progress
        Told how many more points are answered, and how many of these failed.
    """

    kind = "solved"

    def __init__(
        self,
        package: Package,
        ranges: Sequence[Range],
        crew: Crew | None = None,
        evaluator: Evaluator = figures_of,
        progress: Callable[[int, int], None] = lambda done, failed: None,
    ) -> None:
        self.ranges = tuple(ranges)
        self._package, self._crew, self._evaluator, self._progress = package, crew, evaluator, progress

    def readings(self, values: Floats, names: Sequence[str] = (), bounds: bool = False) -> Readings:
        """Return the answers at values of the parameters."""
        plan = Plan(
            tuple(axis.parameter for axis in self.ranges),
            tuple(
                tuple(axis.written(float(value)) for axis, value in zip(self.ranges, row, strict=True))
                for row in values
            ),
            None,
        )
        study = Study(self._package, plan, (FIGURE, *keys_of(self._package, names)))
        answers = run(study, self._evaluator, self._crew, Journal(), self._progress)
        quantities = {name: np.full(len(plan), np.nan) for name in names}
        for number, answer in enumerate(answers.rows):
            if not answer.code and names:
                variant = study.variant(number)
                for name in names:
                    value = measured(variant, name, answer.values)
                    quantities[name][number] = np.nan if value is None else value
        nothing = np.full(len(plan), np.nan)
        return Readings(answers.column(FIGURE), nothing, np.zeros(len(plan), dtype=bool), quantities)


class InterpolatedModel:
    """Smooth functions through full solves at a few points: what search and figures ask where nothing is affine.

    Parameters
    ----------
    solved
        The full solves.
    names
        Measures that will be asked for.
    """

    kind = "interpolated"

    def __init__(self, solved: SolvedModel, names: Sequence[str]) -> None:
        self.ranges = solved.ranges
        count = len(self.ranges)
        if count == 1:
            shares = np.linspace(0.0, 1.0, FEW)[:, None]
        else:
            from scipy.stats import qmc  # 0.2 s to load, which only samples need

            corners = np.stack(np.meshgrid(*[[0.0, 1.0]] * count), axis=-1).reshape(-1, count)
            shares = np.concatenate([corners, qmc.Halton(count, scramble=False).random(SAMPLED * count)[1:]])
        readings = solved.readings(values_at(self.ranges, shares), names)
        known = np.isfinite(readings.figure)
        if known.sum() <= count + 1:
            raise ConfigError(
                "D103",
                f"only {known.sum()} of {len(shares)} points of the ranges are packages",
                hint="narrow the ranges: fem-wlp sweep says which values are refused, and why",
            )
        self._valid = _Fitted(shares, known.astype(float)) if not known.all() else None
        self._figure = _Fitted(shares[known], readings.figure[known])
        self._measures = {name: _Fitted(shares[known], readings.quantities[name][known]) for name in names}

    def readings(self, values: Floats, names: Sequence[str] = (), bounds: bool = False) -> Readings:
        """Return the answers at values of the parameters."""
        shares = np.array(
            [[axis.share(float(value)) for axis, value in zip(self.ranges, row, strict=True)] for row in values]
        )
        figure = self._figure(shares)
        if self._valid is not None:
            figure = np.where(self._valid(shares) > 0.5, figure, np.nan)
        nothing = np.full(len(shares), np.nan)
        quantities = {name: self._measures[name](shares) for name in names}
        return Readings(figure, nothing, np.zeros(len(shares), dtype=bool), quantities)


class _Fitted:
    """A cubic through values at some shares, shape (p, n)."""

    def __init__(self, shares: Floats, values: Floats) -> None:
        from scipy.interpolate import RBFInterpolator  # 0.1 s to load, which only fitted models need

        self._through = RBFInterpolator(shares, values, kernel="cubic") if np.isfinite(values).all() else None

    def __call__(self, shares: Floats) -> Floats:
        if self._through is None:
            return np.full(len(shares), np.nan)
        return np.asarray(self._through(shares))


def values_at(ranges: Sequence[Range], shares: Floats) -> Floats:
    """Return the values at shares of the ranges, shapes (p, n)."""
    return np.stack([axis.values(shares[:, number]) for number, axis in enumerate(ranges)], axis=1)


def model_of(
    package: Package,
    ranges: Sequence[Range],
    names: Sequence[str],
    full: bool = False,
    crew: Crew | None = None,
    evaluator: Evaluator = figures_of,
) -> Model:
    """Return the quickest model of a package with some parameters.

    Parameters
    ----------
    package
        What is varied.
    ranges
        Its parameters.
    names
        Measures that will be asked for.
    full
        Whether full solves are to be used whatever the parameters are.
    crew, evaluator
        Of full solves.
    """
    if not full and all(is_affine(package, ranges)):
        return ReducedModel(package, ranges, names)
    return InterpolatedModel(SolvedModel(package, ranges, crew, evaluator), names)
