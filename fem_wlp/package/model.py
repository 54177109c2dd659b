"""The nouns of a package, from the chip down to the board.

All are frozen. Every float is in mm, K or rad; a file gives it as text with a unit. The docstring under each attribute
is its description in the schema.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import hypot
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import BeforeValidator, Field, PrivateAttr, StrictBool, model_validator

from fem_wlp.errors import ConfigError, Notice
from fem_wlp.materials.leaves import Quantity, refusal
from fem_wlp.materials.model import Material
from fem_wlp.package.conditions import temperatures_of
from fem_wlp.package.document import Document
from fem_wlp.package.fields import (
    MESHING_FLOOR,
    BallMap,
    Condition,
    Count,
    Cycle,
    Direction,
    Listed,
    MaterialName,
    Name,
    Number,
    ReferenceFile,
    Variations,
    Whole,
    map_lines,
)
from fem_wlp.package.part import AnyTemperature, Part
from fem_wlp.package.process import Step, Wafer, few_steps, one_of_three
from fem_wlp.units import text

Layer = Quantity("length", MESHING_FLOOR, "1 mm", below="G102")

MaterialOf = Annotated[Material, MaterialName()]
Extent = Literal["cell", "strip", "eighth", "quarter", "full"]
"""Part of an array that a 3D model holds."""

MOST_COATS = 20
"""Most coats of a ball [-]."""

StressFree = Annotated[float | None, AnyTemperature]
SignedLength = Annotated[float, Quantity("length", "-20 mm", "20 mm")]


class Pad(Part):
    """The chip's electrical connection pads: one for every joint, all alike."""

    size: Annotated[float, Quantity("length", "1 um", "1 mm")]
    """Side of the square pad [mm]."""
    opening: Annotated[float, Quantity("length", "1 um", "1 mm")]
    """Side of its opening in the first insulating layer [mm]."""
    place: tuple[SignedLength, SignedLength] | None = None
    """Centre of the pad seen from its joint's axis, x and y [mm]; by default the end of the interconnect's line."""


class Chip(Part):
    """The silicon die."""

    same_as: ClassVar[dict[str, str]] = {"length": "width"}

    width: Annotated[float, Quantity("length", "0.2 mm", "100 mm")]
    """Along x [mm]."""
    length: Annotated[float, Quantity("length", "0.2 mm", "100 mm")]
    """Along y [mm]; by default the width."""
    thickness: Annotated[float, Quantity("length", "10 um", "2 mm")]
    """Of the silicon, without layers [mm]."""
    material: MaterialOf
    """Usually "silicon"."""
    pads: Pad | None = None
    """Electrical connection pads; without them no pad is modelled."""


class Board(Part):
    """The printed circuit board."""

    same_as: ClassVar[dict[str, str]] = {"length": "width"}

    width: Annotated[float, Quantity("length", "0.2 mm", "600 mm")]
    """Along x [mm]."""
    length: Annotated[float, Quantity("length", "0.2 mm", "600 mm")]
    """Along y [mm]; by default the width."""
    thickness: Annotated[float, Quantity("length", "50 um", "10 mm")]
    """Without lands [mm]."""
    material: MaterialOf
    """E.g. "FR4-D" or "FR4-J"."""


class FirstLayer(Part):
    """The thin dielectric on the chip."""

    thickness: Annotated[float, Layer]
    """Over the chip's face [mm]."""
    material: MaterialOf
    """E.g. "polyimide"."""
    stress_free: StressFree = None
    """Temperature at which it is unstressed on the chip [K]; by default temperatures.assembly."""


class BaseRegion(Part):
    """The round land of the interconnect under a joint."""

    diameter: Annotated[float, Quantity("length", "10 um", "2 mm")]
    """At least the opening's on it [mm]."""


class Line(Part):
    """The interconnect's line from the base region to its pad."""

    width: Annotated[float, Quantity("length", "1 um", "1 mm")]
    """Across the line [mm]."""
    length: Annotated[float, Quantity("length", "1 um", "20 mm")]
    """From the base region's centre to the pad's centre [mm]."""
    direction: Annotated[float | Literal["inward", "outward"], Direction()] = "outward"
    """From the base region to the pad: away from the chip's centre, towards it, or an angle from +x [rad]."""


class Interconnect(Part):
    """Metal on the first layer, from a pad to a base region."""

    thickness: Annotated[float, Layer]
    """Of base region and line [mm]."""
    material: MaterialOf
    """E.g. "copper"."""
    base_region: BaseRegion
    """Round land under the joint."""
    line: Line | None = None
    """Line to the pad; without it the base region stands alone."""
    stress_free: StressFree = None
    """Temperature at which it is unstressed on the chip [K]; by default temperatures.assembly."""


class SecondLayer(Part):
    """The thick insulating layer on interconnects and first layer."""

    thickness: Annotated[float, Layer]
    """From the first layer's face: the cylinder is this less the interconnect's thickness high [mm]."""
    material: MaterialOf
    """Compliant (silicone) or stiff (epoxy, polyimide)."""
    wall: Literal["bonded", "gap"] = "bonded"
    """Whether the opening's wall is bonded to the cylinder or leaves a gap all round."""
    gap: Annotated[float, Quantity("length", "0 um", "1 mm")] = 0.0
    """Width of that gap [mm]; zero for a bonded wall."""
    stress_free: StressFree = None
    """Temperature at which it is unstressed on the chip [K]; by default temperatures.assembly."""


class Opening(Part):
    """The hole in the second layer down to the base region."""

    same_as: ClassVar[dict[str, str]] = {"free_end_diameter": "diameter"}

    diameter: Annotated[float, Quantity("length", "5 um", "2 mm")]
    """At the base region [mm]."""
    free_end_diameter: Annotated[float, Quantity("length", "5 um", "2 mm")]
    """At the second layer's outer face [mm]; by default the diameter: a straight opening."""


class Cylinder(Part):
    """The conductive material that fills the opening, less the gap."""

    material: MaterialOf
    """Cured conductive adhesive or remelted solder paste."""
    stress_free: StressFree = None
    """Temperature at which it is unstressed on the chip [K]; by default temperatures.assembly."""


class Coat(Part):
    """One metal coat of a ball."""

    material: MaterialOf
    """E.g. "copper"."""
    thickness: Annotated[float, Layer]
    """Measured along the radius [mm]."""


def _few(coats: object) -> object:
    if isinstance(coats, list) and len(coats) > MOST_COATS:
        raise refusal(
            ConfigError(
                "F110",
                f"a ball has at most {MOST_COATS} coats",
                value=f"{len(coats)} coats",
                hint="take thin coats together as one",
            )
        )
    return coats


class Contact(Part):
    """How the ball meets the cylinder (or base region) on one side and the land on the other."""

    diameter: Annotated[float, Quantity("length", "5 um", "2 mm")]
    """Diameter of the contact circle [mm]."""
    fillet: Annotated[Material | None, MaterialName(inherits=True)] = None
    """Material of the meniscus up to the contact circle; "cylinder" for the cylinder's own; without it no fillet."""
    dip: Annotated[float, Quantity("length", "0 um", "1 mm")] = 0.0
    """How deep the part that does not melt dips into the cylinder [mm]."""
    bond_line: Annotated[float, Layer] = 0.005
    """Least thickness of fillet material between the part that does not melt and the contact plane [mm]."""


class Ball(Part):
    """The ball between cylinder and land."""

    diameter: Annotated[float, Quantity("length", "20 um", "2 mm")]
    """Outer diameter, with all coats [mm]."""
    material: MaterialOf
    """The core's material, or the whole ball's without coats."""
    coats: Annotated[tuple[Coat, ...], BeforeValidator(_few)] = ()
    """From inside out; none: a ball of one material."""
    cylinder_side: Contact
    """Contact on the cylinder's free end; on the base region where there is no cylinder."""
    land_side: Contact
    """Contact on the board's land."""
    truncated: StrictBool = False
    """The idealised ball: cut by its contact planes, whether its parts melt or not."""
    stress_free: StressFree = None
    """Temperature at which it is unstressed on the chip [K]; by default temperatures.assembly."""


class Land(Part):
    """The board's copper land."""

    diameter: Annotated[float, Quantity("length", "10 um", "2 mm")]
    """Of the bare copper [mm]."""
    thickness: Annotated[float, Layer]
    """Above the board's face [mm]."""
    material: MaterialOf
    """E.g. "copper"."""
    stress_free: StressFree = None
    """Temperature at which it is unstressed on the board [K]; by default temperatures.assembly."""


class JointPlace(NamedTuple):
    """Where one joint stands.

    Row and column count from 1 at the top left of the ball map; x [mm] to the right, y [mm] upwards, from the
    chip's centre.
    """

    row: int
    column: int
    x: float
    y: float

    @property
    def dnp(self) -> float:
        """Distance from the chip's centre, the neutral point [mm]."""
        return hypot(self.x, self.y)


class Array(Part):
    """Where the joints stand: rows and columns on one pitch, or a map drawn in characters."""

    pitch: Annotated[float, Quantity("length", "50 um", "5 mm")]
    """Between neighbouring joints, along x and y [mm]."""
    rows: Annotated[int, Count()]
    """Joints along y; of a map, its lines."""
    columns: Annotated[int, Count()]
    """Joints along x; of a map, its characters in a line."""
    map: Annotated[str | None, BallMap()] = None
    """Instead of rows and columns: one line a row, "O" for a joint, "." for none."""

    @model_validator(mode="before")
    @classmethod
    def _count_map(cls, table: object) -> object:
        if not isinstance(table, dict):
            return table
        given = [key for key in ("rows", "columns") if key in table]
        if "map" not in table:
            if len(given) < 2:
                raise refusal(ConfigError("G134", "the array is not complete", hint="give rows and columns, or a map"))
            return table
        if given:
            raise refusal(
                ConfigError(
                    "G134",
                    f"the array is given twice: by its map and by {' and '.join(given)}",
                    hint=f"take out {' and '.join(given)}",
                )
            )
        rows, columns = _extent(table["map"])
        return {**table, "rows": rows, "columns": columns}

    @cached_property
    def joints(self) -> tuple[JointPlace, ...]:
        """All joints, row by row."""
        full = ("O" * self.columns,) * self.rows
        lines = full if self.map is None else tuple(self.map.splitlines())
        return tuple(
            JointPlace(
                row + 1,
                column + 1,
                (column - (self.columns - 1) / 2) * self.pitch,
                ((self.rows - 1) / 2 - row) * self.pitch,
            )
            for row, line in enumerate(lines)
            for column, character in enumerate(line)
            if character == "O"
        )


def _extent(drawn: object) -> tuple[int, int]:
    """Return rows and columns of a map; of a map that will be refused, one of each."""
    try:
        lines = map_lines(str(drawn))
    except ConfigError:
        return 1, 1
    return len(lines), len(lines[0])


class Temperatures(Part):
    """When the joints became solid, and where the package is looked at."""

    assembly: Annotated[float, AnyTemperature]
    """At it the joints become solid: chip and board are free of stress [K]."""
    service: Annotated[float | None, AnyTemperature] = None
    """One service temperature [K]."""
    condition: Annotated[str | None, Condition()] = None
    """A cycle by its standard's name, e.g. "JESD22-A104 G" or "IPC-9701 TC3"."""
    cycle: Annotated[tuple[float, float] | None, Cycle(AnyTemperature)] = None
    """A cycle by its two extreme temperatures [K]."""

    @model_validator(mode="before")
    @classmethod
    def _one_of_three(cls, table: object) -> object:
        return one_of_three(table)

    @property
    def points(self) -> tuple[float, ...]:
        """The service temperatures, one or the two extremes of the cycle [K]."""
        if self.service is not None:
            return (self.service,)
        if self.cycle is not None:
            return self.cycle
        assert self.condition is not None
        return temperatures_of(self.condition)


class Model(Part):
    """How the package is computed."""

    kind: Literal["2d", "3d"] = "2d"
    """Joint cell of revolution and assembly of plates (2d), or every joint resolved in one model (3d)."""
    fineness: Annotated[float, Number(0.25, 4.0)] = 1.0
    """Element sizes are divided by it: 0.5 is coarse, 2 is fine [-]."""
    symmetry: Literal["auto", "quarter", "whole"] = "auto"
    """2d: quarter where map, outlines and materials have it (auto), quarter or nothing, or the whole package."""
    extent: Literal["auto", "cell", "strip", "eighth", "quarter", "full"] = "auto"
    """3d: one joint cell, half a row from the centre to the chip's edge, or an eighth, a quarter, all of the array."""
    lateral: Literal["free", "held"] = "free"
    """3d, strip: whether its lateral face stays straight and moves freely as a whole, or is held."""
    solver: Literal["auto", "direct", "multigrid"] = "auto"
    """3d: direct for small models and multigrid for large ones (auto), or one of the two."""


class StudyTable(Part):
    """What is asked of many variants of the package; `fem-wlp sweep` answers it, nothing else depends on it."""

    vary: Annotated[dict[str, Listed], Variations()] = Field(default={})
    """Path of a key → its values: "20 um..150 um:8", "1 MPa..50 GPa:log 12", a list, or factors "x 0.1..10:log 5"."""
    sample: str = "grid"
    """Which points: all combinations (grid), or "lhs:N" or "sobol:N" of them spread over the ranges."""
    seed: Annotated[int, Whole(0, 2**31 - 1)] = 0
    """Of lhs and sobol: the same seed gives the same points."""
    record: tuple[str, ...] = ()
    """Keys of `results.json` to record, e.g. "decoupling.figure"; by default the figure and what stands beside it."""
    timeout: Annotated[float | None, Quantity("time", "1 s", "1000 h", "F119", "F119")] = None
    """How long a full solve of one point may take; it is recorded as failed then, and the others go on."""


class DesignTable(Part):
    """What is looked for among variants of the package: asked by `fem-wlp design`, its target by `fem-wlp claims`."""

    target: Annotated[float | None, Number(0.0, 1.0)] = None
    """Decoupling figure to be reached [-]."""
    objective: str = ""
    """"thinnest" second layer (the default), "stiffest" cylinder, or "min PATH" or "max PATH" of any parameter."""
    vary: Annotated[dict[str, Listed], Variations()] = Field(default={})
    """Path of a key that may be varied → its range; that of the objective has a default."""
    limits: Annotated[dict[str, Listed], Variations()] = Field(default={})
    """What the design keeps, e.g. interconnect_strain = "0.3 %"; see design.md."""


@dataclass(frozen=True)
class Origin:
    """Where a package comes from; two packages are equal whatever their origins.

    Parameters
    ----------
    document
        What stands written.
    notices
        What somebody should know, though nothing is refused.
    reread
        Reads a document with overrides.
    """

    document: Document = field(compare=False)
    notices: tuple[Notice, ...] = field(compare=False)
    reread: "Callable[[Document, Mapping[str, object]], Package]" = field(compare=False)


class Package(Part):
    """A wafer-level package on its board."""

    name: Annotated[str, Name()]
    """What it is called; also in the report."""
    chip: Chip
    """Silicon die with its pads."""
    first_layer: FirstLayer
    """First insulating layer, on the chip."""
    interconnect: Interconnect
    """Metal from the pads to the base regions."""
    second_layer: SecondLayer | None = None
    """Second insulating layer; with opening and cylinder, or none of the three."""
    opening: Opening | None = None
    """Hole in the second layer."""
    cylinder: Cylinder | None = None
    """What fills the opening."""
    ball: Ball
    """Between cylinder and land."""
    land: Land
    """Copper on the board."""
    board: Board
    """Printed circuit board."""
    array: Array
    """Where the joints stand."""
    temperatures: Temperatures
    """Assembly and service; they follow from the process where there is one."""
    wafer: Wafer | None = None
    """Wafer on which the package is made; needed by a process."""
    process: Annotated[tuple[Annotated[Step, Field(discriminator="step")], ...], BeforeValidator(few_steps)] = ()
    """How the package is made, step by step; without it every part has one temperature at which it is unstressed."""
    model: Model = Model()
    """How it is computed."""
    reference: Annotated["Package | None", ReferenceFile()] = None
    """Another package file to compare with, instead of the conventional one derived from this."""
    study: StudyTable | None = None
    """Variants of the package to compute, see studies.md."""
    design: DesignTable | None = None
    """Variant of the package to find, see design.md."""

    _origin: Origin | None = PrivateAttr(default=None)

    @property
    def origin(self) -> Origin:
        """Where the package comes from."""
        assert self._origin is not None, "packages are read by load() or loads()"
        return self._origin

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was noticed while reading."""
        return self.origin.notices

    def replace(self, path: str, value: object) -> "Package":
        """Return the package with one key changed and everything checked again.

        Parameters
        ----------
        path
            E.g. "second_layer.thickness" or "ball.coats.0.material".
        value
            As in the file, e.g. "80 um"; None or "none" takes the key out.
        """
        return self.origin.reread(self.origin.document, {path: value})

    def __repr__(self) -> str:
        joints = len(self.array.joints)
        points = ", ".join(text(point, "temperature", 4) for point in self.temperatures.points)
        layer, cylinder = self.second_layer, self.cylinder
        parts = [
            f"chip {_mm(self.chip.width)} × {_mm(self.chip.length)} × {_mm(self.chip.thickness)}, "
            f"{self.chip.material.name}",
            f"first layer {_um(self.first_layer.thickness)}, {self.first_layer.material.name}",
            f"interconnect {_um(self.interconnect.thickness)}, {self.interconnect.material.name}",
            f"second layer {_um(layer.thickness)}, {layer.material.name}, {layer.wall}" if layer else "no second layer",
            f"cylinder {cylinder.material.name}" if cylinder else "no cylinder",
            " + ".join(
                [f"ball {_um(self.ball.diameter)}, {self.ball.material.name}"]
                + [f"{_um(coat.thickness)} {coat.material.name}" for coat in self.ball.coats]
            ),
            f"board {_mm(self.board.width)} × {_mm(self.board.length)} × {_mm(self.board.thickness)}, "
            f"{self.board.material.name}",
            f"{joints} joints, {self.array.rows} × {self.array.columns} on {_mm(self.array.pitch)}",
            f"assembly at {text(self.temperatures.assembly, 'temperature', 4)}, service at {points}",
        ]
        if self.process:
            parts.append(f"made in {len(self.process)} steps: {', '.join(step.step for step in self.process)}")
        if self.model.kind == "3d":
            parts.append(f"model 3d, extent {self.model.extent}, fineness {self.model.fineness:g}")
        return "\n  ".join([f"Package {self.name}", *parts])

    __str__ = __repr__


def _mm(length: float) -> str:
    return f"{length:.4g} mm"


def _um(length: float) -> str:
    return f"{length * 1e3:.4g} um"
