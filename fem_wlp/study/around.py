"""Round a design: how far each parameter may move, and what decoupling costs in resistance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .aim import Aim
from .confirmed import Corrected, decoupled, margins_of
from .limits import MEASURES, RESISTANCE
from .models import values_at
from .ranges import Range
from .search import LINE

Floats = NDArray[np.float64]

FRONT_POINTS, FRONT_SAMPLE = 40, 512
"""Most points of a front, and of the sample that it is taken from [-]."""


@dataclass(frozen=True)
class Interval:
    """How far one parameter may move, all others staying.

    Parameters
    ----------
    range
        The parameter and where it was looked at.
    present
        Its value in the design.
    low, high
        The nearest values that are admissible without a gap, in mm, MPa, K; None where there are none.
    low_by, high_by
        What ends it there: "target", the name of a limit, or "range".
    values, figure
        What D is along the whole range, shapes (p,) [-].
    """

    range: Range
    present: float
    low: float | None
    high: float | None
    low_by: str
    high_by: str
    values: Floats
    figure: Floats

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.range.name}: none between {self.range.shown(self.range.low)} and " + self.range.shown(
                self.range.high
            )
        ends = ((self.low, self.low_by), (self.high, self.high_by))
        return f"{self.range.name}: " + " … ".join(f"{self.range.shown(end)} ({_ended(by)})" for end, by in ends)


def _ended(by: str) -> str:
    return MEASURES[by].words if by in MEASURES else by


@dataclass(frozen=True)
class Front:
    """What decoupling costs in resistance: designs of which none is better in both.

    Parameters
    ----------
    ranges
        What was varied; everything else is the design's.
    values
        Of these, shape (p, n), by rising resistance.
    figure
        D, shape (p,) [-].
    resistance
        Electrical, of a joint, shape (p,) [mOhm].
    """

    ranges: tuple[Range, ...]
    values: Floats
    figure: Floats
    resistance: Floats


def interval_of(aim: Aim, model: Corrected, number: int, values: Floats) -> Interval:
    """Return how far one parameter of a model may move, the others staying where they are."""
    axis = model.ranges[number]
    names = tuple(limit.name for limit in aim.limits)

    def read(shares: Floats) -> tuple[Floats, Floats]:
        at = np.repeat(values[None], len(shares), axis=0)
        at[:, number] = axis.values(shares)
        readings = model.readings(at, names)
        found = [decoupled(readings.figure) - aim.target, *(margins_of(readings, limit) for limit in aim.limits)]
        return readings.figure, np.nan_to_num(np.stack(found, axis=1), nan=-np.inf)

    value = float(values[number])
    present = float(np.clip(axis.share(value), 0.0, 1.0))
    shares = np.unique([*np.linspace(0.0, 1.0, LINE), present])
    figure, margins = read(shares)
    good = np.asarray(margins.min(axis=1) >= -1e-9)
    along = axis.values(shares)
    if not good.any():
        return Interval(axis, value, None, None, "", "", along, figure)
    inside = int(min(np.flatnonzero(good), key=lambda place: abs(shares[place] - present)))
    ends, by = [], []
    for step in (-1, 1):
        place = inside
        while 0 <= place + step < len(shares) and good[place + step]:
            place += step
        if 0 <= place + step < len(shares):
            share, name = _edge(lambda at: read(at)[1], shares[place], shares[place + step], aim)
        else:
            share, name = float(shares[place]), "range"
        ends.append(float(axis.values(np.asarray(share))))
        by.append(name)
    return Interval(axis, value, ends[0], ends[1], by[0], by[1], along, figure)


def _edge(margins: Callable[[Floats], Floats], good: float, bad: float, aim: Aim) -> tuple[float, str]:
    """Return the last admissible share between two, and what ends it."""
    for _ in range(2):
        shares = np.linspace(good, bad, 33)
        kept = np.asarray(margins(shares).min(axis=1) >= -1e-9)
        kept[0], kept[-1] = True, False
        last = int(np.flatnonzero(~kept)[0]) - 1
        good, bad = float(shares[last]), float(shares[last + 1])
    worst = int(margins(np.array([bad]))[0].argmin())
    return good, "target" if worst == 0 else aim.limits[worst - 1].name


def front_of(aim: Aim, model: Corrected, beside: Sequence[Corrected]) -> Front | None:
    """Return what decoupling costs in resistance, over what is free, or the first beside it that changes both."""
    for one in (model, *beside):
        front = _front_over(aim, one)
        if front is not None:
            return front
    return None


def _front_over(aim: Aim, model: Corrected) -> Front | None:
    count = len(model.ranges)
    if count == 1:
        shares = np.linspace(0.0, 1.0, LINE)[:, None]
    else:
        from scipy.stats import qmc  # 0.2 s to load, which only samples need

        shares = qmc.Sobol(count, seed=0).random(FRONT_SAMPLE)
    values = values_at(model.ranges, shares)
    names = tuple(dict.fromkeys([RESISTANCE, *(limit.name for limit in aim.limits)]))
    readings = model.readings(values, names)
    resistance, figure = readings.quantities[RESISTANCE], readings.figure
    kept = np.asarray(np.isfinite(resistance + figure))
    for limit in aim.limits:
        kept[margins_of(readings, limit) < -1e-9] = False
    if not kept.any() or np.ptp(resistance[kept]) <= 1e-6 * resistance[kept].max() or np.ptp(figure[kept]) == 0.0:
        return None
    reached = decoupled(figure)
    order = np.flatnonzero(kept)[np.lexsort((-reached[kept], resistance[kept]))]
    highest = np.maximum.accumulate(np.concatenate([[-np.inf], reached[order][:-1]]))
    order = order[reached[order] > highest]
    thinned = order[np.unique(np.linspace(0, len(order) - 1, min(len(order), FRONT_POINTS)).round().astype(int))]
    return Front(model.ranges, values[thinned], figure[thinned], resistance[thinned])
