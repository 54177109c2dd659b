"""What parts must be to each other: refusals and warnings that no single key can know.

A rule takes parts and yields faults; `where` is the key to blame, as a dotted path. Lengths compare with a slack of
1e-9, so that equal texts are equal lengths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import cos, hypot, sin, sqrt

from fem_wlp.errors import ConfigError, Notice
from fem_wlp.materials.model import stiffness, thermal_strain
from fem_wlp.package.geometry import (
    diagonal_obstacles,
    middle_row,
    mirror_symmetries,
    shell_radii,
    strip_columns,
    uneven_materials,
    unmelted_radius,
)
from fem_wlp.package.model import (
    Array,
    Ball,
    Board,
    Chip,
    Cylinder,
    Interconnect,
    JointPlace,
    Land,
    Line,
    Model,
    Opening,
    Package,
    SecondLayer,
    Temperatures,
)
from fem_wlp.package.process_rules import (
    balls_are_joined,
    every_part_is_made,
    process_faults,
    solder_melts_and_hardens,
    steps_in_order,
    wafer_divided_once_done,
    wafer_ground_to_chip,
    what_melts_is_named,
)
from fem_wlp.package.uses import material_uses
from fem_wlp.units import text

Faults = Iterator[ConfigError]

SLACK = 1e-9
"""Relative slack of comparisons of lengths [-]."""

LAYER_RATIO = 4.0
"""The second insulating layer is at least so many times thicker than the first [-]."""


def _length(value: float) -> str:
    return text(value, "length", 5)


def _exceeds(value: float, limit: float) -> bool:
    return value > limit * (1 + SLACK)


def _fault(code: str, where: str, message: str, hint: str = "") -> ConfigError:
    return ConfigError(code, message, where=where, hint=hint)


def contacts_narrower_than_ball(ball: Ball) -> Faults:
    """Yield G110, G113: a contact circle lies on a ball wider than itself."""
    sides = (("cylinder_side", ball.cylinder_side, "G110"), ("land_side", ball.land_side, "G113"))
    for name, contact, code in sides:
        if _exceeds(ball.diameter, contact.diameter):
            continue
        what = "its contact on the land" if code == "G113" else "its contact"
        yield _fault(
            code,
            f"ball.{name}.diameter",
            f"the ball ({_length(ball.diameter)}) must be wider than {what} ({_length(contact.diameter)}): "
            "no standoff is left",
            f"make the contact smaller than {_length(ball.diameter)}",
        )


def coats_within_ball(ball: Ball) -> Faults:
    """Yield G115: the coats leave a core."""
    thickness = sum(coat.thickness for coat in ball.coats)
    if not _exceeds(ball.diameter / 2, thickness):
        yield _fault(
            "G115",
            "ball.coats",
            f"the coats are {_length(thickness)} thick together, the ball's radius is {_length(ball.diameter / 2)}: "
            "no core is left",
            "ball.diameter is the outer one, with all coats",
        )


def truncated_ball_without_fillet(ball: Ball) -> Faults:
    """Yield G118: the idealised ball is cut by its contact planes and needs no fillet."""
    for name, contact in (("cylinder_side", ball.cylinder_side), ("land_side", ball.land_side)):
        if ball.truncated and (contact.fillet is not None or contact.dip > 0.0):
            yield _fault(
                "G118",
                f"ball.{name}",
                "truncated = true cuts the ball by its contact plane; it has neither fillet nor dip",
                "leave out truncated, or fillet and dip",
            )


def contact_planes_clear_of_what_does_not_melt(ball: Ball) -> Faults:
    """Yield G114: without fillet a contact plane cuts only what melts."""
    for name, contact in (("cylinder_side", ball.cylinder_side), ("land_side", ball.land_side)):
        if ball.truncated or contact.fillet is not None or contact.diameter >= ball.diameter:
            continue
        plane = sqrt((ball.diameter / 2) ** 2 - (contact.diameter / 2) ** 2)
        solid = unmelted_radius(ball, contact)
        if _exceeds(solid, plane):
            materials = (ball.material, *(coat.material for coat in ball.coats))
            shells = zip(materials, shell_radii(ball), strict=True)
            cut = [material.name for material, radius in shells if radius > plane and not material.melts]
            yield _fault(
                "G114",
                f"ball.{name}.diameter",
                f"the contact plane, {_length(plane)} from the ball's centre, cuts {' and '.join(cut)}, which does "
                f"not melt and reaches out to {_length(solid)}",
                'give this side a fillet (a solder, an adhesive, or "cylinder"), or truncated = true for the '
                "idealised ball",
            )


def dips_that_can_be(
    ball: Ball, cylinder: Cylinder | None, layer: SecondLayer | None, interconnect: Interconnect
) -> Faults:
    """Yield G117: what dips has a fillet and a cylinder it stays in, and its cap is narrower than the contact."""
    if ball.land_side.dip > 0.0:
        yield _fault("G117", "ball.land_side.dip", "a ball cannot dip into the copper land", "leave the dip out")
    contact = ball.cylinder_side
    if contact.dip == 0.0 or ball.truncated:
        return
    where = "ball.cylinder_side.dip"
    if contact.fillet is None or cylinder is None or layer is None:
        yield _fault("G117", where, "only a ball with a fillet on a cylinder can dip", 'add fillet = "cylinder"')
        return
    solid = unmelted_radius(ball, contact)
    around = ball.diameter / 2 - solid  # what melts dips with it
    deepest = min(solid, layer.thickness - interconnect.thickness - around)
    if not _exceeds(deepest, contact.dip):
        yield _fault(
            "G117",
            where,
            f"a dip of {_length(contact.dip)} is deeper than the cylinder or the part that does not melt allows",
            f"less than {_length(max(deepest, 0.0))}",
        )
        return
    outside = hypot(solid - contact.dip, contact.diameter / 2)
    if not _exceeds(outside, ball.diameter / 2):
        cap = 2 * sqrt(max(0.0, (ball.diameter / 2) ** 2 - (solid - contact.dip) ** 2))
        yield _fault(
            "G117",
            where,
            f"the ball cuts the contact plane in a circle of {_length(cap)}, wider than the contact "
            f"({_length(contact.diameter)}): no room for the fillet",
            "dip less, or widen ball.cylinder_side.diameter",
        )


def ball_between_neighbours(ball: Ball, array: Array) -> Faults:
    """Yield G111: balls of neighbouring joints do not overlap."""
    if not _exceeds(array.pitch, ball.diameter):
        yield _fault(
            "G111",
            "ball.diameter",
            f"a ball of {_length(ball.diameter)} on a pitch of {_length(array.pitch)} touches its neighbour "
            f"(overlap {_length(ball.diameter - array.pitch)})",
            f"less than {_length(array.pitch)}",
        )


def land_between_neighbours(land: Land, array: Array) -> Faults:
    """Yield G126: lands of neighbouring joints do not touch."""
    if not _exceeds(array.pitch, land.diameter):
        message = f"a land of {_length(land.diameter)} on a pitch of {_length(array.pitch)} touches its neighbour"
        yield _fault("G126", "land.diameter", message, f"less than {_length(array.pitch)}")


def opening_between_neighbours(opening: Opening | None, array: Array) -> Faults:
    """Yield G112: openings of neighbouring joints do not run together."""
    if opening is None:
        return
    for key, diameter in (("diameter", opening.diameter), ("free_end_diameter", opening.free_end_diameter)):
        if not _exceeds(array.pitch, diameter):
            message = f"an opening of {_length(diameter)} on a pitch of {_length(array.pitch)} runs into its neighbour"
            yield _fault("G112", f"opening.{key}", message, f"less than {_length(array.pitch)}")


def opening_on_base_region(opening: Opening | None, interconnect: Interconnect) -> Faults:
    """Yield G122: the opening ends on its base region."""
    base = interconnect.base_region.diameter
    if opening is not None and _exceeds(opening.diameter, base):
        yield _fault(
            "G122",
            "opening.diameter",
            f"an opening of {_length(opening.diameter)} reaches over the base region ({_length(base)})",
            f"at most {_length(base)}, or widen interconnect.base_region.diameter",
        )


def second_layer_complete(layer: SecondLayer | None, opening: Opening | None, cylinder: Cylinder | None) -> Faults:
    """Yield G125: second layer, opening and cylinder come together or not at all."""
    given = {"second_layer": layer, "opening": opening, "cylinder": cylinder}
    missing = [name for name, part in given.items() if part is None]
    if 0 < len(missing) < 3:
        yield _fault(
            "G125",
            missing[0],
            f"second layer, opening and cylinder belong together; missing: {', '.join(missing)}",
            "add what is missing, or take out all three for a ball straight on the base region",
        )


def room_for_cylinder(layer: SecondLayer | None, interconnect: Interconnect) -> Faults:
    """Yield G124: the second layer is thicker than the interconnect under it."""
    if layer is not None and not _exceeds(layer.thickness, interconnect.thickness):
        yield _fault(
            "G124",
            "second_layer.thickness",
            f"a second layer of {_length(layer.thickness)} does not cover the interconnect "
            f"({_length(interconnect.thickness)}): the cylinder would have no height",
            "it counts from the first layer's face",
        )


def gap_fits(layer: SecondLayer | None, opening: Opening | None) -> Faults:
    """Yield G123: a gap goes with wall = "gap" and leaves a cylinder."""
    if layer is None:
        return
    if (layer.wall == "gap") != (layer.gap > 0.0):
        wanted = "needs a gap greater than zero" if layer.wall == "gap" else "has no gap"
        yield _fault(
            "G123", "second_layer.gap", f'a wall that is "{layer.wall}" {wanted}', 'wall = "gap", gap = "5 um"'
        )
    narrowest = min(opening.diameter, opening.free_end_diameter) if opening else float("inf")
    if not _exceeds(narrowest / 2, layer.gap):
        yield _fault(
            "G123",
            "second_layer.gap",
            f"a gap of {_length(layer.gap)} all round leaves no cylinder in an opening of {_length(narrowest)}",
            f"less than {_length(narrowest / 2)}",
        )


def contacts_on_their_faces(
    ball: Ball, layer: SecondLayer | None, opening: Opening | None, interconnect: Interconnect, land: Land
) -> Faults:
    """Yield G116: a contact circle lies on the cylinder's free end (or the base region) and on the land."""
    free_end, name = interconnect.base_region.diameter, "base region"
    if layer is not None and opening is not None:
        free_end, name = opening.free_end_diameter - 2 * layer.gap, "cylinder's free end"
    sides = (
        ("cylinder_side", ball.cylinder_side, free_end, name),
        ("land_side", ball.land_side, land.diameter, "land"),
    )
    for side, contact, face, what in sides:
        if _exceeds(contact.diameter, face):
            yield _fault(
                "G116",
                f"ball.{side}.diameter",
                f"a contact of {_length(contact.diameter)} is wider than the {what} ({_length(face)})",
                f"at most {_length(face)}",
            )


def interconnect_between_neighbours(interconnect: Interconnect, array: Array) -> Faults:
    """Yield G120: base regions of neighbours do not touch, and a line is narrower than the pitch."""
    line = interconnect.line
    for key, width in (
        ("base_region.diameter", interconnect.base_region.diameter),
        ("line.width", line and line.width),
    ):
        if width and not _exceeds(array.pitch, width):
            message = f"{_length(width)} on a pitch of {_length(array.pitch)} touches its neighbour"
            yield _fault("G120", f"interconnect.{key}", message, f"less than {_length(array.pitch)}")


def joints_on_chip(array: Array, chip: Chip, interconnect: Interconnect) -> Faults:
    """Yield G135, G121: base regions, and the lines' ends, lie on the chip."""
    radius = interconnect.base_region.diameter / 2
    outside = [joint for joint in array.joints if not _on_chip(chip, joint.x, joint.y, radius)]
    if outside:
        first = outside[0]
        yield _fault(
            "G135",
            "array",
            f"{len(outside)} of {len(array.joints)} joints reach over the chip's edge, the first in row {first.row}, "
            f"column {first.column}: its base region ends {_length(abs(first.x) + radius)} and "
            f"{_length(abs(first.y) + radius)} from the centre, the chip {_length(chip.width / 2)} and "
            f"{_length(chip.length / 2)}",
            "smaller pitch, fewer joints, or a larger chip",
        )
        return
    line = interconnect.line
    if line is None:
        return
    ends = [(joint, line_end(line, joint)) for joint in array.joints]
    over = [joint for joint, (x, y) in ends if not _on_chip(chip, joint.x + x, joint.y + y, line.width / 2)]
    if over:
        yield _fault(
            "G121",
            "interconnect.line.length",
            f"the line of the joint in row {over[0].row}, column {over[0].column} (and {len(over) - 1} more) leaves "
            "the chip",
            'shorten it, or lead it "inward"',
        )


def _on_chip(chip: Chip, x: float, y: float, radius: float) -> bool:
    return not (_exceeds(abs(x) + radius, chip.width / 2) or _exceeds(abs(y) + radius, chip.length / 2))


def line_end(line: Line, joint: JointPlace) -> tuple[float, float]:
    """Return where a line ends, seen from its joint's axis, x and y [mm].

    A joint at the very centre has no outward; its line leads along +x.
    """
    if isinstance(line.direction, str):
        sign = 1.0 if line.direction == "outward" else -1.0
        away = (joint.x / joint.dnp, joint.y / joint.dnp) if joint.dnp > 0.0 else (sign, 0.0)
        return sign * line.length * away[0], sign * line.length * away[1]
    return line.length * cos(line.direction), line.length * sin(line.direction)


def pads_meet_lines(chip: Chip, interconnect: Interconnect, array: Array) -> Faults:
    """Yield G127: the first layer opens within the pad, and the line ends on it."""
    pad = chip.pads
    if pad is None:
        return
    if _exceeds(pad.opening, pad.size):
        message = f"the first layer opens {_length(pad.opening)} over a pad of {_length(pad.size)}"
        yield _fault("G127", "chip.pads.opening", message, f"at most {_length(pad.size)}")
    line = interconnect.line
    if pad.place is None or line is None:
        return
    for joint in array.joints:
        x, y = line_end(line, joint)
        if max(abs(x - pad.place[0]), abs(y - pad.place[1])) > pad.size / 2 + SLACK:
            yield _fault(
                "G127",
                "chip.pads.place",
                f"the line of the joint in row {joint.row}, column {joint.column} ends at {_length(x)}, {_length(y)} "
                f"from its axis, beside its pad at {_length(pad.place[0])}, {_length(pad.place[1])}",
                "leave chip.pads.place out: the pad then lies at the line's end",
            )
            return


def chip_within_board(chip: Chip, board: Board) -> Faults:
    """Yield G136: the board carries the whole chip."""
    for key, inner, outer in (("width", chip.width, board.width), ("length", chip.length, board.length)):
        if _exceeds(inner, outer):
            message = f"the chip's {key} ({_length(inner)}) is more than the board's ({_length(outer)})"
            yield _fault("G136", f"board.{key}", message, f"at least {_length(inner)}")


def symmetry_that_is_there(array: Array, model: Model) -> Faults:
    """Yield G138: a quarter is computed only of an array that is its own mirror image both ways."""
    if model.kind == "2d" and model.symmetry == "quarter" and not all(mirror_symmetries(array)):
        message = f"a quarter needs both mirror symmetries; this map {_symmetry_found(array)}"
        yield _fault("G138", "model.symmetry", message, 'symmetry = "auto"')


def extent_that_is_there(array: Array, chip: Chip, board: Board, model: Model) -> Faults:
    """Yield G138: a part of the array stands for the whole only where mirror planes make the rest.

    The materials' share in the plane along the diagonal is checked once all materials are known.
    """
    if model.kind == "2d":
        return
    if model.extent in ("quarter", "eighth") and not all(mirror_symmetries(array)):
        yield _extent_fault(f"{_AN[model.extent]} needs both mirror symmetries; this map {_symmetry_found(array)}")
    elif model.extent == "eighth" and (obstacles := diagonal_obstacles(array, chip, board)):
        yield _diagonal_fault(obstacles)
    elif model.extent == "strip" and not strip_columns(array):
        yield _extent_fault(
            f"a strip follows the row beside the centre outwards, here row {middle_row(array)}, which must have "
            "joints and be alike left and right"
        )


_AN = {"quarter": "a quarter", "eighth": "an eighth"}


def _symmetry_found(array: Array) -> str:
    in_x, in_y = mirror_symmetries(array)
    found = "left and right" if in_x else "top and bottom" if in_y else ""
    return f"is alike {found} only" if found else "has no mirror symmetry"


def _diagonal_fault(obstacles: Sequence[str]) -> ConfigError:
    return _extent_fault(
        f"an eighth needs a mirror plane along the diagonal, too; this package has a quarter's only: {obstacles[0]}"
    )


def _extent_fault(message: str) -> ConfigError:
    return _fault("G138", "model.extent", message, 'extent = "auto" takes the smallest part that is there')


def temperature_changes(temperatures: Temperatures) -> Faults:
    """Yield T103: something happens between assembly and service, or between the extremes of the cycle."""
    points = temperatures.points
    first = temperatures.assembly if len(points) == 1 else points[0]
    if abs(points[-1] - first) < 1e-6:
        both = "assembly and service are" if len(points) == 1 else "both extremes of the cycle are"
        yield _fault(
            "T103",
            "temperatures",
            f"{both} {text(first, 'temperature', 6)}: nothing expands, every displacement is zero, and the "
            "decoupling figure is undefined",
            "give another service temperature",
        )


Rule = tuple[Callable[..., Faults], tuple[str, ...]]

RULES: tuple[Rule, ...] = (
    (contacts_narrower_than_ball, ("ball",)),
    (coats_within_ball, ("ball",)),
    (truncated_ball_without_fillet, ("ball",)),
    (ball_between_neighbours, ("ball", "array")),
    (land_between_neighbours, ("land", "array")),
    (opening_between_neighbours, ("opening", "array")),
    (opening_on_base_region, ("opening", "interconnect")),
    (second_layer_complete, ("second_layer", "opening", "cylinder")),
    (room_for_cylinder, ("second_layer", "interconnect")),
    (gap_fits, ("second_layer", "opening")),
    (contacts_on_their_faces, ("ball", "second_layer", "opening", "interconnect", "land")),
    (interconnect_between_neighbours, ("interconnect", "array")),
    (joints_on_chip, ("array", "chip", "interconnect")),
    (pads_meet_lines, ("chip", "interconnect", "array")),
    (chip_within_board, ("chip", "board")),
    (symmetry_that_is_there, ("array", "model")),
    (extent_that_is_there, ("array", "chip", "board", "model")),
    (temperature_changes, ("temperatures",)),
    (steps_in_order, ("process", "second_layer", "cylinder")),
    (every_part_is_made, ("process", "second_layer", "cylinder")),
    (wafer_divided_once_done, ("process",)),
    (wafer_ground_to_chip, ("process", "wafer", "chip")),
    (solder_melts_and_hardens, ("process",)),
)
"""Rule and the parts that it looks at."""

MELTING_RULES: tuple[Rule, ...] = (
    (contact_planes_clear_of_what_does_not_melt, ("ball",)),
    (dips_that_can_be, ("ball", "cylinder", "second_layer", "interconnect")),
    (what_melts_is_named, ("process", "ball", "cylinder")),
    (balls_are_joined, ("process", "ball", "cylinder")),
)
"""Rules that ask of what the parts are made, too."""


def broken_rules(rules: tuple[Rule, ...], parts: Mapping[str, object]) -> list[ConfigError]:
    """Return the faults of all rules whose parts could be read."""
    return [
        fault
        for rule, names in rules
        if all(name in parts for name in names)
        for fault in rule(*(parts[name] for name in names))
    ]


def material_faults(package: Package) -> list[ConfigError]:
    """Return what only known materials can break: M106, M108, T106, G138.

    Every material is known and solid at the temperatures at which it is asked; an eighth is made of materials that are
    alike along x and y.
    """
    faults = [*process_faults(package), *faults_at(package, package.temperatures.points)]
    uneven = uneven_materials(package)
    if package.model.kind == "3d" and package.model.extent == "eighth" and uneven:
        faults.append(_diagonal_fault(uneven))
    return faults


def faults_at(package: Package, temperatures: Sequence[float]) -> list[ConfigError]:
    """Return M106, M108, T106 of a package that is looked at at some temperatures [K]."""
    faults: list[ConfigError] = []
    assembly, hottest = package.temperatures.assembly, max(temperatures)
    for where, material, born, host in material_uses(package):
        if material.liquidus is not None and hottest >= material.liquidus:
            faults.append(
                _fault(
                    "T106",
                    where,
                    f"{material.name} is molten above {text(material.liquidus, 'temperature', 5)}, and the package is "
                    f"looked at {text(hottest, 'temperature', 5)}",
                    "lower the service temperature, or name another solder",
                )
            )
            continue
        try:
            for point in temperatures:
                stiffness(material, point)
                thermal_strain(material, born, point)
            thermal_strain(host, assembly, born)
        except ConfigError as fault:
            faults.append(_fault(fault.code, where, fault.message, fault.hint))
    return faults


def notices(package: Package) -> list[Notice]:
    """Return W101, a second layer thinner than claimed, W103, idle keys, W105 … W107, process, wafer, solder."""
    return [
        *_thin_second_layer(package),
        *_idle_keys(package.model),
        *_of_process(package),
        *_molten_when_assembled(package),
    ]


def _of_process(package: Package) -> Iterator[Notice]:
    """Yield W105: the one temperature of each part, with which all that follows no process goes on to work."""
    if package.process:
        parts = ("first_layer", "interconnect", "second_layer", "cylinder", "ball", "land")
        born = {name: getattr(getattr(package, name), "stress_free", None) for name in parts}
        told = [f"{name.replace('_', ' ')} {_celsius(at)}" for name, at in born.items() if at is not None]
        yield Notice(
            "W105",
            f"these temperatures follow from the process: assembly {_celsius(package.temperatures.assembly)}; "
            f"unstressed {', '.join(told)}. What knows one temperature for each part takes them, without shrinkage",
            where="process",
        )
    elif package.wafer is not None:
        yield Notice("W106", "a wafer has no effect without [[process]]", where="wafer", hint="take it out")


def _molten_when_assembled(package: Package) -> Iterator[Notice]:
    """Yield W107 for each solder that is molten at the assembly temperature, where joints count as solid."""
    assembly, told = package.temperatures.assembly, set[str]()
    for where, material, _, _ in material_uses(package):
        if material.liquidus is not None and assembly > material.liquidus and material.name not in told:
            told.add(material.name)
            yield Notice(
                "W107",
                f"{material.name} ({where}) is molten above {_celsius(material.liquidus)}, and at the assembly "
                f"temperature of {_celsius(assembly)} it counts as solid and free of stress: every displacement and "
                "force is too large",
                where="temperatures.assembly",
                hint="the temperature at which the solder becomes solid, not the peak of the oven",
            )


def _celsius(temperature: float) -> str:
    return text(temperature, "temperature", 5)


def _thin_second_layer(package: Package) -> Iterator[Notice]:
    layer, first = package.second_layer, package.first_layer
    if layer is not None and layer.thickness < LAYER_RATIO * first.thickness * (1 - SLACK):
        yield Notice(
            "W101",
            f"the second insulating layer ({_length(layer.thickness)}) is {layer.thickness / first.thickness:.3g} "
            f"times the first ({_length(first.thickness)}); the device is claimed with at least {LAYER_RATIO:g} times",
            where="second_layer.thickness",
            hint=f"at least {_length(LAYER_RATIO * first.thickness)} meets the claim",
        )


def _idle_keys(model: Model) -> Iterator[Notice]:
    """Yield W103 for what is chosen and has no effect; a default that is written changes nothing."""
    other = "3d" if model.kind == "2d" else "2d"
    for key in ("extent", "lateral", "solver") if model.kind == "2d" else ("symmetry",):
        if getattr(model, key) != Model.model_fields[key].default:
            message = f'{key} belongs to kind = "{other}" and has no effect on kind = "{model.kind}"'
            hint = f'kind = "{other}", or take {key} out'
            yield Notice("W103", message, where=f"model.{key}", hint=hint)
    if model.kind == "3d" and model.extent != "strip" and model.lateral != Model.model_fields["lateral"].default:
        message = f'a lateral face belongs to a strip and has no effect on extent = "{model.extent}"'
        yield Notice("W103", message, where="model.lateral", hint='extent = "strip", or take lateral out')
