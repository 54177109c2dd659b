"""The best point of a box under constraints, by a sample that shrinks round the best one found.

Nothing is assumed of the functions: neither that they are monotone nor that they have derivatives. What a sample of
`FIRST` points misses is missed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]

Judge = Callable[[Floats], tuple[Floats, Floats]]
"""Shares, shape (p, n) → what is to be small, shape (p,), and margins, at least zero where admissible, shape (p, m)."""

FIRST = 512
"""Points of the first sample of several parameters [-]."""

LINE = 129
"""Points of the first sample along one parameter [-]."""

LATER, ROUNDS, SHRINK = 64, 10, 0.5
"""Points of a later sample, their number, and how much smaller each is than the one before [-]."""

STARTS = 2
"""Best points of the first sample round which others are drawn [-]."""

POLISHED = 30
"""Most steps of the last refinement [-]."""


@dataclass(frozen=True)
class Best:
    """The best point.

    Parameters
    ----------
    shares
        Where, shape (n,).
    objective
        What was to be small there.
    worst
        Smallest margin there; at least zero where the point is admissible.
    everywhere
        Whether the first sample, corners included, is admissible as a whole.
    """

    shares: Floats
    objective: float
    worst: float
    everywhere: bool

    @property
    def admissible(self) -> bool:
        """Whether it keeps all constraints."""
        return self.worst >= 0.0


def best_of(judge: Judge, count: int) -> Best:
    """Return the best point of the unit box of `count` parameters.

    Admissible points are better than others; of those the one with the smaller objective, of the others the one whose
    worst margin is violated least.
    """
    shares = first_sample(count)
    objective, worst = _judged(judge, shares)
    everywhere = bool((worst >= 0.0).all())
    order = np.lexsort((np.where(worst >= 0.0, objective, -worst), worst < 0.0))
    found = [
        _zoomed(judge, shares[start], float(objective[start]), float(worst[start]), count)
        for start in order[: STARTS if count > 1 else 1]
    ]
    point = min(found, key=lambda one: _rank(one[1], one[2]))
    if count > 1 and point[2] >= 0.0:
        point = min([point, _polished(judge, point)], key=lambda one: _rank(one[1], one[2]))
    return Best(point[0], float(point[1]), float(point[2]), everywhere)


def first_sample(count: int) -> Floats:
    """Return points that fill the unit box, its corners and the middles of its sides among them, shape (p, count)."""
    if count == 1:
        return np.linspace(0.0, 1.0, LINE)[:, None]
    if count == 2:
        side = np.linspace(0.0, 1.0, int(np.sqrt(FIRST)) + 1)
        return np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    from scipy.stats import qmc  # 0.2 s to load, which only samples need

    corners = np.stack(np.meshgrid(*[[0.0, 0.5, 1.0]] * min(count, 5)), axis=-1).reshape(-1, min(count, 5))
    corners = np.pad(corners, ((0, 0), (0, count - corners.shape[1])), constant_values=0.5)
    return np.concatenate([corners, qmc.Sobol(count, seed=0).random(FIRST)])


def _rank(objective: float, worst: float) -> tuple[bool, float]:
    return (worst < 0.0, objective if worst >= 0.0 else -worst)


def _judged(judge: Judge, shares: Floats) -> tuple[Floats, Floats]:
    """Return objective and worst margin; what has no number is as bad as can be."""
    objective, margins = judge(shares)
    worst = margins.min(axis=1) if margins.shape[1] else np.zeros(len(shares))
    known = np.isfinite(objective) & np.isfinite(worst)
    return np.where(known, objective, np.inf), np.where(known, worst, -np.inf)


def _zoomed(judge: Judge, centre: Floats, objective: float, worst: float, count: int) -> tuple[Floats, float, float]:
    from scipy.stats import qmc  # 0.2 s to load, which only samples need

    half = 1.0 / (LINE - 1) if count == 1 else 2.0 / FIRST ** (1.0 / count)
    pattern = np.linspace(-1.0, 1.0, 33)[:, None] if count == 1 else None
    sobol = qmc.Sobol(count, seed=1)
    for _ in range(4 if count == 1 else ROUNDS):
        drawn = pattern if pattern is not None else 2.0 * sobol.random(LATER) - 1.0
        near = np.clip(centre + half * drawn, 0.0, 1.0)
        values, margins = _judged(judge, near)
        at = min(range(len(near)), key=lambda place: _rank(float(values[place]), float(margins[place])))
        if _rank(float(values[at]), float(margins[at])) < _rank(objective, worst):
            centre, objective, worst = near[at], float(values[at]), float(margins[at])
        half *= 1.0 / 16 if count == 1 else SHRINK
    return centre, objective, worst


def _polished(judge: Judge, point: tuple[Floats, float, float]) -> tuple[Floats, float, float]:
    """Refine an admissible point by sequential quadratic programming; return the point itself where that fails."""
    shares = point[0]

    def differences(at: Floats) -> tuple[Floats, Floats]:
        step = np.where(at > 0.5, -1e-4, 1e-4)
        around = np.vstack([at, at + np.diag(step)])
        objective, margins = judge(around)
        return (objective[1:] - objective[0]) / step, ((margins[1:] - margins[0]) / step[:, None]).T

    result = minimize(
        lambda at: float(judge(at[None])[0][0]),
        shares,
        jac=lambda at: differences(at)[0],
        bounds=[(0.0, 1.0)] * len(shares),
        constraints={
            "type": "ineq",
            "fun": lambda at: judge(at[None])[1][0],
            "jac": lambda at: differences(at)[1],
        },
        method="SLSQP",
        options={"maxiter": POLISHED, "ftol": 1e-9},
    )
    at = np.clip(result.x, 0.0, 1.0)
    if not np.isfinite(at).all():
        return point
    # the last digit of a constraint is not worth an inadmissible design
    for share in (1.0, 0.999, 0.99, 0.9):
        tried = shares + share * (at - shares)
        objective, worst = _judged(judge, tried[None])
        if worst[0] >= 0.0:
            return tried, float(objective[0]), float(worst[0])
    return point
