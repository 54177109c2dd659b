"""The decoupling figure over two parameters, with what is limited: the whole answer at a look."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import ConfigError
from ..package import Package
from ..package.rules import LAYER_RATIO
from ..shown import Shown
from .aim import THICKNESS, default_range, modulus_of
from .crews import crew_of
from .design import ModelOf, Tell
from .limits import MEASURES, RATIO, Limit, limits_of
from .models import Model, SolvedModel, is_affine, model_of
from .parameters import parameter_of
from .ranges import Range, range_of

Floats = NDArray[np.float64]

FIRST = "first_layer.thickness"

POINTS, SOLVED_POINTS = 41, 9
"""Points along each side of a map by the reduced model, and by full solves [-]."""

MOST_SIDE = 400
"""Most points along a side [-]."""


@dataclass(frozen=True)
class Map(Shown):
    """D over two parameters.

    Parameters
    ----------
    package
        What was varied.
    ranges
        Of the parameter across, and of the one upwards.
    x, y
        Their values in mm, MPa, K, shapes (m,) and (n,).
    figure
        D, shape (n, m) [-]; nan where there is no such package.
    bound
        Largest error of D against a full solve on the same mesh, shape (n, m) [-]; nan for full solves.
    certified
        Whether the bound is proven, shape (n, m).
    quantities
        Name of a limited measure → its values, shape (n, m), in the measure's unit.
    limits
        What is kept within limits.
    target
        D that is wanted [-]; None where nothing was said.
    present
        Where the package itself stands, across and upwards; None where that is no single number.
    model
        What answered: "reduced" or "solved".
    """

    package: Package
    ranges: tuple[Range, Range]
    x: Floats
    y: Floats
    figure: Floats
    bound: Floats
    certified: NDArray[np.bool_]
    quantities: Mapping[str, Floats]
    limits: tuple[Limit, ...]
    target: float | None
    present: tuple[float | None, float | None]
    model: str

    def margin(self, limit: Limit) -> Floats:
        """Return how far a measure is within its limit, relative to it, shape (n, m); negative beyond."""
        sign = 1.0 if limit.measure.least else -1.0
        return np.asarray(sign * (self.quantities[limit.name] / limit.value - 1.0))

    def __str__(self) -> str:
        known = self.figure[np.isfinite(self.figure)]
        lines = [
            f"{self.package.name}: D = {known.min():.4f} … {known.max():.4f} over {len(self.x)} × {len(self.y)} points",
            *(f"  {axis.name} {axis.shown(axis.low)} … {axis.shown(axis.high)}" for axis in self.ranges),
        ]
        lines += [f"  beyond, {axis.cut}" for axis in self.ranges if axis.cut]
        if self.model == "reduced":
            proven = "all" if self.certified.all() else f"{self.certified.mean():.0%}"
            lines.append(
                f"  reduced model, D within {np.nanmedian(self.bound):.1e} of a full solve on the same mesh in the "
                f"median, {np.nanmax(self.bound):.1e} at most; {proven} of these bounds proven, else estimated"
            )
        for limit in self.limits:
            kept = self.margin(limit)
            share = float((kept[np.isfinite(kept)] >= 0.0).mean()) if np.isfinite(kept).any() else 0.0
            lines.append(f"  {limit}: kept by {share:.0%} of the points")
        return "\n".join(lines)

    def csv(self) -> str:
        """Return the map as a table: one row a point, units in the header."""
        target = io.StringIO()
        table = csv.writer(target, lineterminator="\n")
        names = list(self.quantities)
        units = [unit if (unit := MEASURES[name].unit) != "-" else "1" for name in names]
        table.writerow(
            [
                *(axis.parameter.label for axis in self.ranges),
                "decoupling.figure [1]",
                "bound [1]",
                "answered by",
                *(f"{name} [{unit}]" for name, unit in zip(names, units, strict=True)),
            ]
        )
        x, y = (axis.numbers(at) for axis, at in zip(self.ranges, (self.x, self.y), strict=True))
        for row, up in enumerate(y.tolist()):
            for column, across in enumerate(x.tolist()):
                at = (row, column)
                values = [self.figure[at], self.bound[at]]
                read = [self.quantities[name][at] for name in names]
                how = self._how(at)
                table.writerow([repr(across), repr(up), *map(_text, values), how, *map(_text, read)])
        return target.getvalue()

    def _how(self, at: tuple[int, int]) -> str:
        if not np.isfinite(self.figure[at]):
            return "none"
        if self.model != "reduced":
            return self.model
        return "certified" if self.certified[at] else "estimated"


def _text(value: float) -> str:
    return repr(float(value)) if np.isfinite(value) else ""


def map_of(
    package: Package,
    x: str | None = None,
    y: str | None = None,
    points: int | None = None,
    limits: Mapping[str, str] | None = None,
    target: float | None = None,
    full: bool = False,
    workers: int = 1,
    model_for: ModelOf | None = None,
    tell: Tell = lambda step: None,
) -> Map:
    """Compute D over two parameters.

    Parameters
    ----------
    package
        What is varied.
    x, y
        Path of a parameter and its range, "second_layer.thickness=20 um..150 um"; for the second layer's thickness and
        for moduli the path alone will do, and these of the cylinder are the defaults.
    points
        Along each side [-]; by default 41, and 9 where every point is a full solve.
    limits
        Name → limit, as for a design.
    target
        D whose line is stressed [-].
    full
        Whether to solve every point in full, also where the reduced model would do.
    workers
        Processes for full solves.
    model_for
        Makes the model of a package with some ranges and measures.
    tell
        Told what is being done.

    Returns
    -------
    Map

    Raises
    ------
    ConfigError
        D102, D103, D104, P107, or what a parameter refuses.
    """
    ranges, kept = map_ranges(package, x, y, limits or {})
    names = tuple(limit.name for limit in kept)
    reduced = not full and all(is_affine(package, ranges))
    count = points or (POINTS if reduced else SOLVED_POINTS)
    if not 2 <= count <= MOST_SIDE:
        raise ConfigError(
            "D103",
            f"a side of a map has 2 … {MOST_SIDE} points",
            where="--points",
            value=str(count),
            hint=f"--points {SOLVED_POINTS}",
        )
    shares = np.linspace(0.0, 1.0, count)
    across, up = (axis.values(shares) for axis in ranges)
    values = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    with crew_of(workers) as crew:
        tell("model")
        model: Model
        if model_for is not None:
            model = model_for(package, ranges, names)
        elif reduced:
            model = model_of(package, ranges, names)
        else:
            model = SolvedModel(package, ranges, crew)
        tell(f"{len(values)} points" if reduced else f"{len(values)} full solves")
        readings = model.readings(values, names, bounds=True)
    if not np.isfinite(readings.figure).any():
        message = "not one point of the map has an answer"
        raise ConfigError("D103", message, where=package.name, hint="fem-wlp sweep says why for each point")
    shape = (count, count)
    if RATIO not in (limits or {}) and RATIO in names and (readings.quantities[RATIO] >= LAYER_RATIO).all():
        kept = tuple(limit for limit in kept if limit.name != RATIO)  # nobody asked, and there is nothing to see
    return Map(
        package=package,
        ranges=ranges,
        x=across,
        y=up,
        figure=readings.figure.reshape(shape),
        bound=readings.bound.reshape(shape),
        certified=readings.certified.reshape(shape),
        quantities={name: readings.quantities[name].reshape(shape) for name in (limit.name for limit in kept)},
        limits=kept,
        target=target,
        present=(ranges[0].present, ranges[1].present),
        model=model.kind,
    )


def map_ranges(
    package: Package, x: str | None, y: str | None, limits: Mapping[str, str]
) -> tuple[tuple[Range, Range], tuple[Limit, ...]]:
    """Return the ranges and limits of a map, as `map_of` takes them."""
    across = _range(package, x or THICKNESS, "--x")
    upwards = _range(package, y or modulus_of(package, "cylinder") or "", "--y")
    paths = {*across.parameter.paths, *upwards.parameter.paths}
    if {*across.parameter.paths} & {*upwards.parameter.paths}:
        raise ConfigError(
            "P107",
            f"{across.name} stands on both axes",
            where="--y",
            value=y or upwards.name,
            hint="name another parameter for one of them",
        )
    kept = limits_of(package, limits, {name: f"--limit {name}" for name in limits})
    layers = RATIO in limits or not paths.isdisjoint((THICKNESS, FIRST))
    return (across, upwards), tuple(limit for limit in kept if limit.name != RATIO or layers)


def _range(package: Package, written: str, where: str) -> Range:
    path, equals, values = (part.strip() for part in written.partition("="))
    asked = values if equals else default_range(package, path, LAYER_RATIO)
    if not asked:
        raise ConfigError(
            "D102",
            f"nothing says within which range {path} is to be drawn" if path else "nothing says what to draw",
            where=where,
            value=written,
            hint=f'{where} "{path or "PATH"}=LOW..HIGH"',
        )
    return range_of(package, parameter_of(package, path, asked, where))
