"""The steps on the wafer, one after the other: what is born in which shape, and how the wafer bows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..joint.condense import CellModel
from .growth import WAFER, Growth, Shape, bare_wafer, shape_at
from .history import Stage


@dataclass(frozen=True)
class Made:
    """A joint on its wafer after one step.

    Parameters
    ----------
    stage
        The step.
    growth
        What there is after it.
    before
        The same after the step before; None of the first.
    """

    stage: Stage
    growth: Growth
    before: Made | None

    @cached_property
    def shape(self) -> Shape:
        """Equilibrium at the step's temperature, its births and shrinkage included."""
        return self.shape_at(self.stage.temperature)

    def shape_at(self, temperature: float) -> Shape:
        """Equilibrium at a temperature [K]; a step that changes nothing leaves the shape of the step before."""
        if temperature not in self._shapes:
            same = self.before is not None and self.before.growth is self.growth
            self._shapes[temperature] = (
                self.before.shape_at(temperature) if same and self.before else shape_at(self.growth, temperature)
            )
        return self._shapes[temperature]

    @cached_property
    def _shapes(self) -> dict[float, Shape]:
        return {}


def made_on_wafer(model: CellModel, stages: Sequence[Stage], thickness: float, room: float) -> tuple[Made, ...]:
    """Return a joint after each of the steps on its wafer.

    Parameters
    ----------
    model
        The joint's meshed section, with all parts.
    stages
        The steps, those after the dividing left out.
    thickness
        Of the wafer as it comes [mm].
    room
        At which the bare wafer is flat [K].
    """
    growth = bare_wafer(model, thickness, room)
    made: list[Made] = []
    for stage in stages:
        growth = after(growth, stage)
        made.append(Made(stage, growth, made[-1] if made else None))
    return tuple(made)


def after(growth: Growth, stage: Stage) -> Growth:
    """Return a joint after a step on the wafer; the same one where the step changes nothing."""
    gone = molten(growth, stage)
    changed = (gone, stage.thickness, stage.loose) != (frozenset(), growth.thickness, growth.loose)
    if changed:
        growth = replace(growth.without(gone).ground(stage.thickness), loose=stage.loose)
    return born(shape_at(growth, stage.temperature).settled(), stage) if stage.births else growth


def born(growth: Growth, stage: Stage) -> Growth:
    """Return a settled joint with what is born in a step."""
    grown = growth.birth([birth.region for birth in stage.births], stage.temperature, stage.apart)
    return grown.shrinkage(_shrunk(stage))


def molten(growth: Growth, stage: Stage) -> frozenset[str]:
    """Return what carries before a step and melts in it."""
    return frozenset(growth.born) - stage.solid - {WAFER}


def _shrunk(stage: Stage) -> Mapping[str, float]:
    return {birth.region: birth.shrinkage for birth in stage.births if birth.shrinkage}
