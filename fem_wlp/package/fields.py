"""Types of the leaves of a package file: text with a unit, a count, a material's name.

Each type reads what stands in the file, refuses it with a code of the catalogue, and writes its part of the schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from fem_wlp.errors import LONGEST_VALUE, ConfigError, shortened
from fem_wlp.materials.model import Material
from fem_wlp.package.conditions import CONDITIONS, temperatures_of
from fem_wlp.units import DIMENSIONS, Kind, parse, text

JsonSchema = dict[str, Any]

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
    """

    material: Callable[[str], Material]
    cylinder: object = None


def refusal(code: str, message: str, *, value: object = "", hint: str = "") -> PydanticCustomError:
    """Return a fault of the catalogue in the form in which pydantic collects it."""
    context = {"message": message, "value": str(value), "hint": hint}
    return PydanticCustomError(code, "{message}", context)


def did_you_mean(written: str, known: Mapping[str, object] | list[str]) -> str:
    """Return a hint that names the nearest of the known words, and all of them if they are few."""
    words = list(known)
    lowered = {word.lower(): word for word in words}
    close = get_close_matches(written.lower(), lowered, 1, 0.5) if len(written) <= LONGEST_VALUE else []
    question = f'did you mean "{lowered[close[0]]}"?' if close else ""
    listing = f"known: {', '.join(words)}" if len(words) <= 15 or not close else ""
    return " ".join(filter(None, (question, listing)))


class _Leaf:
    """A leaf that reads itself: subclasses say how, and what stands in the schema."""

    def read(self, written: object, surroundings: Surroundings) -> object:
        raise NotImplementedError

    def schema(self) -> JsonSchema:
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        return self.schema()

    def _validate(self, written: object, info: ValidationInfo[Surroundings]) -> object:
        try:
            return self.read(written, info.context)
        except ConfigError as fault:
            raise refusal(fault.code, fault.message, value=fault.value, hint=fault.hint) from fault


@dataclass(frozen=True)
class Quantity(_Leaf):
    """A number with its unit, within bounds.

    Parameters
    ----------
    kind
        Key of the table of units.
    lowest, highest
        Bounds, as text; both are admitted.
    below
        Code of the refusal under the lower bound.
    """

    kind: Kind
    lowest: str
    highest: str
    below: str = "G103"

    def read(self, written: object, surroundings: Surroundings) -> float:
        """Return the number in the units inside the program."""
        number = parse(written, self.kind)
        lowest, highest = parse(self.lowest, self.kind), parse(self.highest, self.kind)
        name = DIMENSIONS[self.kind].name
        if number <= 0.0 < lowest and self.kind == "length":
            raise ConfigError(
                "G101",
                "a length must be greater than zero",
                value=str(written),
                hint=f"admissible: {self.lowest} … {self.highest}",
            )
        if not lowest <= number <= highest:
            raise ConfigError(
                self.below if number < lowest else _above(self.kind),
                f"{shortened(str(written))} is {'less' if number < lowest else 'more'} than this {name} can be",
                value=str(written),
                hint=f"admissible: {self.lowest} … {self.highest}",
            )
        return number

    def schema(self) -> JsonSchema:
        """Return the schema: text, its pattern, an example and the bounds."""
        dimension = DIMENSIONS[self.kind]
        return {
            "type": "string",
            "pattern": r"^\s*[+-]?[0-9.]+([eE][+-]?[0-9]+)?\s*\S.*$",
            "description": f"{dimension.name}, {self.lowest} … {self.highest}",
            "examples": [dimension.example],
        }

    def written(self, number: float) -> str:
        """Return the number as it is written in a file."""
        return text(number, self.kind)


def _above(kind: Kind) -> str:
    return "T102" if kind == "temperature" else "G103"


@dataclass(frozen=True)
class Count(_Leaf):
    """A whole number of rows or columns."""

    def read(self, written: object, surroundings: Surroundings) -> int:
        """Return the number."""
        if isinstance(written, bool) or not isinstance(written, int | float):
            raise ConfigError("F110", "a whole number without unit is needed here", value=str(written))
        if written != written or written not in range(1, MOST_JOINTS_IN_A_ROW + 1):
            raise ConfigError(
                "G130",
                f"an array has 1 … {MOST_JOINTS_IN_A_ROW} rows and columns, whole numbers",
                value=str(written),
            )
        return int(written)

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "integer", "minimum": 1, "maximum": MOST_JOINTS_IN_A_ROW}


@dataclass(frozen=True)
class MaterialName(_Leaf):
    """The name of a material of the library or the file."""

    def read(self, written: object, surroundings: Surroundings) -> Material:
        """Return the material of that name."""
        if not isinstance(written, str):
            raise ConfigError("F110", "a material is called by its name, as text", value=str(written))
        return surroundings.material(written)

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "string", "description": "name of a material: library, materials_files or [materials.NAME]"}


@dataclass(frozen=True)
class FilletMaterial(MaterialName):
    """A material's name, or "cylinder" for the cylinder's own."""

    def read(self, written: object, surroundings: Surroundings) -> Material:
        """Return the material."""
        if written != INHERITED_FILLET:
            return super().read(written, surroundings)
        if surroundings.cylinder is None:
            raise ConfigError(
                "G119",
                'fillet = "cylinder" takes the cylinder\'s material, and there is no cylinder',
                value=INHERITED_FILLET,
                hint="name a material, or leave the fillet out",
            )
        return super().read(surroundings.cylinder, surroundings)


@dataclass(frozen=True)
class Direction(_Leaf):
    """Where a line leads: "inward", "outward", or an angle from the x axis."""

    def read(self, written: object, surroundings: Surroundings) -> str | float:
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
class BallMap(_Leaf):
    """A drawing of the array in characters."""

    def read(self, written: object, surroundings: Surroundings) -> str:
        """Return the drawing: one line a row, without blanks."""
        if not isinstance(written, str):
            raise ConfigError("F110", "a ball map is drawn as text of several lines", value=str(written))
        return "\n".join(map_lines(written))

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "string", "description": 'one line a row: "O" for a joint, "." for none'}


@dataclass(frozen=True)
class Condition(_Leaf):
    """A temperature cycle by its standard's name."""

    def read(self, written: object, surroundings: Surroundings) -> str:
        """Return the name."""
        if not isinstance(written, str):
            raise ConfigError("F110", "a condition is called by its name, as text", value=str(written))
        temperatures_of(written.strip())
        return written.strip()

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "string", "enum": list(CONDITIONS)}


@dataclass(frozen=True)
class Cycle(_Leaf):
    """A temperature cycle by its two extremes."""

    extreme: Quantity

    def read(self, written: object, surroundings: Surroundings) -> tuple[float, float]:
        """Return the two temperatures [K]."""
        if not isinstance(written, list) or len(written) != 2:
            raise ConfigError(
                "T107",
                "a cycle is a list of its two extreme temperatures",
                value=str(written),
                hint='write cycle = ["-40 degC", "125 degC"]',
            )
        first, second = (self.extreme.read(extreme, surroundings) for extreme in written)
        return first, second

    def schema(self) -> JsonSchema:
        """Return the schema."""
        return {"type": "array", "items": self.extreme.schema(), "minItems": 2, "maxItems": 2}


@dataclass(frozen=True)
class Name(_Leaf):
    """A name that may become a file's name."""

    def read(self, written: object, surroundings: Surroundings) -> str:
        """Return the name."""
        if not isinstance(written, str):
            raise ConfigError("F110", "a name is written as text", value=str(written))
        if not written.strip():
            raise ConfigError("U101", "the name is empty", value='""')
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
        raise ConfigError("G130", f"an array has at most {MOST_JOINTS_IN_A_ROW} rows and columns", value=lines[0])
    return lines
