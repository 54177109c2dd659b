"""What the report says of a process: its captions, and the figures on the board beside those of one step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from ..results import Result
from .process_drawing import exaggerations, micrometres
from .style import celsius
from .words import NO_BREAK, NO_FORCE, counted, number, signed


@dataclass(frozen=True)
class Making:
    """Sentences on a process: what came of it, and what stands below its pictures."""

    summary: str
    strip: str
    bow: str
    warpage: str
    whose: str


@dataclass(frozen=True)
class OneStepRow:
    """One figure at each service temperature, of the cycle, and of one step; a dash where there is none."""

    name: str
    at: tuple[str, ...]
    cycle: str
    one_step: str
    difference: str


def making_of(result: Result, width: float) -> Making | None:
    """Return the sentences on a process; None without one.

    Parameters
    ----------
    result
        What was solved.
    width
        Of the strip [inch].
    """
    process = result.process
    if process is None:
        return None
    room = _celsius(process.room)
    wafer, chip = exaggerations(result, width)
    diameter = f"{process.wafer_diameter:g}{NO_BREAK}mm"
    return Making(
        summary=_summary(result),
        strip="One joint after each step; what only applies, opens or fills stands with the step that follows. On the "
        "wafer the joints are up; divided and mounted they are down. Sections are to scale, every part in its final "
        f"shape; wafer, chip and board are broken off. Below: the wafer of {diameter}, bent at the step's temperature "
        f"(solid) and at {room} (dashed), drawn {_times(wafer)} too high; then chip (dark) and board (green), "
        f"{_times(chip)} too high.",
        bow="Height of the wafer's centre over its rim, joints up. Negative: the films pull, and the wafer is a bowl. "
        "A thinner wafer bows more, about as one over its thickness squared.",
        warpage="Signed as in JEDEC's standards on the warpage of packages (JESD22-B112): + convex, the centre higher "
        "than the corners with the joints down; − concave. A wafer that is a bowl with its joints up gives chips that "
        "are convex once they are turned over.",
        whose="On chip and board they are of the critical joint." if len(result.joints) > 1 else "",
    )


def _times(factor: float) -> str:
    return f"{number(float(f'{factor:.2g}'))} times"


def _summary(result: Result) -> str:
    assert result.process is not None
    process = result.process
    room = _celsius(process.room)
    sentences = [f"{counted(process.steps[-1].step, 'step')} from the bare wafer to service on the board."]
    bows = [(step.bow_at_room, step) for step in process.steps if step.bow_at_room is not None]
    if bows:
        bow, step = max(bows, key=lambda pair: abs(pair[0]))
        sentences.append(
            f"At {room} the wafer bows most after step {step.step} ({_step(step.name)}): {micrometres(bow)}."
        )
    first, last = process.reflow[0], process.reflow[-1]
    sentences.append(
        f"The single chip is bent by {micrometres(first.chip)} at {_celsius(first.temperature)} and by "
        f"{micrometres(last.chip)} at {_celsius(last.temperature)}, where its joints become solid."
    )
    return " ".join(sentences)


def _celsius(temperature: float) -> str:
    return celsius(temperature).replace(" ", NO_BREAK)


def _step(name: str) -> str:
    return name.replace(" um", f"{NO_BREAK}µm")


def compared_with_one_step(result: Result) -> list[OneStepRow]:
    """Return the figures of the critical joint on the board, those of one step beside them; nothing without a process.

    Parameters
    ----------
    result
        What was solved.
    """
    if result.process is None:
        return []
    at, d, one = result.decoupling.at, result.decoupling, result.process.one_step
    place = d.critical_joint
    joint = next(each for each in result.joints if (each.row, each.column) == (place.row, place.column))
    force = hypot(*joint.shear_force)
    nothing = ("–", "–")
    rows: list[tuple[str, Sequence[str], str, tuple[str, str]]] = [
        (
            "D [-]",
            [number(point.figure) for point in at],
            number(d.figure),
            (number(one.figure), signed(d.figure - one.figure, 2, 5e-7)),
        ),
        (
            "Shear force [N]",
            [number(point.shear_force) for point in at],
            number(force),
            (number(one.shear_force), _relative(force, one.shear_force)),
        ),
        (
            "Axial force [N]",
            [number(point.axial_force, 4, NO_FORCE) for point in at],
            number(joint.axial_force, 4, NO_FORCE),
            nothing,
        ),
        (
            "δ₀ [µm]",
            [number(1e3 * point.free) for point in at],
            number(1e3 * hypot(*joint.free)),
            nothing,
        ),
        (
            "δ [µm]",
            [number(1e3 * point.shift) for point in at],
            number(1e3 * hypot(*joint.shift)),
            nothing,
        ),
        (
            "Warpage, chip [µm]",
            [signed(1e3 * point.warpage_chip) for point in at],
            signed(1e3 * result.warpage.chip),
            nothing,
        ),
        (
            "Warpage, board [µm]",
            [signed(1e3 * point.warpage_board) for point in at],
            signed(1e3 * result.warpage.board),
            nothing,
        ),
    ]
    return [OneStepRow(name, tuple(values), cycle, *others) for name, values, cycle, others in rows]


def _relative(value: float, other: float) -> str:
    return f"{signed(100.0 * (value / other - 1.0), 2, 5e-5)}{NO_BREAK}%" if other > 0.0 else "–"
