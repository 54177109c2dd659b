"""The steps on the wafer, one after the other: what is born in which shape, and how the wafer bows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from .history import Stage
from .standing import Equilibrium, Standing

S = TypeVar("S", bound=Standing)
E = TypeVar("E", bound=Equilibrium)


@dataclass(frozen=True)
class Made(Generic[S, E]):
    """What there is on the wafer after one step.

    Parameters
    ----------
    stage
        The step.
    growth
        What there is after it.
    before
        The same after the step before; None of the first.
    solve
        Finds its shape at a temperature [K].
    """

    stage: Stage
    growth: S
    before: Made[S, E] | None
    solve: Callable[[S, float], E]

    @cached_property
    def shape(self) -> E:
        """Equilibrium at the step's temperature, its births and shrinkage included."""
        return self.shape_at(self.stage.temperature)

    def shape_at(self, temperature: float) -> E:
        """Equilibrium at a temperature [K]; a step that changes nothing leaves the shape of the step before."""
        if temperature not in self._shapes:
            before = self.before
            same = before is not None and before.growth is self.growth
            self._shapes[temperature] = (
                before.shape_at(temperature) if before and same else self.solve(self.growth, temperature)
            )
        return self._shapes[temperature]

    @cached_property
    def _shapes(self) -> dict[float, E]:
        return {}


def made_on_wafer(bare: S, stages: Sequence[Stage], solve: Callable[[S, float], E]) -> tuple[Made[S, E], ...]:
    """Return what there is after each of the steps on a wafer.

    Parameters
    ----------
    bare
        The wafer as it comes.
    stages
        The steps of the process; those after the dividing are left out.
    solve
        Finds a shape at a temperature [K].
    """
    growth, made = bare, list[Made[S, E]]()
    for stage in stages:
        if stage.body == "wafer":
            growth = after(growth, stage, solve)
            made.append(Made(stage, growth, made[-1] if made else None, solve))
    return tuple(made)


def after(growth: S, stage: Stage, solve: Callable[[S, float], E]) -> S:
    """Return what there is after a step on the wafer; the same where the step changes nothing."""
    carrying = growth.carrying(stage)
    if not stage.births:
        return carrying
    return carrying.settled(solve(carrying, stage.temperature)).newborn(stage)
