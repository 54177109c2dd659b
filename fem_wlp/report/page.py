"""The report: one self-contained HTML page with everything that an engineer would hand on."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ..materials.model import Material, plane_constants, stiffness, thermal_strain
from ..package.model import Package
from ..results import ArrayField, Parts, Result
from .certificates import checks_of
from .figures import WHOLE
from .pictures import Picture
from .process_tables import compared_with_one_step, making_of
from .resolved_tables import compared_rows, facts_of
from .style import celsius, length, part_name
from .words import NO_BREAK, NO_FORCE, Row, counted, number, percent

FOLDER = Path(__file__).parent

MOST_JOINTS_OPEN, MOST_JOINTS_LISTED = 40, 400
"""More joints than this are folded away; beyond the second number only the outermost are listed [-]."""

WORDS = ((0.9, "almost wholly"), (0.7, "largely"), (0.4, "partly"), (0.15, "weakly"), (-1e9, "hardly"))
"""The verdict: least D of each wording [-]."""

NOT_SAID = (
    "It is no lifetime. Strains and forces are what a fatigue law would start from; none is applied here.",
    "Materials are linear elastic. Solder creeps and adhesives relax, so measured shifts of such joints are larger and "
    "forces smaller than these.",
    "No peak stress is quoted. At corners where materials meet, stress is singular: its peak tells the mesh, not the "
    "package. Stresses are means over fixed volumes, and the colours of the picture end at a percentile.",
    "Resistances are those of the bulk: no contact resistance between filler particles, at oxides or at interfaces.",
    "The joint is a body of revolution: the interconnect's line does not stiffen it, and the strain of the line's neck "
    "is not part of the interconnect strain.",
    "Interfaces hold: no delamination, no cracks, no voids. Moisture, and loads other than temperature, are left out.",
)


@dataclass(frozen=True)
class MaterialRow:
    """One material with what it is used for."""

    material: Material
    parts: str
    modulus: str
    poisson: str
    expansion: str


def render(result: Result, pictures: Sequence[Picture]) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    result
        What was solved.
    pictures
        Its figures; they become part of the page.
    """
    package, d = result.package, result.decoupling
    joints = sorted(result.joints, key=lambda joint: -joint.dnp)[:MOST_JOINTS_OPEN]
    all_listed = len(result.joints) <= MOST_JOINTS_LISTED
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            name=package.name,
            subject=_subject(package),
            headline=_headline(result),
            verdict=_verdict(result),
            tiles=_tiles(result),
            pictures={picture.name: picture for picture in pictures},
            curves=[picture for picture in pictures if picture.name.startswith("curve_")],
            source=picture_source,
            critical=d.critical_joint,
            cut_at=celsius(result.field.temperature),
            centre_is_still=any(joint.decoupling is None for joint in result.joints),
            rows=[*_decoupling_rows(result), *_joint_rows(result)],
            at=d.at,
            bonded=package.second_layer is not None and package.second_layer.wall == "bonded",
            has_parts=bool(package.ball.coats) or package.ball.land_side.fillet is not None,
            is_cycle=len(d.at) > 1,
            joints=result.joints if all_listed else joints,
            all_listed=all_listed,
            count=len(result.joints),
            folded=len(result.joints) > MOST_JOINTS_OPEN,
            resolved=isinstance(result.field, ArrayField),
            facts=facts_of(result),
            making=making_of(result, WHOLE),
            one_step=compared_with_one_step(result),
            compared=compared_rows(result),
            checks=checks_of(result),
            materials=_materials(package),
            service=celsius(package.temperatures.points[-1]),
            assembly=celsius(package.temperatures.assembly),
            stress_free=_stress_free(package, with_shapes=result.process is not None),
            notes=result.notes,
            notices=[notice.message for notice in (*package.notices, *result.doubts)],
            not_said=NOT_SAID,
            provenance=_provenance(result.provenance),
            celsius=celsius,
            number=number,
            no_force=NO_FORCE,
            hypot=hypot,
        )
    )


def environment() -> Environment:
    """Return where pages find their templates, and how these are filled in."""
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def picture_source(picture: Picture) -> str:
    """The picture as an address that holds its content."""
    return f"data:image/svg+xml;base64,{b64encode(picture.svg).decode('ascii')}"


# The headline


def _headline(result: Result) -> tuple[str, str]:
    """D and its estimated error, to the decimal that the error leaves."""
    error = result.certificates.discretisation_error.figure
    decimals = 4 if error < 5e-4 else 3
    shown = f"{error:.{decimals}f}"
    smallest = f"{10.0**-decimals:.{decimals}f}"
    figure = f"{result.decoupling.figure:.{decimals}f}".replace("-", "−")
    return figure, f"± {shown}" if float(shown) > 0.0 else f"± < {smallest}"


def _subject(package: Package) -> str:
    chip, board, array, temperatures = package.chip, package.board, package.array, package.temperatures
    points = " and ".join(celsius(point).replace(" ", NO_BREAK) for point in temperatures.points)
    named = f" ({temperatures.condition})" if temperatures.condition is not None else ""
    chip_size, board_size = (
        f"{part.width:g} × {part.length:g} × {part.thickness:g} mm".replace(" ", NO_BREAK) for part in (chip, board)
    )
    return (
        f"{counted(len(array.joints), 'joint')} in {counted(array.rows, 'row')} and "
        f"{counted(array.columns, 'column')} on "
        f"{length(array.pitch).replace(' ', NO_BREAK)} pitch. Chip {chip_size}, board {board_size}. "
        f"Joined at {celsius(temperatures.assembly).replace(' ', NO_BREAK)}, looked at {points}{named}."
    )


def _verdict(result: Result) -> str:
    """Say in words what the figure means for this package, or why it means little."""
    d = result.decoupling
    if result.doubts:
        return " ".join(f"{doubt.message[0].upper()}{doubt.message[1:]}." for doubt in result.doubts)
    grade = next(words for least, words in WORDS if d.figure >= least)
    place = d.critical_joint
    sentences = [
        f"Chip and board are {grade} decoupled: the joint farthest from the centre (row {place.row}, "
        f"column {place.column}) gives way to {percent(d.figure)} of the mismatch between them and resists the other "
        f"{percent(d.coupling)}."
    ]
    if d.force_reduction is not None and d.reference_figure is not None:
        sense = "less" if d.force_reduction >= 0.0 else "more"
        named = result.package.reference
        which = named.name if named is not None else "the same with solder balls straight on the base regions"
        sentences.append(
            f"Its shear force is {percent(abs(d.force_reduction))} {sense} than in the reference package, {which} "
            f"(D{NO_BREAK}={NO_BREAK}{number(d.reference_figure, 3)})."
        )
    giving = sorted(((share, part) for part, share in d.shift_budget.items() if share > 0.0), reverse=True)
    if giving:
        parts = [f"the {part_name(part)} ({share:.0%})" for share, part in giving[:2] if share > 0.05]
        sentences.append(f"What gives way is {' and '.join(parts)}.".replace("%", f"{NO_BREAK}%"))
    return " ".join(sentences)


def _tiles(result: Result) -> list[Row]:
    d, joint = result.decoupling, result.joint
    largest = _joint_at(result, d.largest_force_joint.row, d.largest_force_joint.column)
    tiles = [Row("Largest shear force", f"{number(hypot(*largest.shear_force), 3)} N", "on one joint")]
    if d.force_reduction is not None:
        tiles.append(Row("Force reduction", percent(d.force_reduction), "against the reference package"))
    if d.chip_stress_relief is not None:
        tiles.append(Row("Chip-side stress relief", percent(d.chip_stress_relief), "against the reference package"))
    tiles += [
        Row("Lateral stiffness", f"{number(joint.stiffness.lateral, 3)} N/mm", "of one joint"),
        Row("Interconnect strain", percent(result.interconnect.strain), "mean over the base region's outer ring"),
        *_of_parts(result.parts),
        Row("Joint resistance", f"{number(joint.resistance.electrical, 3)} mΩ", "bulk, one joint"),
        Row("Thermal resistance", f"{number(joint.resistance.thermal, 3)} K/W", "bulk, one joint"),
        Row("Warpage of the chip", f"{number(1e3 * result.warpage.chip, 3)} µm", "+ : centre higher than corners"),
    ]
    return tiles


def _of_parts(parts: Parts) -> list[Row]:
    rows = []
    if parts.cylinder_shear_strain is not None:
        rows.append(Row("Shear of the cylinder", percent(parts.cylinder_shear_strain), "mean over its volume"))
    name, stress = max(parts.ball_stress.items(), key=lambda item: item[1])
    where = "the ball" if name == "ball" else name.replace("_", " ") + " of the ball"
    return [*rows, Row("Stress of the ball", f"{number(stress, 3)} MPa", f"von Mises, mean over {where}")]


# All figures


def _joint_at(result: Result, row: int, column: int) -> Any:
    return next(joint for joint in result.joints if (joint.row, joint.column) == (row, column))


def _decoupling_rows(result: Result) -> list[Row]:
    d = result.decoupling
    figure, error = _headline(result)
    return [
        Row(
            "Decoupling figure D",
            f"{figure} {error}",
            "share of the free mismatch to which the critical joint gives way",
        ),
        Row("Coupling 1 − D", number(d.coupling), "what is left; tells soft joints apart where D is near 1"),
        Row("Pad to pad, raw", number(d.pad_to_pad), "the same with the joint's tilt left in: what moiré measures"),
        Row("Force-based figure", number(d.force_based), "1 − force / force with rigid joints"),
        Row(
            "Force reduction",
            number(d.force_reduction),
            "1 − force / force in the reference package; – where the package is its own reference",
        ),
        Row(
            "Chip-side stress relief",
            number(d.chip_stress_relief),
            "1 − stress / stress in the reference package: mean von Mises stress of the chip's lowest 5 µm under the "
            "base region; negative: more stress",
        ),
        Row("D of the reference package", number(d.reference_figure), "what the reductions are counted against"),
    ]


def _joint_rows(result: Result) -> list[Row]:
    d, joint = result.decoupling, result.joint
    critical = _joint_at(result, d.critical_joint.row, d.critical_joint.column)
    largest = d.largest_force_joint
    k = joint.stiffness
    return [
        Row(
            "Critical joint",
            f"row {critical.row}, column {critical.column}",
            f"the one farthest from the neutral point, {number(critical.dnp)} mm",
        ),
        Row("Free mismatch δ₀", f"{number(1e3 * hypot(*critical.free))} µm", "of chip and board there, joints severed"),
        Row("Shift δ", f"{number(1e3 * hypot(*critical.shift))} µm", "what the critical joint deforms by, tilt off"),
        Row("Shear force", f"{number(hypot(*critical.shear_force))} N", "through the critical joint"),
        Row(
            "Axial force",
            f"{number(critical.axial_force, nothing=NO_FORCE)} N",
            "through the critical joint; + tension",
        ),
        Row("Moment", f"{number(hypot(*critical.moment))} N mm", "in the critical joint at mid-height"),
        Row("Largest shear force", f"row {largest.row}, column {largest.column}", "the joint that carries it"),
        Row("Lateral stiffness", f"{number(k.lateral)} N/mm", "of the joint, both ends kept from rotating"),
        Row("Axial stiffness", f"{number(k.axial)} N/mm", "of the joint"),
        Row("Rocking stiffness", f"{number(k.rocking)} N mm/rad", "of the joint"),
        Row("Torsional stiffness", f"{number(k.torsion)} N mm/rad", "of the joint"),
        Row("Electrical resistance", f"{number(joint.resistance.electrical)} mΩ", "base region to land, bulk"),
        Row("Thermal resistance", f"{number(joint.resistance.thermal)} K/W", "base region to land, bulk"),
        Row("Joint height H", length(joint.height), "from the chip's lower to the board's upper face"),
        Row(
            "Warpage of the chip",
            f"{number(1e3 * result.warpage.chip)} µm",
            "+ : centre higher than the corners, away from the board",
        ),
        Row(
            "Warpage of the board",
            f"{number(1e3 * result.warpage.board)} µm",
            "+ : centre higher than the corners, towards the chip",
        ),
        Row(
            "Interconnect strain",
            percent(result.interconnect.strain),
            "mean equivalent strain over the outermost 25 µm ring of the base region",
        ),
    ]


# The package


def _materials(package: Package) -> list[MaterialRow]:
    """List each material once, with its constants at the last service temperature."""
    ball = package.ball
    used: list[tuple[str, Material | None]] = [
        ("chip", package.chip.material),
        ("first layer", package.first_layer.material),
        ("interconnect", package.interconnect.material),
        ("second layer", package.second_layer.material if package.second_layer is not None else None),
        ("cylinder", package.cylinder.material if package.cylinder is not None else None),
        ("fillet at the cylinder", ball.cylinder_side.fillet),
        ("ball core" if ball.coats else "ball", ball.material),
        *((f"coat {number}", coat.material) for number, coat in enumerate(ball.coats, start=1)),
        ("fillet at the land", ball.land_side.fillet),
        ("land", package.land.material),
        ("board", package.board.material),
    ]
    parts: dict[Material, list[str]] = {}
    for part, material in used:
        if material is not None:
            parts.setdefault(material, []).append(part)
    assembly, last = package.temperatures.assembly, package.temperatures.points[-1]
    return [_material_row(material, ", ".join(names), assembly, last) for material, names in parts.items()]


def _material_row(material: Material, parts: str, assembly: float, last: float) -> MaterialRow:
    E, nu = plane_constants(material, last)
    E_z = _modulus_through(material, last)
    first = assembly if assembly != last else last - 1.0
    in_x, in_y, through = 1e6 * thermal_strain(material, first, last) / (last - first)
    in_plane, z = 0.5 * (in_x + in_y), number(through, 3)
    same = abs(E_z - E) < 1e-6 * E
    return MaterialRow(
        material,
        parts,
        _stress(E) if same else f"{_stress(E)} in plane, {_stress(E_z)} through",
        number(nu, 3),
        number(in_plane, 3) if abs(through - in_plane) < 1e-6 else f"{number(in_plane, 3)} in plane, {z} through",
    )


def _modulus_through(material: Material, temperature: float) -> float:
    C = stiffness(material, temperature)
    a, b, c = C[0, 0], C[0, 1], C[1, 1]
    p, q = C[0, 2], C[1, 2]
    return float(C[2, 2] - (c * p * p - 2.0 * b * p * q + a * q * q) / (a * c - b * b))


def _stress(value: float) -> str:
    return f"{number(value / 1e3, 3)} GPa" if value >= 1e3 else f"{number(value, 3)} MPa"


def _stress_free(package: Package, *, with_shapes: bool) -> list[tuple[str, str, str]]:
    """Say at which temperature each part is unstressed, and on which host; by a process, in the shape it then has."""
    assembly = package.temperatures.assembly
    parts = [
        ("first layer", package.first_layer.stress_free, "chip"),
        ("interconnect", package.interconnect.stress_free, "chip"),
        ("ball with coats", package.ball.stress_free, "chip"),
        ("land", package.land.stress_free, "board"),
    ]
    if package.second_layer is not None and package.cylinder is not None:
        parts.insert(2, ("second layer", package.second_layer.stress_free, "chip"))
        parts.insert(3, ("cylinder", package.cylinder.stress_free, "chip"))
    rows = [("chip, board", celsius(assembly), "assembly temperature")]
    for name, own, host in parts:
        if package.process:
            shape = "in the shape that its host then has" if with_shapes else f"on the {host}"
            said = "in mounting" if own is None else f"by its step; {shape}"
        else:
            said = f"given; on the {host}" if own is not None else "not given: the assembly temperature was taken"
        rows.append((name, celsius(assembly if own is None else own), said))
    return rows


def _provenance(provenance: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for key, value in provenance.items():
        if isinstance(value, Mapping):
            unit = " s" if key == "seconds" else ""
            value = ", ".join(f"{name} {item}{unit}" for name, item in value.items())
        rows.append((key.replace("_", " "), str(value)))
    return rows
