"""How a package is made: the wafer, and the steps from the bare wafer to the cycle on the board, in the field's words.

A part is *born*, free of stress in the shape that its host then has, when it is cured or plated, or when its solder
becomes solid. What is applied, filled in or molten carries nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import model_validator

from fem_wlp.errors import ConfigError
from fem_wlp.materials.leaves import JsonSchema, Leaf, Quantity, did_you_mean, refusal
from fem_wlp.package.fields import Condition, Cycle
from fem_wlp.package.part import AnyTemperature, Part

MOST_STEPS = 100
"""Most steps of a process [-]."""

ROOM = "25 degC"
"""Temperature at which a wafer is handled and its bow read, unless the file says otherwise."""

PartName = Literal["first_layer", "second_layer", "interconnect", "cylinder", "ball", "land"]
Meltable = Literal["cylinder", "ball"]

Temperature = Annotated[float, AnyTemperature]
OptionalTemperature = Annotated[float | None, AnyTemperature]


class Wafer(Part):
    """The wafer on which the package is made."""

    diameter: Annotated[float, Quantity("length", "10 mm", "500 mm")]
    """Over which its bow is counted [mm]."""
    thickness: Annotated[float, Quantity("length", "10 um", "2 mm")]
    """As it comes, before grinding [mm]."""
    temperature: Temperature = 298.15
    """Of the room, where it is handled and its bow is read between the steps [K]."""


@dataclass(frozen=True)
class Melting(Leaf):
    """What melts: "cylinder", "ball", or a list of both."""

    def read(self, written: object) -> tuple[str, ...]:
        """Return the names, each once."""
        names = written if isinstance(written, list) else [written]
        known = get_args(Meltable)
        for name in names:
            if not isinstance(name, str):
                raise ConfigError(
                    "F110",
                    "a part is called by its name, as text, or several in a list",
                    value=str(name),
                    hint='melts = "ball", or melts = ["cylinder", "ball"]',
                )
            if name not in known:
                raise ConfigError("F111", "this word is not known here", value=name, hint=did_you_mean(name, known))
        if not names or len(set(names)) < len(names):
            raise ConfigError(
                "F110",
                'here stands "cylinder", "ball" or ["cylinder", "ball"]',
                value=str(written),
                hint="name each once",
            )
        return tuple(names)

    def schema(self) -> JsonSchema:
        """Return the schema."""
        word = {"type": "string", "enum": list(get_args(Meltable))}
        return {"anyOf": [word, {"type": "array", "items": word, "minItems": 1, "uniqueItems": True}]}


class Apply(Part):
    """A layer is spun on or laminated; it carries nothing until it is cured."""

    step: Literal["apply"]
    """What is done."""
    part: Literal["first_layer", "second_layer"]
    """The layer."""
    temperature: OptionalTemperature = None
    """At which it is done [K]; by default the room's."""


class Open(Part):
    """A layer is opened, before or after its cure: the first over the pads, the second over the base regions."""

    step: Literal["open"]
    """What is done."""
    part: Literal["first_layer", "second_layer"]
    """The layer."""


class Cure(Part):
    """A part becomes solid, free of stress at the temperature of its cure, and then shrinks."""

    step: Literal["cure"]
    """What is done."""
    part: Literal["first_layer", "second_layer", "cylinder"]
    """What is cured."""
    temperature: Temperature
    """At which it becomes solid [K]."""
    shrinkage: Annotated[float | None, Quantity("fraction", "0.001 %", "20 %", "F119", "F119")] = None
    """By its cure, after it is solid [-]; without it none."""
    shrinkage_kind: Literal["linear", "volume"] | None = None
    """Which shrinkage is meant; needed with it."""

    @model_validator(mode="after")
    def _shrinkage_with_its_kind(self) -> Self:
        if (self.shrinkage is None) != (self.shrinkage_kind is None):
            both = ("shrinkage", "shrinkage_kind")
            given, missing = both if self.shrinkage_kind is None else both[::-1]
            raise refusal(
                ConfigError(
                    "P211",
                    f"{given} is given without {missing}; that of the volume is about three times the linear one",
                    hint='shrinkage = "0.3 %" goes with shrinkage_kind = "linear" or "volume"',
                )
            )
        return self

    @property
    def linear_shrinkage(self) -> float:
        """Shrinkage along each axis [-]: of a volume's, a third."""
        return (self.shrinkage or 0.0) / (3.0 if self.shrinkage_kind == "volume" else 1.0)


class Plate(Part):
    """Metal is plated at the temperature of its bath, free of stress or with what its bath leaves in it."""

    step: Literal["plate"]
    """What is done."""
    part: Literal["interconnect", "land"]
    """Interconnect on the wafer, or land on the board; a land without this step is born in mounting."""
    temperature: Temperature
    """Of the bath [K]."""
    stress: Annotated[float, Quantity("stress", "-500 MPa", "500 MPa", "F119", "F119")] = 0.0
    """In-plane stress of a wide film as it leaves the bath, tension positive [MPa]."""


class Fill(Part):
    """The openings are filled; what is in them carries nothing until it is cured or remelted."""

    step: Literal["fill"]
    """What is done."""
    part: Literal["cylinder"] = "cylinder"
    """What is filled in."""
    method: Literal["doctor blade", "dispense", "print"] = "doctor blade"
    """How."""


class Place(Part):
    """The balls are placed, each a body by itself until something joins it."""

    step: Literal["place"]
    """What is done."""
    part: Literal["ball"] = "ball"
    """What is placed."""
    temperature: OptionalTemperature = None
    """At which core and coats of the ball are free of stress in it [K]; by default the room's."""


class Melt(Part):
    """Solder melts and becomes solid again, free of stress at its solidus: on the wafer, or mounted on the board."""

    step: Literal["remelt", "mount"]
    """What is done."""
    part: Annotated[tuple[Meltable, ...], Melting()]
    """What melts: "cylinder", "ball", or a list of both; of a ball what of it melts."""
    temperature: Temperature
    """The highest, at least the liquidus [K]."""
    solidus: Temperature
    """At which all of it is solid again and free of stress [K]; in mounting this is the assembly temperature."""
    liquidus: Temperature
    """At which all of it is molten [K]."""


class Grind(Part):
    """The wafer is ground to a thickness."""

    step: Literal["grind"]
    """What is done."""
    thickness: Annotated[float | None, Quantity("length", "10 um", "2 mm")] = None
    """Of the silicon afterwards [mm]; by default the chip's."""


class Dice(Part):
    """The wafer is divided into chips."""

    step: Literal["dice"]
    """What is done."""


class Service(Part):
    """What the device on its board is looked at: one temperature, or a cycle."""

    step: Literal["cycle"]
    """What is done."""
    service: OptionalTemperature = None
    """One service temperature [K]."""
    condition: Annotated[str | None, Condition()] = None
    """A cycle by its standard's name, e.g. "JESD22-A104 G" or "IPC-9701 TC3"."""
    cycle: Annotated[tuple[float, float] | None, Cycle(AnyTemperature)] = None
    """A cycle by its two extreme temperatures [K]."""

    keys: ClassVar[tuple[str, ...]] = ("service", "condition", "cycle")

    @model_validator(mode="before")
    @classmethod
    def _one_of_three(cls, table: object) -> object:
        return one_of_three(table)


Step = Apply | Open | Cure | Plate | Fill | Place | Melt | Grind | Dice | Service

STEPS: dict[str, type[Part]] = {
    word: kind for kind in get_args(Step) for word in get_args(kind.model_fields["step"].annotation)
}
"""Word of a step → its class."""


def one_of_three(table: object) -> object:
    """Return a table that says at which temperatures the package is looked at, checked.

    Raises
    ------
    PydanticCustomError
        T104: none, or more than one, of service, condition and cycle.
    """
    if not isinstance(table, dict):
        return table
    given = [key for key in Service.keys if key in table]
    if len(given) != 1:
        found = f"{' and '.join(given)} are given" if given else "none is given"
        hint = 'e.g. service = "25 degC", or condition = "JESD22-A104 G", or cycle = ["-40 degC", "125 degC"]'
        raise refusal(ConfigError("T104", f"exactly one of service, condition and cycle is needed; {found}", hint=hint))
    return table


def few_steps(steps: object) -> object:
    """Return the steps of a process, of which there are not too many.

    Raises
    ------
    PydanticCustomError
        F110: more than `MOST_STEPS`.
    """
    if isinstance(steps, list) and len(steps) > MOST_STEPS:
        message = f"a process has at most {MOST_STEPS} steps"
        raise refusal(
            ConfigError(
                "F110", message, value=f"{len(steps)} steps", hint="take steps together that happen at one temperature"
            )
        )
    return steps
