"""The steps on the wafer, one after the other: what is born in which shape, and how the wafer bows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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
    shape
        Equilibrium at the step's temperature, its births and shrinkage included.
    """

    stage: Stage
    growth: Growth
    shape: Shape


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
    growth, made = bare_wafer(model, thickness, room), []
    for stage in stages:
        growth = after(growth, stage)
        made.append(Made(stage, growth, shape_at(growth, stage.temperature)))
    return tuple(made)


def after(growth: Growth, stage: Stage) -> Growth:
    """Return a joint after a step on the wafer."""
    growth = replace(growth.without(molten(growth, stage)).ground(stage.thickness), loose=stage.loose)
    if not stage.births:
        return growth
    settled = shape_at(growth, stage.temperature).settled()
    return born(settled, stage)


def born(growth: Growth, stage: Stage) -> Growth:
    """Return a settled joint with what is born in a step."""
    grown = growth.birth([birth.region for birth in stage.births], stage.temperature, stage.apart)
    return grown.shrinkage(_shrunk(stage))


def molten(growth: Growth, stage: Stage) -> frozenset[str]:
    """Return what carries before a step and melts in it."""
    return frozenset(growth.born) - stage.solid - {WAFER}


def _shrunk(stage: Stage) -> Mapping[str, float]:
    return {birth.region: birth.shrinkage for birth in stage.births if birth.shrinkage}
