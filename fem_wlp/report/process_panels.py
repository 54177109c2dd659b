"""A process as the pictures that show it: steps that change nothing mechanically stand with the one that follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..joint.section import joint_section
from ..package.process import Apply, Fill, Grind, Open
from ..process.history import REGION, Stage, stages
from ..results import AtTemperature, Result, StepResult
from .labels import capital
from .words import NO_BREAK


@dataclass(frozen=True)
class Panel:
    """The package after one step, or after several of which the last one counts.

    Parameters
    ----------
    first, last
        Numbers of the steps, from 1.
    title
        In words.
    stage
        Of the last step: its temperature and on what it is done.
    solid
        Regions that carry after it, those included that are born in it.
    soft
        Regions that are there and carry nothing: applied and not cured, filled in and not molten.
    opened
        Whether the openings in the second layer are there.
    found
        What was computed of the step; None of mounting, and of what is done to the board alone.
    chip, board
        Warpage of the single or mounted chip and of the board [mm]; None on the wafer, and of a board that isn't there.
    """

    first: int
    last: int
    title: str
    stage: Stage
    solid: frozenset[str]
    soft: frozenset[str]
    opened: bool
    found: StepResult | None
    chip: float | None
    board: float | None

    @property
    def numbers(self) -> str:
        """Its steps in figures."""
        return str(self.last) if self.first == self.last else f"{self.first}–{self.last}"

    @property
    def born(self) -> frozenset[str]:
        """Regions that are newly solid."""
        return frozenset(birth.region for birth in self.stage.births)


def panels(result: Result) -> tuple[Panel, ...]:
    """Return the pictures of a result's process; none without a process.

    Parameters
    ----------
    result
        What was solved.
    """
    return tuple(_panels(result)) if result.process is not None else ()


def _panels(result: Result) -> Iterator[Panel]:
    package = result.package
    opened, soft = joint_section(package).materials.get("second_layer") is None, set[str]()
    waiting: list[Stage] = []
    for stage in stages(package):
        step = package.process[stage.step]
        if isinstance(step, Apply):
            soft.add(REGION[step.part])
        if isinstance(step, Fill):
            soft.add("cylinder")
        opened |= isinstance(step, Open) and step.part == "second_layer"
        births = {birth.region for birth in stage.births}
        soft -= births
        if isinstance(step, (Apply, Open, Fill)):
            waiting.append(stage)
            continue
        alone = isinstance(step, Grind) or not births or stage.body != "wafer"
        if alone and waiting:
            yield _panel(result, waiting, soft, opened)
            waiting = []
        yield _panel(result, [*waiting, stage], soft, opened)
        waiting = []


def _panel(result: Result, merged: list[Stage], soft: set[str], opened: bool) -> Panel:
    stage = merged[-1]
    found = _found(result, stage)
    service = _service(result, stage)
    chip = found.chip_warpage if found is not None else None
    if stage.body == "board" and found is None and "chip" in stage.solid:
        assert result.process is not None
        chip = result.process.reflow[-1].chip
    return Panel(
        first=merged[0].step + 1,
        last=stage.step + 1,
        title=_title([each.name for each in merged]),
        stage=stage,
        solid=_solid(stage),
        soft=frozenset(soft),
        opened=opened,
        found=found,
        chip=chip,
        board=service.warpage_board if service is not None else None,
    )


def _solid(stage: Stage) -> frozenset[str]:
    """Return what carries after a step; a land that was plated before comes with the board."""
    births = {birth.region for birth in stage.births}
    return stage.solid | births | ({"land"} if "board" in births else set())


def _found(result: Result, stage: Stage) -> StepResult | None:
    assert result.process is not None
    same = (
        step
        for step in result.process.steps
        if step.step == stage.step + 1 and abs(step.temperature - stage.temperature) < 1e-6
    )
    return next(same, None)


def _service(result: Result, stage: Stage) -> AtTemperature | None:
    """Return what the board does at a service temperature."""
    if stage.body != "board" or stage.births:
        return None
    return next(point for point in result.decoupling.at if abs(point.temperature - stage.temperature) < 1e-6)


def _title(names: list[str]) -> str:
    """Join the names of steps; what is done to one part is said of it once.

    >>> _title(["apply the first layer", "open the first layer", "cure the first layer"])
    'Apply, open, cure the first layer'
    """
    verbs, things = zip(*(name.split(" ", 1) for name in names), strict=True)
    joined = f"{', '.join(verbs)} {things[0]}" if len(set(things)) == 1 else ", ".join(names)
    return capital(joined).replace(" um", f"{NO_BREAK}µm")
