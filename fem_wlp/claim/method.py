"""What is claimed of the method: from the chips with their pads, on the wafer, to the device on its board.

Steps are called as in the file and on the command line, ``process.0`` the first. Most of these orders a package file
cannot break, because it is refused before; they are told all the same.
"""

from __future__ import annotations

from ..package.model import Package
from ..package.process import Cure, Fill, Melt, Plate, Step
from .device import NO_CYLINDER, NO_LAYER, NO_PADS, openings
from .record import MET, NOT_MET, Figure, Finding, Rule, met, not_applicable, not_met

NO_PROCESS = "the file has no [[process]]"

Deed = tuple[str, str]
"""Word of a step and the part that it is done on; without a part, none."""

ON_THE_WAFER = ("apply", "open", "cure", "fill", "place", "remelt", "grind")
"""Steps that can be taken on a wafer only; plating is another, unless it is that of the land."""

DIVIDED: Deed = ("dice", "")
MOUNTED: Deed = ("mount", "ball")


def taken(package: Package, deed: Deed) -> list[int]:
    """Return the numbers of the steps that do something."""
    word, wanted = deed
    found = []
    for number, step in enumerate(package.process):
        part = getattr(step, "part", "")
        if step.step == word and wanted in (part if isinstance(part, tuple) else (part,)):
            found.append(number)
    return found


def _of(package: Package, deed: Deed) -> list[Step]:
    return [package.process[number] for number in taken(package, deed)]


def _following(package: Package, earlier: Deed, later: Deed, *figures: Figure) -> Finding:
    """Find whether something is done, and after something else."""
    before, after = taken(package, earlier), taken(package, later)
    for numbers, (word, part) in ((after, later), (before, earlier)):
        if not numbers:
            written = f'step = "{word}"' + (f', part = "{part}"' if part else "")
            return not_met(
                f'no step "{word}"{f" of the {_words(part)}" if part else ""}', f"[[process]] with {written}"
            )
    if after[0] < before[0]:
        return not_met(f"process.{after[0]} comes before process.{before[0]}", "exchange the two steps", *figures)
    return met(f"process.{after[0]}, after process.{before[0]}", *figures)


def _words(part: str) -> str:
    return part.replace("_", " ")


def pads_stay_open(package: Package) -> Finding:
    """Whether the first layer is opened over the pads, before interconnects are plated on them."""
    pad = package.chip.pads
    if pad is None:
        return not_applicable(NO_PADS)
    applied, opened, plated = ("apply", "first_layer"), ("open", "first_layer"), ("plate", "interconnect")
    order = _following(package, applied, opened, Figure("opening", pad.opening, "length"))
    if order.verdict == MET and taken(package, plated):
        through = _following(package, opened, plated)
        return through if through.verdict == NOT_MET else order
    return order


def interconnects_made(package: Package) -> Finding:
    """Whether the interconnects are plated on the first layer."""
    deed = ("plate", "interconnect")
    baths = [Figure("bath", step.temperature, "temperature") for step in _of(package, deed) if isinstance(step, Plate)]
    return _following(package, ("apply", "first_layer"), deed, *baths)


def second_layer_applied(package: Package) -> Finding:
    """Whether the second layer comes on the interconnects."""
    if package.second_layer is None:
        return not_applicable(NO_LAYER)
    thickness = Figure("thick", package.second_layer.thickness, "length")
    return _following(package, ("plate", "interconnect"), ("apply", "second_layer"), thickness)


def openings_made(package: Package) -> Finding:
    """Whether the second layer is opened, and within the base regions."""
    if package.second_layer is None:
        return not_applicable(NO_LAYER)
    place = openings(package)
    order = _following(package, ("apply", "second_layer"), ("open", "second_layer"), *place.figures)
    return order if place.verdict == MET else place


def openings_filled(package: Package) -> Finding:
    """Whether conductive material is filled into the openings, by a doctor blade."""
    if package.cylinder is None:
        return not_applicable(NO_CYLINDER)
    order = _following(package, ("open", "second_layer"), ("fill", "cylinder"))
    other = [step.method for step in package.process if isinstance(step, Fill) and step.method != "doctor blade"]
    if order.verdict == MET and other:
        hint = f'process.{taken(package, ("fill", "cylinder"))[0]}.method = "doctor blade"'
        return not_met(f'the method is "{other[0]}"', hint)
    return order


def balls_placed(package: Package) -> Finding:
    """Whether the balls are placed on filled openings."""
    if package.cylinder is None:
        return not_applicable(f"{NO_CYLINDER}: balls are placed on base regions")
    return _following(package, ("fill", "cylinder"), ("place", "ball"), Figure("ball", package.ball.diameter, "length"))


def cured_or_remelted_with_balls(package: Package) -> Finding:
    """Whether the cylinders become solid, by cure or remelting, once the balls stand on them."""
    if package.cylinder is None:
        return not_applicable(NO_CYLINDER)
    placed = taken(package, ("place", "ball"))
    solid = sorted(number for word in ("cure", "remelt") for number in taken(package, (word, "cylinder")))
    if not solid:
        hint = '[[process]] with step = "cure" or step = "remelt", part = "cylinder", after the balls are placed'
        return not_met("no step cures or remelts the cylinder", hint)
    later = [number for number in solid if placed and number > placed[0]]
    if not later:
        hint = 'move it behind step = "place", part = "ball"'
        return not_met(f"process.{solid[-1]} comes before any ball is placed", hint)
    step = package.process[later[0]]
    if isinstance(step, Melt):
        figures = [Figure("peak", step.temperature, "temperature"), Figure("liquidus", step.liquidus, "temperature")]
        return met(f"process.{later[0]} remelts solder paste", *figures)
    assert isinstance(step, Cure)
    figures = [Figure("at", step.temperature, "temperature"), Figure("linear shrinkage", step.linear_shrinkage)]
    return met(f"process.{later[0]} cures conductive adhesive", *figures)


def wafer_divided(package: Package) -> Finding:
    """Whether all that has to do with the wafer is done on it, before it is divided."""
    wafer, divided = package.wafer, taken(package, DIVIDED)
    figures = [Figure("chip", package.chip.width, "length"), Figure("by", package.chip.length, "length")]
    if wafer is not None:
        figures.insert(0, Figure("wafer", wafer.diameter, "length"))
    if not divided:
        return not_met("no step divides the wafer", '[[process]] with step = "dice"', *figures)
    on_it = [number for number, step in enumerate(package.process) if step.step in ON_THE_WAFER]
    on_it += taken(package, ("plate", "interconnect"))
    if max(on_it, default=-1) > divided[0]:
        message = f"process.{max(on_it)} comes after process.{divided[0]} divides the wafer"
        return not_met(message, 'move step = "dice" behind it', *figures)
    return met(f"process.{divided[0]}, after all steps on the wafer", *figures)


def soldered_afterwards(package: Package) -> Finding:
    """Whether the device is soldered to its board once the wafer is divided."""
    figures = []
    for step in _of(package, MOUNTED):
        assert isinstance(step, Melt)
        figures += [Figure("peak", step.temperature, "temperature"), Figure("solid at", step.solidus, "temperature")]
    return _following(package, DIVIDED, MOUNTED, *figures)


METHOD = (
    Rule("M1", "The first insulating layer is applied so that the pads stay open.", pads_stay_open),
    Rule("M2", "Interconnects are made on the first layer.", interconnects_made),
    Rule("M3", "The second insulating layer is applied on the interconnects.", second_layer_applied),
    Rule("M4", "Openings are made in the second layer over the base regions.", openings_made),
    Rule("M5", "Conductive material is filled into the openings with a doctor blade.", openings_filled),
    Rule("M6", "Balls are placed on the filled openings.", balls_placed),
    Rule(
        "M7",
        "With the balls in place the conductive adhesive is cured, or the solder paste is remelted.",
        cured_or_remelted_with_balls,
    ),
    Rule("M8", "All of it is done on the wafer, which is then divided.", wafer_divided),
    Rule("M9", "The device is soldered to the board afterwards.", soldered_afterwards),
)
"""Claims of the method, in order; they need the steps of a process."""
