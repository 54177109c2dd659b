"""Types of the leaves of a package file: a count, a material's name, a ball map, a direction.

Each type reads what stands in the file, refuses it with a code of the catalogue, and writes its part of the schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from fem_wlp.errors import ConfigError, shortened
from fem_wlp.materials.leaves import JsonSchema, Leaf, Quantity, did_you_mean, refusal
from fem_wlp.materials.model import Material
from fem_wlp.package.conditions import CONDITIONS, temperatures_of
from fem_wlp.units import parse

MESHING_FLOOR = "50 nm"
"""Thinnest layer that is meshed."""

MOST_JOINTS_IN_A_ROW = 100
"""Most rows and columns of an array [-]."""

LONGEST_NAME = 80
"""Most characters of a name [-]."""

INHERITED_FILLET = "cylinder"
"""Word for a fillet of the cylinder's own material."""


@dataclass(frozen=True)
class Surroundings:
    """What a part must know of the rest of the file while it is read.

    Parameters
    ----------
    material
        Name → material; raises ConfigError if there is none.
    cylinder
        What stands in the file as the cylinder's material; None without cylinder.
    reference
        File's name → the package in it; None inside a reference, which has no reference itself.
    """

    material: Callable[[str], Material]
    cylinder: object = None
    reference: Callable[[str], object] | None = None


def _validated_among(read: Callable[[object, Surroundings], object]) -> CoreSchema:
    def validate(written: object, info: ValidationInfo[Surroundings]) -> object:
        try:
            return read(written, info.context)
        except ConfigError as fault:
            raise refusal(fault) from fault

    return core_schema.with_info_plain_validator_function(validate)


@dataclass(frozen=True)
class Count(Leaf):
    """A whole number of rows or columns."""

    def read(self, written: object) -> int:
        """Return the number."""
        if isinstance(written, bool) or not isinstance(written, int | float):
            raise ConfigError(
                "F110",
                "a whole number without unit is needed here",
                value=str(written),
                hint="write it without quotes, e.g. 8",
            )
        if written != written or written not in range(1, MOST_JOINTS_IN_A_ROW + 1):
            raise ConfigError(
                "G130",
                f"an array has 1 … {MOST_JOINTS_IN_A_ROW} rows and columns, whole numbers",
                value=str(written),
                hint="e.g. rows = 8",
            )
        return int(written)

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "integer", "minimum": 1, "maximum": MOST_JOINTS_IN_A_ROW}


@dataclass(frozen=True)
class Number(Leaf):
    """A pure number within bounds, both admitted.

    Parameters
    ----------
    lowest, highest
        The bounds [-].
    """

    lowest: float
    highest: float

    def read(self, written: object) -> float:
        """Return the number."""
        number = parse(written, "fraction")
        if not self.lowest <= number <= self.highest:
            hint = f"admissible: {self.lowest:g} … {self.highest:g}"
            raise ConfigError("F119", "the number is not admissible here", value=str(written), hint=hint)
        return number

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "number", "minimum": self.lowest, "maximum": self.highest}


@dataclass(frozen=True)
class Whole(Leaf):
    """A whole number within bounds, both admitted.

    Parameters
    ----------
    lowest, highest
        The bounds [-].
    """

    lowest: int
    highest: int

    def read(self, written: object) -> int:
        """Return the number."""
        if isinstance(written, bool) or not isinstance(written, int):
            raise ConfigError(
                "F110",
                "a whole number without unit is needed here",
                value=str(written),
                hint="write it without quotes, e.g. 8",
            )
        if not self.lowest <= written <= self.highest:
            hint = f"admissible: {self.lowest} … {self.highest}"
            raise ConfigError("F119", "the number is not admissible here", value=str(written), hint=hint)
        return written

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "integer", "minimum": self.lowest, "maximum": self.highest}


Listed = str | tuple[str, ...]
"""Values of a parameter as they are written: a range in one text, or a list."""


@dataclass(frozen=True)
class Variations(Leaf):
    """What a study varies: path of a key → its values.

    A path stands in quotes, or bare as TOML's own dotted key, which makes tables of it: both are the same.
    """

    def read(self, written: object) -> dict[str, Listed]:
        """Return path → values."""
        if not isinstance(written, dict):
            raise ConfigError(
                "F110",
                "a table is needed here: path of a key = its values",
                value=str(written),
                hint='e.g. vary.second_layer.thickness = "20 um..150 um:8"',
            )
        return dict(_variations(written, ""))

    def schema(self) -> JsonSchema:
        """Return the schema."""
        value = {"type": ["string", "number", "boolean"]}
        values = {"anyOf": [value, {"type": "array", "items": value, "minItems": 1}, {"type": "object"}]}
        return {"type": "object", "additionalProperties": values}


def _variations(table: dict[str, object], before: str) -> Iterator[tuple[str, Listed]]:
    for key, value in table.items():
        inner = f'"{key}"' if before and not re.fullmatch(r"[\w-]+", key) else key
        path = f"{before}.{inner}" if before else inner
        if isinstance(value, dict):
            yield from _variations(value, path)
        elif isinstance(value, list) and value and all(isinstance(item, str | int | float) for item in value):
            yield path, tuple(map(_as_written, value))
        elif isinstance(value, str | int | float):
            yield path, _as_written(value)
        else:
            message = f"values of {shortened(path)} are text or a list of texts"
            hint = 'write it like "20 um..150 um:8" or ["20 um", "50 um"]'
            raise ConfigError("F110", message, value=str(value), hint=hint)


def _as_written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class MaterialName(Leaf):
    """The name of a material of the library or the file.

    Parameters
    ----------
    inherits
        Whether the word "cylinder" stands for the cylinder's material.
    """

    inherits: bool = False

    def read_among(self, written: object, surroundings: Surroundings) -> Material:
        """Return the material of that name."""
        name = written
        if self.inherits and written == INHERITED_FILLET:
            name = surroundings.cylinder
            if name is None:
                raise ConfigError(
                    "G119",
                    'fillet = "cylinder" takes the cylinder\'s material, and there is no cylinder',
                    value=INHERITED_FILLET,
                    hint="name a material, or leave the fillet out",
                )
        if not isinstance(name, str):
            raise ConfigError(
                "F110",
                "a material is called by its name, as text",
                value=str(written),
                hint='e.g. material = "copper"; fem-wlp materials lists them',
            )
        return surroundings.material(name)

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "string", "description": "name of a material: library, materials_files or [materials.NAME]"}

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _validated_among(self.read_among)


@dataclass(frozen=True)
class ReferenceFile(Leaf):
    """The file of another package, to compare with."""

    def read_among(self, written: object, surroundings: Surroundings) -> object:
        """Return the package in that file."""
        if surroundings.reference is None:
            raise ConfigError(
                "F117",
                "a reference package has no reference itself",
                value=str(written),
                hint="take reference out of that file",
            )
        if not isinstance(written, str):
            raise ConfigError(
                "F110",
                "a reference is the name of a package file",
                value=str(written),
                hint='e.g. reference = "conventional.toml"',
            )
        return surroundings.reference(written)

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "string", "description": "name of a package file in the same folder or below"}

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _validated_among(self.read_among)


@dataclass(frozen=True)
class Direction(Leaf):
    """Where a line leads: "inward", "outward", or an angle from the x axis."""

    def read(self, written: object) -> str | float:
        """Return the word, or the angle [rad]."""
        if isinstance(written, str) and written.strip() in {"inward", "outward"}:
            return written.strip()
        if isinstance(written, str) and written.strip().isalpha():
            hint = did_you_mean(written, ["inward", "outward"]) + ', or an angle such as "30 deg"'
            raise ConfigError("F111", "this is no direction of a line", value=written, hint=hint)
        return parse(written, "angle")

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "string", "description": '"inward", "outward" (from the chip\'s centre), or an angle from +x'}


@dataclass(frozen=True)
class BallMap(Leaf):
    """A drawing of the array in characters."""

    def read(self, written: object) -> str:
        """Return the drawing: one line a row, without blanks."""
        if not isinstance(written, str):
            raise ConfigError(
                "F110",
                "a ball map is drawn as text of several lines",
                value=str(written),
                hint='""" before and after it, a line a row: "O" is a joint, "." an empty place',
            )
        return "\n".join(map_lines(written))

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "string", "description": 'one line a row: "O" for a joint, "." for none'}


@dataclass(frozen=True)
class Condition(Leaf):
    """A temperature cycle by its standard's name."""

    def read(self, written: object) -> str:
        """Return the name."""
        if not isinstance(written, str):
            raise ConfigError(
                "F110",
                "a condition is called by its name, as text",
                value=str(written),
                hint=f"known: {', '.join(CONDITIONS)}",
            )
        temperatures_of(written.strip())
        return written.strip()

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "string", "enum": list(CONDITIONS)}


@dataclass(frozen=True)
class Cycle(Leaf):
    """A temperature cycle by its two extremes."""

    extreme: Quantity

    def read(self, written: object) -> tuple[float, float]:
        """Return the two temperatures [K]."""
        if not isinstance(written, list) or len(written) != 2:
            raise ConfigError(
                "T107",
                "a cycle is a list of its two extreme temperatures",
                value=str(written),
                hint='write cycle = ["-40 degC", "125 degC"]',
            )
        first, second = (self.extreme.read(extreme) for extreme in written)
        return first, second

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "array", "items": self.extreme.schema(), "minItems": 2, "maxItems": 2}


@dataclass(frozen=True)
class Name(Leaf):
    """A name that may become a file's name."""

    def read(self, written: object) -> str:
        """Return the name."""
        if not isinstance(written, str):
            raise ConfigError("F110", "a name is written as text", value=str(written), hint="put it in quotes")
        if not written.strip():
            raise ConfigError("U101", "the name is empty", value='""', hint="write one, or take the key out")
        unprintable = not written.isprintable()
        if unprintable or len(written) > LONGEST_NAME or set(written) & set('/\\:*?"<>|') or written[0] in ".~":
            raise ConfigError(
                "F114",
                f"a name has at most {LONGEST_NAME} printable characters and no part of a path",
                value=written,
                hint="use letters, digits, spaces, - and _",
            )
        return written

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "string", "maxLength": LONGEST_NAME}


def map_lines(drawn: str) -> tuple[str, ...]:
    """Return the lines of a ball map without blanks, checked.

    Raises
    ------
    ConfigError
        G130 … G133.
    """
    lines = tuple("".join(line.split()) for line in drawn.splitlines() if line.strip())
    for number, line in enumerate(lines, 1):
        strange = next((character for character in line if character not in "O."), "")
        if strange:
            raise ConfigError(
                "G131",
                f"unknown character {strange!r} in the ball map, line {number}, place {line.index(strange) + 1}",
                value=line,
                hint='draw "O" (capital letter) for a joint and "." for none',
            )
    widths = [len(line) for line in lines]
    ragged = next((number for number, width in enumerate(widths, 1) if width != widths[0]), 0)
    if ragged:
        raise ConfigError(
            "G132",
            f"the map is ragged: line 1 has {widths[0]} places, line {ragged} has {widths[ragged - 1]}",
            value=lines[ragged - 1],
            hint='fill empty places with "."',
        )
    if not any("O" in line for line in lines):
        raise ConfigError("G133", "the map draws no joint at all", value=drawn, hint='draw "O" where a joint stands')
    if max(len(lines), widths[0]) > MOST_JOINTS_IN_A_ROW:
        raise ConfigError(
            "G130",
            f"an array has at most {MOST_JOINTS_IN_A_ROW} rows and columns",
            value=lines[0],
            hint="one character is one place of a joint: take what is too many out",
        )
    return lines
