"""What is claimed of the device, from the chip down to the board.

A part that is missing makes the one claim that asks for it not met; what is claimed of that part then does not apply.
Some of these rules a package file cannot break, because it is refused before; they are told all the same, with their
numbers.
"""

from __future__ import annotations

from ..materials.model import Material, thermal_strain
from ..package.geometry import cylinder_height
from ..package.model import Contact, Package
from ..package.rules import LAYER_RATIO, SLACK, line_end
from ..units import text
from .record import Figure, Finding, Rule, met, not_applicable, not_met

METALLIC = 1e-3
"""Resistivity below which a solid that does not melt is a metal, above which a conductive adhesive [Ohm mm]: coats of
nickel with much phosphorus stay below 1e-3, adhesives filled with silver begin there."""

NO_LAYER = "there is no second insulating layer"
NO_OPENING = "there is no opening"
NO_CYLINDER = "there is no cylinder"
NO_PADS = "the file describes no pads"


def _at_most(value: float, limit: float) -> bool:
    return value <= limit * (1 + SLACK)


def is_metal(material: Material) -> bool:
    """Whether a material is a solder or another metal."""
    return material.melts or (material.resistivity is not None and material.resistivity < METALLIC)


def pads(package: Package) -> Finding:
    """Whether the chip has connection pads."""
    pad = package.chip.pads
    joints = Figure("joints", len(package.array.joints))
    if pad is None:
        return not_met(NO_PADS, '[chip.pads] with size = "80 um" and opening = "60 um"', joints)
    return met("one for every joint", joints, Figure("size", pad.size, "length"))


def pads_open(package: Package) -> Finding:
    """Whether the first layer leaves the pads open: it opens within each of them."""
    pad = package.chip.pads
    if pad is None:
        return not_applicable(NO_PADS)
    figures = (
        Figure("opening", pad.opening, "length"),
        Figure("pad", pad.size, "length"),
        Figure("free share of the pad", (pad.opening / pad.size) ** 2),
    )
    if _at_most(pad.opening, pad.size):
        return met("the first layer opens within the pad", *figures)
    return not_met(
        "the first layer opens beyond the pad",
        f'chip.pads.opening = "{text(pad.size, "length")}" or less',
        *figures,
    )


def interconnects(package: Package) -> Finding:
    """Whether a line on the first layer leads from each pad to its base region."""
    pad, line = package.chip.pads, package.interconnect.line
    if pad is None:
        return not_applicable(NO_PADS)
    if line is None:
        return not_met("the base regions stand alone", '[interconnect.line] with width = "30 um" and length = "200 um"')
    beside = 0.0  # without a place of its own the pad lies at the line's end
    if pad.place is not None:
        ends = [line_end(line, joint) for joint in package.array.joints]
        beside = max(abs(end - place) for x_y in ends for end, place in zip(x_y, pad.place, strict=True))
    figures = (
        Figure("line", line.length, "length"),
        Figure("wide", line.width, "length"),
        Figure("thick", package.interconnect.thickness, "length"),
        Figure("its end from the pad's centre", beside, "length"),
        Figure("half the pad", pad.size / 2, "length"),
    )
    if _at_most(beside, pad.size / 2):
        return met("each line ends on its pad", *figures)
    return not_met("a line ends beside its pad", "leave chip.pads.place out: the pad lies at the line's end", *figures)


def second_layer(package: Package) -> Finding:
    """Whether a second insulating layer covers the interconnects and the first layer."""
    layer, thickness = package.second_layer, package.interconnect.thickness
    if layer is None:
        hint = "[second_layer] with [opening] and [cylinder], as in fem-wlp new NAME --template compliant"
        return not_met(NO_LAYER, hint)
    figures = (
        Figure("over the first layer", layer.thickness, "length"),
        Figure("over the interconnects", layer.thickness - thickness, "length"),
    )
    if layer.thickness > thickness:
        return met(layer.material.name, *figures)
    hint = f"second_layer.thickness greater than {text(thickness, 'length', 5)}"
    return not_met("it does not cover the interconnects", hint, *figures)


def thicker_layer(package: Package) -> Finding:
    """Whether the second layer is so many times thicker than the first."""
    layer, first = package.second_layer, package.first_layer
    if layer is None:
        return not_applicable(NO_LAYER)
    figures = (
        Figure("ratio", layer.thickness / first.thickness),
        Figure("second", layer.thickness, "length"),
        Figure("first", first.thickness, "length"),
    )
    least = LAYER_RATIO * first.thickness
    if _at_most(least, layer.thickness):
        return met(f"at least {LAYER_RATIO:g} times", *figures)
    return not_met(
        "thicker, but not enough" if layer.thickness > first.thickness else "not thicker at all",
        f'second_layer.thickness = "{text(least, "length", 5)}" or more',
        *figures,
    )


def openings(package: Package) -> Finding:
    """Whether the openings end on their base regions, above which they stand coaxially."""
    opening, base = package.opening, package.interconnect.base_region.diameter
    if opening is None:
        return not_applicable(NO_OPENING)
    figures = (Figure("opening", opening.diameter, "length"), Figure("base region", base, "length"))
    if _at_most(opening.diameter, base):
        return met("within the base region", *figures)
    hint = f'opening.diameter = "{text(base, "length", 5)}" or less, or a wider base region'
    return not_met("it reaches over the base region", hint, *figures)


def filled_opening(package: Package) -> Finding:
    """Whether a cylinder of conductive material fills the opening."""
    opening, layer, cylinder = package.opening, package.second_layer, package.cylinder
    if opening is None or layer is None:
        return not_applicable(NO_OPENING)
    if cylinder is None:
        return not_met("the opening is empty", '[cylinder] with material = "adhesive-soft"')
    foot, free = (diameter - 2 * layer.gap for diameter in (opening.diameter, opening.free_end_diameter))
    height = cylinder_height(package)
    figures = [
        Figure("height", height, "length"),
        Figure("diameter", foot, "length"),
        Figure("at the free end", free, "length"),
        Figure("height/mean diameter", 2 * height / (foot + free)),
    ]
    if layer.gap > 0.0:
        figures.append(Figure("gap", layer.gap, "length"))
    resistivity = cylinder.material.resistivity
    if resistivity is None:
        hint = f"give {cylinder.material.name} its resistivity, or take a conductive adhesive or a solder"
        return not_met(f"{cylinder.material.name} does not conduct", hint, *figures)
    shape = "straight" if foot == free else "tapered"
    return met(f"{shape}, {layer.wall}", *figures, Figure("resistivity", resistivity, "resistivity"))


def cured_or_remelted(package: Package) -> Finding:
    """Whether the cylinder is of a conductive adhesive, which cures, or of solder paste, which is remelted."""
    if package.cylinder is None:
        return not_applicable(NO_CYLINDER)
    material = package.cylinder.material
    figures = () if material.resistivity is None else (Figure("resistivity", material.resistivity, "resistivity"),)
    if material.liquidus is not None:
        return met("remelted solder paste", Figure("liquidus", material.liquidus, "temperature"), *figures)
    hint = "cylinder.material: a conductive adhesive, with its resistivity, or a solder, with its liquidus"
    if material.resistivity is None:
        return not_met(f"{material.name} does not conduct", hint)
    if is_metal(material):
        return not_met(f"{material.name} is a metal that neither cures nor melts", hint, *figures)
    return met("cured conductive adhesive", *figures)


def ball_on_cylinder(package: Package) -> Finding:
    """Whether the ball stands on the cylinder's free end."""
    opening, layer = package.opening, package.second_layer
    if package.cylinder is None or opening is None or layer is None:
        return not_applicable(f"{NO_CYLINDER}: the ball stands on the base region")
    contact, free = package.ball.cylinder_side.diameter, opening.free_end_diameter - 2 * layer.gap
    figures = (
        Figure("contact", contact, "length"),
        Figure("free end", free, "length"),
        Figure("ball", package.ball.diameter, "length"),
    )
    if _at_most(contact, free):
        return met("its contact lies on the free end", *figures)
    hint = f'ball.cylinder_side.diameter = "{text(free, "length", 5)}" or less'
    return not_met("its contact is wider than the free end", hint, *figures)


def ball_of_metal_or_metallised(package: Package) -> Finding:
    """Whether the ball is all of metal, or a core of polymer with coats of metal."""
    ball = package.ball
    figures = (
        Figure("ball", ball.diameter, "length"),
        Figure("coats", len(ball.coats)),
        *(Figure(coat.material.name, coat.thickness, "length") for coat in ball.coats),
    )
    others = [coat.material.name for coat in ball.coats if not is_metal(coat.material)]
    if others:
        hint = "ball.coats of metals, with their resistivity"
        return not_met(f"coats that are no metal: {', '.join(others)}", hint, *figures)
    if is_metal(ball.material):
        return met(f"all metal: {ball.material.name}", *figures)
    if ball.coats:
        return met(f"metallised plastic: {ball.material.name}", *figures)
    hint = 'coats = [{ material = "copper", thickness = "10 um" }], or a ball of metal, with its resistivity'
    return not_met(f"{ball.material.name} is no metal and bare", hint, *figures)


def chip_by_itself_or_on_its_wafer(package: Package) -> Finding:
    """Whether every joint lies within its chip's outline, so that chips need not be divided before."""
    chip, radius = package.chip, package.interconnect.base_region.diameter / 2
    spare = min(
        min(chip.width / 2 - abs(joint.x), chip.length / 2 - abs(joint.y)) - radius for joint in package.array.joints
    )
    figures = (
        Figure("chip", chip.width, "length"),
        Figure("by", chip.length, "length"),
        Figure("base regions from its edge", spare, "length"),
        *(() if package.wafer is None else (Figure("wafer", package.wafer.diameter, "length"),)),
    )
    if spare >= -SLACK * chip.width:
        return met("one chip, which carries all its joints itself", *figures)
    return not_met("joints lie outside the chip", "smaller array.pitch, fewer joints, or a larger chip", *figures)


def soldered_to_board(package: Package) -> Finding:
    """Whether solder joins the device to a board that expands more than its chip."""
    material = joining_material(package.ball.land_side, package)
    assembly = package.temperatures.assembly
    farthest = max(package.temperatures.points, key=lambda point: abs(point - assembly))
    chip, board = (
        float(thermal_strain(part.material, assembly, farthest)[:2].mean()) / (farthest - assembly)
        for part in (package.chip, package.board)
    )
    ratio = (Figure("ratio", board / chip),) if chip > 0.0 else ()
    figures = (*ratio, Figure("board", board, "expansion"), Figure("chip", chip, "expansion"))
    if not material.melts:
        hint = "ball.land_side: a fillet of solder, an outermost coat of solder, or a ball of solder"
        return not_met(f"it is joined by {material.name}, which is no solder", hint, *figures)
    if board > chip:
        return met(f"by {material.name}; {package.board.material.name} expands more", *figures)
    hint = "board.material whose expansion is larger than the chip's"
    return not_met(f"{package.board.material.name} does not expand more than the chip", hint, *figures)


def joining_material(contact: Contact, package: Package) -> Material:
    """Return what joins the ball on one side: its fillet, or the outermost that the ball itself has."""
    ball = package.ball
    return contact.fillet or (ball.coats[-1].material if ball.coats else ball.material)


DEVICE = (
    Rule("D1", "The chip has electrical connection pads.", pads),
    Rule("D2", "The first insulating layer leaves the pads free.", pads_open),
    Rule("D3", "Interconnects on the first layer lead from the pads to base regions.", interconnects),
    Rule("D4", "A second insulating layer lies on the interconnects and the first layer.", second_layer),
    Rule("D5", f"The second layer is thicker than the first, at least {LAYER_RATIO:g} times.", thicker_layer),
    Rule("D6", "Openings in the second layer stand above the base regions.", openings),
    Rule("D7", "A cylinder of conductive material fills each opening.", filled_opening),
    Rule("D8", "The cylinder is cured conductive adhesive or remelted solder paste.", cured_or_remelted),
    Rule("D9", "A ball sits on the free end of each cylinder.", ball_on_cylinder),
    Rule("D10", "The ball is all of metal, or a polymer core with metal coats.", ball_of_metal_or_metallised),
    Rule("D11", "The chip is single, or one of many on a wafer.", chip_by_itself_or_on_its_wafer),
    Rule("D12", "The device is soldered to a board that expands more than silicon.", soldered_to_board),
)
"""Claims of the device that the package alone decides, in order."""
