"""Which package reaches a decoupling figure: the inverse of a solve.

    aim → search on a quick model → solve in full → correct the model there → search again, until both agree
        → how far each parameter may move from there, and what decoupling costs in resistance

The figures of a design are those of its full solve. A target is reached where no more coupling is left than it leaves,
in either direction (`decoupled`). What a design is stands in one word, its status:

feasible                it reaches the target within all limits, and is the best that does
met_everywhere          so does every package of the ranges: the bound is the answer
infeasible              no package of the ranges reaches the target; the design is the one that comes nearest
limited_by_NAME         one would, were it not for that limit; the design is the nearest one that keeps it
limited_by_several      one would, were it not for several limits at once
limits_conflict         no package of the ranges keeps the limits, whatever the target
unconfirmed             the quick model finds one, and its full solve misses the target or a limit
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import SolveError, TargetError
from ..package import Package, replace_all
from ..shown import Shown
from .aim import Aim, aim_of
from .around import Front, Interval, front_of, interval_of
from .confirmed import Corrected, Figures, decoupled, margin_of, margins_of, solved
from .crews import crew_of
from .evaluators import Evaluator, figures_of
from .limits import HEIGHT, MEASURES, RATIO, RESISTANCE, Limit
from .models import Model, Readings, model_of, values_at
from .ranges import DIGITS, Range, named, settings_at
from .search import Best, best_of

Floats = NDArray[np.float64]

FEASIBLE, EVERYWHERE, INFEASIBLE = "feasible", "met_everywhere", "infeasible"
LIMITED, SEVERAL, CONFLICT, UNCONFIRMED = "limited_by_", "limited_by_several", "limits_conflict", "unconfirmed"
REACHED = (FEASIBLE, EVERYWHERE)

CONFIRMED = 0.005
"""A full solve confirms a design that misses the target by no more [-]."""

SLACK = 2e-4
"""How much better than asked for a design is looked for, D absolutely and limits relatively [-]."""

AGREED = 3e-4
"""Difference between model and full solve, likewise, from which on no more is corrected: meshes of neighbouring
packages differ by as much [-]."""

MOST_SOLVES = 6
"""Full solves of designs before the last one is taken as it is [-]."""

BINDING = 3e-3
"""A margin below which a constraint holds the design [-]."""

TIE = 1e-5
"""Share of the objective's range that a D of 1 is worth: of designs that are alike in it the more decoupled one [-]."""

TOUCHED = 1e-4
"""Share of a range within which a value lies at its end [-]."""

ModelOf = Callable[[Package, Sequence[Range], Sequence[str]], Model]
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Design(Shown):
    """The package that was looked for, or the nearest one, as its full solve found it; ``print`` it.

    Parameters
    ----------
    aim
        What was looked for.
    status
        In one word, see the module.
    package
        The design.
    values
        Parameter → its value as it is written in the package file.
    figures
        Of its full solve.
    binding
        What holds it there: "target", names of limits, "low end of PATH", "high end of PATH".
    needed
        Limit that is in the way → the value at which the target would be reached.
    intervals
        How far each parameter may move, others staying.
    front
        Decoupling against resistance; None where nothing that was varied changes both.
    model
        What was searched: "reduced" or "interpolated".
    modelled
        What that model says of D at the design, before it was corrected there [-].
    solves
        Full solves of designs [-].
    """

    aim: Aim
    status: str
    package: Package
    values: Mapping[str, str]
    figures: Figures
    binding: tuple[str, ...]
    needed: Mapping[str, float]
    intervals: tuple[Interval, ...]
    front: Front | None
    model: str
    modelled: float
    solves: int

    @property
    def reached(self) -> bool:
        """Whether the target is reached within all limits."""
        return self.status in REACHED

    @property
    def sentence(self) -> str:
        """The status in a sentence."""
        target, figure = f"{self.aim.target:g}", f"{self.figures.figure:.4f}"
        held = " and ".join(map(_held, self.binding)) or "nothing"
        if self.status == FEASIBLE:
            extreme = "largest" if self.aim.largest else "smallest"
            return f"D ≥ {target} is reached; the {extreme} {self.aim.objective.name} that does is held by {held}"
        if self.status == EVERYWHERE:
            return f"D ≥ {target} is reached everywhere within the bounds: the {held} is the answer"
        if self.status == INFEASIBLE:
            return f"D ≥ {target} is out of reach within the bounds: the nearest is {figure}, held by {held}"
        if self.status == CONFLICT:
            return "no package within the bounds keeps all limits, whatever the target; this one breaks them least"
        if self.status == UNCONFIRMED:
            return f"a design was found for D ≥ {target}, and its full solve, D = {figure}, does not confirm it"
        if self.status == SEVERAL:
            return f"D ≥ {target} is out of reach within the limits together: the nearest is {figure}, held by {held}"
        name = self.status.removeprefix(LIMITED)
        need = MEASURES[name].shown(self.needed[name])
        return (
            f"D ≥ {target} is out of reach within the limit on the {MEASURES[name].words}: the nearest is {figure}; "
            f"it would need {'no more than' if MEASURES[name].least else 'at least'} {need}"
        )

    def __str__(self) -> str:
        figures, aim = self.figures, self.aim
        error = "" if figures.error is None else f" ± {figures.error:.4f}"
        lines = [f"{aim.package.name}: {self.status}", f"  {self.sentence}"]
        lines += [f"  {name} = {value}" for name, value in self.values.items()]
        lines.append(f"  D = {figures.figure:.4f}{error} by a full solve; wanted {aim.target:g}")
        limits = {limit.name: limit for limit in aim.limits}
        for name, value in figures.quantities.items():
            measure = MEASURES[name]
            shown = "–" if value is None else measure.shown(value)
            wanted = f"; limit {measure.shown(limits[name].value)}" if name in limits else ""
            lines.append(f"  {measure.words} {shown}{wanted}")
        lines.append("  may move, each by itself:" if self.reached else "  would be admissible, each by itself:")
        lines += [f"    {interval}" for interval in self.intervals]
        return "\n".join(lines)


def _held(by: str) -> str:
    return f"limit on the {MEASURES[by].words}" if by in MEASURES else f"the {by}" if by == "target" else by


def design(
    package: Package,
    target: float | str | None = None,
    objective: str | None = None,
    vary: Mapping[str, str] | None = None,
    limits: Mapping[str, str] | None = None,
    full: bool = False,
    workers: int = 1,
) -> Design:
    """Find the variant of a package that reaches a decoupling figure.

    Parameters
    ----------
    package
        Of which it is a variant.
    target
        D to be reached, e.g. 0.9.
    objective
        "thinnest" second layer (the default), "stiffest" cylinder, or "min PATH" or "max PATH" of any parameter.
    vary
        Path of what may be varied → its range, e.g. {"materials.adhesive.E": "1 MPa..1 GPa:log"}; that of the objective
        has a default.
    limits
        Name → limit, e.g. {"interconnect_strain": "0.3 %", "electrical_resistance": "30 mOhm"}.
    full
        Whether to search with full solves also where the reduced model would do.
    workers
        Processes for full solves.

    Returns
    -------
    Design
        With its status; a target out of reach is one, and no exception.

    Raises
    ------
    ConfigError
        D101 … D104, or what a parameter refuses.
    """
    aim = aim_of(package, target, objective, vary, limits)
    return find(aim, full=full, workers=workers)


def find(
    aim: Aim,
    full: bool = False,
    workers: int = 1,
    model_for: ModelOf | None = None,
    evaluator: Evaluator = figures_of,
    tell: Tell = lambda step: None,
) -> Design:
    """Find what an aim asks for.

    Parameters
    ----------
    aim
        What is looked for.
    full, workers
        As for `design`.
    model_for
        Makes the quick model of a package with some ranges and measures; by default `model_of`.
    evaluator
        Solves one package in full.
    tell
        Told what is being done.
    """
    with crew_of(workers) as crew:

        def made(package: Package, ranges: Sequence[Range], names: Sequence[str]) -> Model:
            return model_of(package, ranges, names, full, crew, evaluator)

        return _found(aim, model_for or made, evaluator, tell)


def _found(aim: Aim, model_for: ModelOf, evaluator: Evaluator, tell: Tell) -> Design:
    names = _told(aim)
    tell("model")
    model = model_for(aim.package, aim.free, names)
    corrected, solves, best = Corrected(model), 0, None
    for _ in range(MOST_SOLVES):
        tell("search")
        verdict = _decide(aim, corrected)
        tried = _tried(aim, verdict, evaluator, names, tell)
        expected = corrected.readings(tried.values[None], names)
        corrected, solves = corrected.through(tried.values, tried.figures), solves + 1
        if tried.kept and verdict.status in REACHED and (best is None or tried.better(best)):
            best = tried
        if tried.kept and _agree(expected, tried.figures, aim.limits):
            break
    else:
        if not tried.kept and best is not None:
            tried, corrected = best, corrected.through(best.values, best.figures)
    status, values, package, figures = tried.verdict.status, tried.values, tried.package, tried.figures
    if status in REACHED and not _kept(status, figures, aim, CONFIRMED):
        status = UNCONFIRMED
    tell("intervals")
    binding = (
        _binding(aim, verdict.shares, figures)
        if status != CONFLICT
        else tuple(limit.name for limit in aim.limits if margin_of(limit, figures.quantities[limit.name]) < 0.0)
    )
    beside = {axis.name: _beside_model(axis, package, figures, names, model_for) for axis in aim.beside}
    free = [interval_of(aim, corrected, number, values) for number in range(len(aim.free))]
    others = [interval_of(aim, one, 0, np.array([one.ranges[0].start])) for one in beside.values()]
    front = front_of(aim, corrected, list(beside.values()))
    return Design(
        aim=aim,
        status=status,
        package=package,
        values=named(aim.free, values),
        figures=figures,
        binding=binding,
        needed=tried.verdict.needed,
        intervals=(*free, *others),
        front=front,
        model=model.kind,
        modelled=float(model.readings(values[None], names).figure[0]),
        solves=solves,
    )


@dataclass(frozen=True)
class Verdict:
    """What a search found: status, the point as shares and values, limits that would have to be, shapes (n,)."""

    status: str
    shares: Floats
    values: Floats
    objective: float
    needed: Mapping[str, float]


@dataclass(frozen=True)
class _Tried:
    """A design and its full solve."""

    verdict: Verdict
    package: Package
    values: Floats
    figures: Figures
    kept: bool

    def better(self, other: _Tried) -> bool:
        return self.verdict.objective < other.verdict.objective


def _tried(aim: Aim, verdict: Verdict, evaluator: Evaluator, names: Sequence[str], tell: Tell) -> _Tried:
    values = _rounded(aim, verdict.values)
    shown = ", ".join(f"{name} = {value}" for name, value in named(aim.free, values).items())
    tell(f"full solve of {shown}")
    package = replace_all(aim.package, settings_at(aim.free, values))
    figures = solved(package, names, evaluator)
    return _Tried(verdict, package, values, figures, _kept(verdict.status, figures, aim))


def _told(aim: Aim) -> tuple[str, ...]:
    """Return the measures that a design is told of: those with a limit, and the resistance."""
    limited = {limit.name for limit in aim.limits}
    return tuple(name for name in MEASURES if name in limited | {RESISTANCE})


def _agree(expected: Readings, figures: Figures, limits: Sequence[Limit]) -> bool:
    """Whether a full solve says what was expected of it."""
    pairs = [(float(expected.quantities[limit.name][0]), figures.quantities[limit.name]) for limit in limits]
    return abs(float(expected.figure[0]) - figures.figure) <= AGREED and all(
        true is not None and abs(modelled - true) <= AGREED * abs(true) for modelled, true in pairs
    )


def _kept(status: str, figures: Figures, aim: Aim, tolerance: float = 0.0) -> bool:
    """Whether a design is what its status says: the target reached, where it says so, and the limits kept."""
    if status == CONFLICT:
        return True
    reached = status not in REACHED or float(decoupled(figures.figure)) >= aim.target - tolerance
    return reached and all(
        margin_of(limit, figures.quantities[limit.name]) >= -0.2 * tolerance - 1e-9 for limit in aim.limits
    )


# The search


def _decide(aim: Aim, model: Model) -> Verdict:
    """Find the best design, or why there is none and what comes nearest."""
    number = aim.free.index(aim.objective)

    def own(shares: Floats, readings: Readings) -> Floats:
        sign = -1.0 if aim.largest else 1.0
        return sign * shares[:, number] - TIE * decoupled(readings.figure)

    def nearest(shares: Floats, readings: Readings) -> Floats:
        return -decoupled(readings.figure)

    best = _searched(aim, model, own)
    if best.admissible:
        at_the_end = abs(float(best.shares[number]) - (1.0 if aim.largest else 0.0)) < TOUCHED
        return _verdict(aim, EVERYWHERE if best.everywhere and at_the_end else FEASIBLE, best)
    within = _searched(aim, model, nearest, target=False)
    if not within.admissible:
        return _verdict(aim, CONFLICT, within)
    without = _searched(aim, model, nearest, target=False, limits=())
    if -without.objective < aim.target:
        return _verdict(aim, INFEASIBLE, within)
    needed = {}
    for limit in aim.limits:
        others = tuple(other for other in aim.limits if other is not limit)
        least = _searched(aim, model, lambda shares, readings, limit=limit: _beyond(readings, limit), limits=others)  # type: ignore[misc]
        if least.admissible:
            needed[limit.name] = limit.value * (1.0 + least.objective * (-1.0 if limit.measure.least else 1.0))
    if not needed:
        return _verdict(aim, SEVERAL, within)
    easiest = min(needed, key=lambda name: abs(np.log(needed[name] / _limit(aim, name).value)))
    return _verdict(aim, LIMITED + easiest, within, needed)


def _limit(aim: Aim, name: str) -> Limit:
    return next(limit for limit in aim.limits if limit.name == name)


def _beyond(readings: Readings, limit: Limit) -> Floats:
    return -margins_of(readings, limit)


def _verdict(aim: Aim, status: str, best: Best, needed: Mapping[str, float] | None = None) -> Verdict:
    return Verdict(status, best.shares, values_at(aim.free, best.shares[None])[0], best.objective, needed or {})


def _searched(
    aim: Aim,
    model: Model,
    objective: Callable[[Floats, Readings], Floats],
    target: bool = True,
    limits: tuple[Limit, ...] | None = None,
) -> Best:
    """Return the best point of the free ranges, by an objective, the target if it is asked for, and limits."""
    kept = aim.limits if limits is None else limits
    names = tuple(limit.name for limit in aim.limits)

    def judge(shares: Floats) -> tuple[Floats, Floats]:
        readings = model.readings(values_at(aim.free, shares), names)
        margins = [margins_of(readings, limit) - _slack(limit) for limit in kept]
        if target:
            margins.append(decoupled(readings.figure) - aim.target - SLACK)
        return objective(shares, readings), np.stack(margins, axis=1) if margins else np.zeros((len(shares), 0))

    return best_of(judge, len(aim.free))


def _slack(limit: Limit) -> float:
    """Geometry is exact; what is solved differs from mesh to mesh."""
    return 0.0 if limit.name in (RATIO, HEIGHT) else SLACK


def _rounded(aim: Aim, values: Floats) -> Floats:
    """Return values as a package file may show them; ends of ranges stay what they are."""
    rounded = []
    for axis, value in zip(aim.free, values.tolist(), strict=True):
        shown = axis.parameter.inside(axis.written(value, DIGITS))
        ends = [end for end in (axis.low, axis.high) if abs(axis.share(value) - axis.share(end)) < 1e-9]
        rounded.append(ends[0] if ends else min(max(shown, axis.low), axis.high))
    return np.array(rounded)


def _binding(aim: Aim, shares: Floats, figures: Figures) -> tuple[str, ...]:
    """Return what holds a design where it is."""
    found = ["target"] if abs(float(decoupled(figures.figure)) - aim.target) < BINDING else []
    found += [limit.name for limit in aim.limits if abs(margin_of(limit, figures.quantities[limit.name])) < BINDING]
    for axis, share in zip(aim.free, shares.tolist(), strict=True):
        if share < TOUCHED:
            found.append(f"low end of {axis.name}")
        elif share > 1.0 - TOUCHED:
            found.append(f"high end of {axis.name}")
    return tuple(found)


# Round the design


def _beside_model(
    axis: Range, package: Package, figures: Figures, names: Sequence[str], model_for: ModelOf
) -> Corrected:
    """Return the model of one more parameter at the design."""
    model = model_for(package, [axis], names)
    return Corrected(model).through(np.array([axis.start]), figures)


# As plain data


def as_data(design: Design) -> dict[str, Any]:
    """Return a design as plain data, the content of ``design.json``."""
    aim, figures, front = design.aim, design.figures, design.front
    return {
        "package": aim.package.name,
        "status": design.status,
        "sentence": design.sentence,
        "target": aim.target,
        "objective": f"{'max' if aim.largest else 'min'} {aim.objective.name}",
        "design": dict(design.values),
        "decoupling": {"figure": figures.figure, "discretisation_error": figures.error},
        "quantities": {
            name: {"value": value, "unit": _unit(name), "limit": _limit_value(aim, name)}
            for name, value in figures.quantities.items()
        },
        "binding": list(design.binding),
        "needed": {name: {"value": value, "unit": _unit(name)} for name, value in design.needed.items()},
        "free": [_range_data(axis) for axis in aim.free],
        "intervals": [
            {
                **_range_data(interval.range),
                "present": interval.range.written(interval.present, DIGITS),
                "admissible": None
                if interval.low is None or interval.high is None
                else [interval.range.written(end, DIGITS) for end in (interval.low, interval.high)],
                "ended_by": [interval.low_by, interval.high_by],
            }
            for interval in design.intervals
        ],
        "front": None
        if front is None
        else {
            "parameters": [axis.name for axis in front.ranges],
            "points": [
                {
                    "values": [axis.written(value, DIGITS) for axis, value in zip(front.ranges, row, strict=True)],
                    "figure": float(figure),
                    "resistance": float(resistance),
                }
                for row, figure, resistance in zip(front.values.tolist(), front.figure, front.resistance, strict=True)
            ],
            "units": {"figure": "1", "resistance": MEASURES[RESISTANCE].unit},
        },
        "search": {"model": design.model, "modelled_figure": design.modelled, "full_solves": design.solves},
    }


def _unit(name: str) -> str:
    unit = MEASURES[name].unit
    return "1" if unit == "-" else unit


def _limit_value(aim: Aim, name: str) -> float | None:
    return next((limit.value for limit in aim.limits if limit.name == name), None)


def _range_data(axis: Range) -> dict[str, Any]:
    ends = [axis.written(end, DIGITS) for end in (axis.low, axis.high)]
    return {"parameter": axis.name, "range": ends} | ({"cut": axis.cut} if axis.cut else {})


def require_reached(design: Design) -> None:
    """Refuse a design that is not what was asked for.

    Raises
    ------
    TargetError
        D105: the target is out of reach within the bounds. D106: within a limit. D107: no variant keeps the limits.
    SolveError
        D108: the full solve does not confirm the design.
    """
    if design.reached:
        return
    if design.status == UNCONFIRMED:
        hint = "the design is written as it is; ask with --full, which searches with full solves"
        raise SolveError("D108", design.sentence, hint=hint)
    code = {INFEASIBLE: "D105", CONFLICT: "D107"}.get(design.status, "D106")
    hints = {
        "D105": "widen the ranges with --vary, or vary more: the intervals say what would reach it",
        "D106": f"a higher limit, or vary more: {', '.join(design.needed) or 'several limits together'}",
        "D107": "raise the limits, or widen the ranges with --vary",
    }
    raise TargetError(code, design.sentence, where=design.aim.package.name, hint=hints[code])
