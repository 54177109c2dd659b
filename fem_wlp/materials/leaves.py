"""How a leaf of a file is read and refused, for materials and packages alike."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from fem_wlp.errors import LONGEST_VALUE, ConfigError, WlpError, shortened
from fem_wlp.units import DIMENSIONS, Kind, parse

JsonSchema = dict[str, Any]

FEW_WORDS, MANY_WORDS = 15, 500
"""Up to so many admissible words are listed beside the nearest one, and searched for it [-]."""


def refusal(fault: WlpError) -> PydanticCustomError:
    """Return a fault in the form in which pydantic collects it together with the others of its file."""
    return PydanticCustomError(
        fault.code,
        "{message}",
        {"message": fault.message, "value": fault.value, "hint": fault.hint},
    )


def did_you_mean(written: str, known: Collection[str]) -> str:
    """Return a hint that names the nearest of the known words, and all of them if they are few.

    >>> did_you_mean("Copper", ["copper", "nickel"])
    'did you mean "copper"? known: copper, nickel'
    """
    worth_it = len(written) <= LONGEST_VALUE and len(known) <= MANY_WORDS  # else many faults cost their square
    lowered = {word.lower(): word for word in known} if worth_it else {}
    close = get_close_matches(written.lower(), lowered, 1, 0.5)
    question = f'did you mean "{lowered[close[0]]}"?' if close else ""
    listing = f"known: {', '.join(known)}" if len(known) <= (FEW_WORDS if close else MANY_WORDS) else ""
    return " ".join(filter(None, (question, listing)))


class Leaf:
    """A leaf that reads itself: subclasses say how, and what stands in the schema."""

    def read(self, written: object) -> object:
        """Return what `written` stands for.

        Raises
        ------
        ConfigError
            Without place, which the reader of the file knows.
        """
        raise NotImplementedError

    def schema(self) -> JsonSchema:
        """Return the leaf's part of the JSON schema."""
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        return self.schema()

    def _validate(self, written: object) -> object:
        try:
            return self.read(written)
        except ConfigError as fault:
            raise refusal(fault) from fault


@dataclass(frozen=True)
class Quantity(Leaf):
    """A number with its unit, within bounds.

    Parameters
    ----------
    kind
        Key of the table of units.
    lowest, highest
        Bounds, as text; both are admitted.
    below, above
        Codes of the refusals outside them.
    """

    kind: Kind
    lowest: str
    highest: str
    below: str = "G103"
    above: str = "G103"

    def read(self, written: object) -> float:
        """Return the number in the units inside the program."""
        number = parse(written, self.kind)
        lowest, highest = parse(self.lowest, self.kind), parse(self.highest, self.kind)
        name = DIMENSIONS[self.kind].name
        hint = f"admissible: {self.lowest} … {self.highest}"
        shown = shortened(str(written))
        if number <= 0.0 < lowest and self.kind == "length":
            raise ConfigError("G101", f"{shown}: this length must be greater than zero", value=str(written), hint=hint)
        if number < lowest:
            raise ConfigError(self.below, f"{shown} is less than this {name} can be", value=str(written), hint=hint)
        if number > highest:
            raise ConfigError(self.above, f"{shown} is more than this {name} can be", value=str(written), hint=hint)
        return number

    def schema(self) -> JsonSchema:
        """Return text, its pattern, an example and the bounds."""
        return quantity_schema(self.kind, f", {self.lowest} … {self.highest}")


def quantity_schema(kind: Kind, remark: str = "") -> JsonSchema:
    """Return the schema of a number with its unit."""
    dimension = DIMENSIONS[kind]
    return {
        "type": "string",
        "pattern": r"^\s*[+-]?[0-9.]+([eE][+-]?[0-9]+)?\s*\S.*$",
        "description": f"{dimension.name}{remark}",
        "examples": [dimension.example],
    }
