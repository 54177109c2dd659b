"""What the steps of a process must be to each other and to the package: refusals that no single step can know.

As in `rules`: a rule takes parts and yields faults; `where` is the key to blame, as a dotted path.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import hypot

from fem_wlp.errors import ConfigError
from fem_wlp.materials.model import Material, stiffness, thermal_strain
from fem_wlp.package.model import Ball, Chip, Cylinder, Package, SecondLayer
from fem_wlp.package.process import Apply, Cure, Dice, Fill, Grind, Melt, Open, Place, Plate, Service, Step, Wafer
from fem_wlp.package.uses import material_uses
from fem_wlp.units import text

Faults = Iterator[ConfigError]
Deed = tuple[str, str]
"""Word of a step and the part on which it is done."""

SLACK = 1e-9
"""Relative slack of comparisons of lengths and temperatures [-]."""

NEEDS: dict[Deed, tuple[Deed, ...]] = {
    ("open", "first_layer"): (("apply", "first_layer"),),
    ("cure", "first_layer"): (("apply", "first_layer"),),
    ("plate", "interconnect"): (("cure", "first_layer"),),
    ("apply", "second_layer"): (("plate", "interconnect"),),
    ("open", "second_layer"): (("apply", "second_layer"),),
    ("cure", "second_layer"): (("apply", "second_layer"),),
    ("fill", "cylinder"): (("open", "second_layer"),),
    ("cure", "cylinder"): (("fill", "cylinder"),),
    ("remelt", "cylinder"): (("fill", "cylinder"),),
    ("mount", "cylinder"): (("fill", "cylinder"),),
    ("place", "ball"): (("plate", "interconnect"), ("fill", "cylinder")),
    ("remelt", "ball"): (("place", "ball"),),
    ("mount", "ball"): (("place", "ball"),),
}
"""What is done → what must have been done before; of a part that the package has."""

MADE_BY: dict[str, tuple[str, ...]] = {
    "first_layer": ("cure",),
    "interconnect": ("plate",),
    "second_layer": ("cure",),
    "cylinder": ("cure", "remelt"),
    "ball": ("place",),
}
"""Part → the steps that make it; one of them is needed."""

REPEATED = ("remelt", "grind")
"""Steps that may be taken again."""

_DONE = {
    "apply": "applied",
    "open": "opened",
    "cure": "cured",
    "plate": "plated",
    "fill": "filled in",
    "place": "placed",
    "remelt": "remelted",
    "grind": "ground",
    "dice": "divided",
    "mount": "mounted",
    "cycle": "cycled",
}


def _fault(code: str, where: str, message: str, hint: str = "") -> ConfigError:
    return ConfigError(code, message, where=where, hint=hint)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _celsius(temperature: float) -> str:
    return text(temperature, "temperature", 5)


def parts_of(step: Step) -> tuple[str, ...]:
    """Return the parts on which a step is done; the wafer for grinding and dividing, the device for a cycle."""
    if isinstance(step, Melt):
        return step.part
    if isinstance(step, Apply | Open | Cure | Plate | Fill | Place):
        return (step.part,)
    return ("device",) if isinstance(step, Service) else ("wafer",)


def steps_in_order(process: tuple[Step, ...], second_layer: SecondLayer | None, cylinder: Cylinder | None) -> Faults:
    """Yield P202, P203, P205: each step has what it needs, and is taken once, on a part of the package."""
    absent = {name for name, part in (("second_layer", second_layer), ("cylinder", cylinder)) if part is None}
    done: set[Deed] = set()
    openings = [number for number, step in enumerate(process) if isinstance(step, Open) and step.part == "first_layer"]
    for number, step in enumerate(process):
        where = f"process.{number}"
        for part in parts_of(step):
            deed = (step.step, part)
            if part in absent:
                hint = f"take the step out, or describe the part in [{part}]"
                yield _fault("P205", where, f"the package has no {_words(part)}", hint)
                continue
            if step.step not in REPEATED and deed in done:
                yield _fault("P203", where, f"the {_words(part)} was {_DONE[step.step]} before", "take one of them out")
            for word, other in NEEDS.get(deed, ()):
                if other not in absent and (word, other) not in done:
                    subject = "the wafer" if part == "wafer" else f"the {_words(part)}"
                    yield _fault(
                        "P202",
                        where,
                        f"{subject} cannot be {_DONE[step.step]} before the {_words(other)} is {_DONE[word]}",
                        f'a step "{word}" of part "{other}" comes before it',
                    )
            done.add(deed)
        if isinstance(step, Plate) and step.part == "interconnect" and openings and openings[0] > number:
            message = "the interconnect cannot be plated before the first layer is opened: it covers the pads"
            yield _fault("P202", where, message, "open the first layer before")
        if isinstance(step, Plate) and step.part == "land" and ("mount", "ball") in done:
            yield _fault("P203", where, "the land is there since mounting", "plate it before")


def every_part_is_made(
    process: tuple[Step, ...], second_layer: SecondLayer | None, cylinder: Cylinder | None
) -> Faults:
    """Yield P204: a step for every part of the package."""
    if not process:
        return
    absent = {"second_layer": second_layer is None, "cylinder": cylinder is None}
    done = {(step.step, part) for step in process for part in parts_of(step)}
    for part, words in MADE_BY.items():
        if not absent.get(part, False) and not any((word, part) in done for word in words):
            hint = " or ".join(f'step = "{word}"' for word in words)
            yield _fault("P204", part, f"no step of the process makes the {_words(part)}", f'{hint}, part = "{part}"')


def wafer_divided_once_done(process: tuple[Step, ...]) -> Faults:
    """Yield P208, P209, P212: the wafer's steps, dividing, mounting, and the cycle last."""
    if not process:
        return
    words = [step.step for step in process]
    divided = words.index("dice") if "dice" in words else len(words)
    for number, step in enumerate(process):
        where = f"process.{number}"
        if step.step == "mount" and divided > number:
            yield _fault("P208", where, "chips are mounted, not wafers", 'a step "dice" comes before it')
        elif number > divided and not (step.step in ("dice", "mount", "cycle") or "land" in parts_of(step)):
            message = f"there is no wafer any more: it was divided in step {divided}"
            yield _fault("P209", where, message, "move the step before, or the dividing behind")
    if "mount" not in words:
        yield _fault("P212", "process", "no step mounts the device on its board", 'step = "mount", before the cycle')
    if words[-1] != "cycle":
        hint = 'step = "cycle", condition = "JESD22-A104 G", as last step'
        yield _fault("P212", f"process.{len(words) - 1}", "the last step is no cycle on the board", hint)
    for number in range(len(words) - 1):
        if words[number] == "cycle":
            yield _fault("P212", f"process.{number}", "a cycle is looked at when all else is done", "make it the last")


def wafer_ground_to_chip(process: tuple[Step, ...], wafer: Wafer | None, chip: Chip) -> Faults:
    """Yield P210, P213, P214: a wafer that holds the chip, and is ground to its thickness."""
    if not process:
        return
    if wafer is None:
        hint = 'diameter = "200 mm", thickness = "725 um"'
        yield _fault("P214", "wafer", "the table [wafer] is missing: on it the process begins", hint)
        return
    diagonal = hypot(chip.width, chip.length)
    if diagonal > wafer.diameter * (1 + SLACK):
        message = f"a chip of {_length(diagonal)} from corner to corner does not fit on a wafer of"
        yield _fault("P213", "wafer.diameter", f"{message} {_length(wafer.diameter)}", "choose a larger wafer")
    thickness, where = wafer.thickness, "wafer.thickness"
    for number, step in enumerate(process):
        if isinstance(step, Grind):
            target = chip.thickness if step.thickness is None else step.thickness
            where = f"process.{number}.thickness"
            if target > thickness * (1 + SLACK):
                message = f"the wafer has {_length(thickness)} and cannot be ground to {_length(target)}"
                yield _fault("P210", where, message, "grinding makes it thinner")
                return
            thickness = target
    if abs(thickness - chip.thickness) > SLACK * chip.thickness:
        message = f"the wafer ends with {_length(thickness)}, the chip has {_length(chip.thickness)}"
        yield _fault("P210", where, message, 'step = "grind" without thickness grinds to the chip\'s')


def _length(value: float) -> str:
    return text(value, "length", 5)


def solder_melts_and_hardens(process: tuple[Step, ...]) -> Faults:
    """Yield P206, P207: solidus, liquidus and peak in this order."""
    for number, step in enumerate(process):
        if not isinstance(step, Melt):
            continue
        if step.temperature < step.liquidus * (1 - SLACK):
            yield _fault(
                "P206",
                f"process.{number}.temperature",
                f"at {_celsius(step.temperature)} the solder is not molten: its liquidus is {_celsius(step.liquidus)}",
                "a peak of some 25 K above the liquidus is usual",
            )
        if step.solidus > step.liquidus * (1 + SLACK):
            message = f"the solidus, {_celsius(step.solidus)}, is above the liquidus, {_celsius(step.liquidus)}"
            yield _fault("P207", f"process.{number}.solidus", message, "exchange the two")


def what_melts_is_named(process: tuple[Step, ...], ball: Ball, cylinder: Cylinder | None) -> Faults:
    """Yield P206, P216, P217: in each heat melts what the step names, and nothing else; and solder is not cured."""
    there: set[str] = set()
    for number, step in enumerate(process):
        if isinstance(step, Fill | Place):
            there.add(step.part)
        if isinstance(step, Cure) and step.part == "cylinder" and cylinder is not None and cylinder.material.melts:
            message = f"{cylinder.material.name} is a solder: it is remelted, not cured"
            yield _fault("P217", f"process.{number}", message, 'step = "remelt", or an adhesive as cylinder.material')
        if isinstance(step, Melt):
            yield from _named_melts(number, step, ball, cylinder)
        if isinstance(step, Apply | Cure | Plate | Melt) and step.temperature is not None:
            unnamed = there - set(step.part if isinstance(step, Melt) else ())
            yield from _unnamed_stays(number, step, step.temperature, sorted(unnamed), ball, cylinder)


def _named_melts(number: int, step: Melt, ball: Ball, cylinder: Cylinder | None) -> Faults:
    for part in step.part:
        solder = next((material for material in _joining(part, step, ball, cylinder) if material.melts), None)
        if solder is None or solder.liquidus is None:
            message = f"nothing of the {part} is a solder (a material with a liquidus)"
            yield _fault("P217", f"process.{number}.part", message, "take it out, or name a solder as its material")
        elif step.temperature < solder.liquidus * (1 - SLACK):
            message = f"{solder.name} of the {part} is molten above {_celsius(solder.liquidus)} only"
            yield _fault("P206", f"process.{number}.temperature", message, "a higher peak")


def _unnamed_stays(
    number: int, step: Step, heat: float, parts: list[str], ball: Ball, cylinder: Cylinder | None
) -> Faults:
    hint = 'name it: part = ["cylinder", "ball"]' if isinstance(step, Melt) else "a lower temperature"
    for part in parts:
        molten = [one for one in _within(part, ball, cylinder) if one.liquidus is not None and heat >= one.liquidus]
        if molten:
            message = f"{molten[0].name} of the {part} melts in this heat, too, at {_celsius(heat)}"
            yield _fault("P216", f"process.{number}", message, hint)


def _within(part: str, ball: Ball, cylinder: Cylinder | None) -> list[Material]:
    """Return the materials of a part, of a ball the outermost first."""
    if part == "cylinder":
        return [] if cylinder is None else [cylinder.material]
    return [*(coat.material for coat in reversed(ball.coats)), ball.material]


def _joining(part: str, step: Melt, ball: Ball, cylinder: Cylinder | None) -> list[Material]:
    """Return what must melt so that a part is joined: a ball's outermost material, or else its menisci."""
    if part == "cylinder":
        return _within(part, ball, cylinder)
    fillet = ball.cylinder_side.fillet
    own = cylinder is not None and fillet == cylinder.material
    fillets = [None if own else fillet, ball.land_side.fillet if step.step == "mount" else None]
    return [_within(part, ball, cylinder)[0], *(one for one in fillets if one is not None)]


def balls_are_joined(process: tuple[Step, ...], ball: Ball, cylinder: Cylinder | None) -> Faults:
    """Yield P218: something holds the balls when the wafer is divided, and on the board."""
    fillet, joined, placed = ball.cylinder_side.fillet, False, False
    own = cylinder is not None and fillet == cylinder.material
    for number, step in enumerate(process):
        where = f"process.{number}"
        if isinstance(step, Place):
            placed = True
        elif isinstance(step, Cure) and step.part == "cylinder":
            joined |= placed and (fillet is None or not fillet.melts)
        elif isinstance(step, Melt):
            joined |= placed and ("ball" in step.part if not own else "cylinder" in step.part)
            if step.step == "mount" and "ball" not in step.part:
                message = "nothing joins the balls to their lands"
                yield _fault("P218", f"{where}.part", message, 'part = "ball", or ["cylinder", "ball"]')
        elif isinstance(step, Dice) and placed and not joined:
            message = "the balls lie loose on the wafer"
            hint = "place them before the cure of the cylinders, or remelt what joins them, before dividing"
            yield _fault("P218", where, message, hint)


def process_faults(package: Package) -> list[ConfigError]:
    """Return M108: where a part is heated or cooled to, its properties must be known once it is there."""
    if not package.process or package.wafer is None:
        return []
    faults = []
    for where, material, _, _ in material_uses(package):
        there = False
        for number, step in enumerate(package.process):
            there |= _begins(where, step, package)
            if not there:
                continue
            for key, temperature in _heats(step, material, package.wafer.temperature):
                try:
                    stiffness(material, temperature)
                    thermal_strain(material, temperature, temperature)
                except ConfigError as fault:
                    place = f"process.{number}{key}"
                    faults.append(_fault(fault.code, place, f"{where}: {fault.message}", fault.hint))
    return faults


def _begins(where: str, step: Step, package: Package) -> bool:
    """Whether a use of a material begins with a step."""
    part = where.split(".")[0]
    if part == "chip":
        return True
    if part in ("board", "land") or where == "ball.land_side.fillet":
        return step.step == "mount"
    if where == "ball.cylinder_side.fillet":
        own = package.cylinder is not None and package.ball.cylinder_side.fillet == package.cylinder.material
        part = "cylinder" if own else "ball"
        return part in parts_of(step) and step.step in ("cure", "remelt", "mount")
    return part in parts_of(step) and step.step in (*MADE_BY[part], "mount")


def _heats(step: Step, material: Material, room: float) -> list[tuple[str, float]]:
    """Return key and temperature of a step at which a material carries: of what melts, not the peak."""
    if isinstance(step, Service):
        return []
    if isinstance(step, Melt):
        peak = [] if material.liquidus is not None and material.liquidus <= step.temperature else [step.temperature]
        return [(".solidus", step.solidus), *((".temperature", temperature) for temperature in peak)]
    temperature = getattr(step, "temperature", None)
    return [("", room)] if temperature is None else [(".temperature", temperature), ("", room)]
