"""What a packaging engineer keeps within limits: what is measured, its unit, and which way it may not go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import ConfigError
from ..joint.section import joint_section
from ..materials.leaves import did_you_mean
from ..package.model import Package
from ..package.rules import LAYER_RATIO
from ..units import DIMENSIONS, Kind, parse, text


@dataclass(frozen=True)
class Measure:
    """Something that may be limited.

    Parameters
    ----------
    words
        What it is, in few words.
    key
        Path in ``results.json``, where ``*`` stands for each of the ball's parts, of which the largest counts; empty
        where it follows from the package alone.
    kind
        Its dimension.
    least
        Whether the limit is the least value instead of the largest.
    """

    words: str
    key: str
    kind: Kind
    least: bool = False

    @property
    def unit(self) -> str:
        """Unit of its numbers."""
        return DIMENSIONS[self.kind].inside

    def shown(self, value: float) -> str:
        """Return a value as text, to four digits; strains in per cent."""
        if "strain" in self.words:
            return f"{100.0 * value:.4g} %"
        return text(value, self.kind, 4).replace("um", "µm").replace("uOhm", "µΩ").replace("Ohm", "Ω")


MEASURES: Mapping[str, Measure] = {
    "interconnect_strain": Measure("interconnect strain", "interconnect.strain", "fraction"),
    "cylinder_shear_strain": Measure("shear strain of the cylinder", "parts.cylinder_shear_strain", "fraction"),
    "ball_stress": Measure("stress in the ball", "parts.ball_stress.*", "stress"),
    "electrical_resistance": Measure("electrical resistance", "joint.resistance.electrical", "resistance"),
    "total_height": Measure("height on the board", "joint.height", "length"),
    "layer_ratio": Measure("second layer over first", "", "fraction", least=True),
}
"""Name of a limit → what it limits."""

RESISTANCE = "electrical_resistance"
RATIO = "layer_ratio"
HEIGHT = "total_height"

STRESS = "ball_stress"

OFF = "none"
"""Takes a limit away that holds by default."""


@dataclass(frozen=True)
class Limit:
    """A limit.

    Parameters
    ----------
    name
        Key of `MEASURES`.
    value
        In the unit of its measure.
    """

    name: str
    value: float

    @property
    def measure(self) -> Measure:
        """What it limits."""
        return MEASURES[self.name]

    def __str__(self) -> str:
        return f"{self.measure.words} {'≥' if self.measure.least else '≤'} {self.measure.shown(self.value)}"


def keys_of(package: Package, names: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of a result that measures are read from."""
    parts = [name for name in joint_section(package).ball_parts if "fillet" not in name]
    keys = [MEASURES[name].key for name in names]
    return tuple(dict.fromkeys(key.replace("*", part) for key in keys if key for part in parts))


def measured(package: Package, name: str, found: Mapping[str, float | None]) -> float | None:
    """Return a measure of a package from single figures of its result.

    Parameters
    ----------
    package
        The package itself.
    name
        Key of `MEASURES`.
    found
        Key of a result → its number.
    """
    if name == RATIO:
        layer = package.second_layer
        return None if layer is None else layer.thickness / package.first_layer.thickness
    values = [found[key] for key in keys_of(package, [name])]
    known = [value for value in values if value is not None]
    if not known:
        return None
    return max(known) + (package.chip.thickness if name == HEIGHT else 0.0)


def limits_of(package: Package, written: Mapping[str, str], where: Mapping[str, str]) -> tuple[Limit, ...]:
    """Return the limits that a package is held to: those written, and the claim's ratio of the layers.

    Parameters
    ----------
    package
        Without second layer it has neither that ratio nor a cylinder.
    written
        Name → value with its unit, e.g. "0.3 %", "30 mOhm"; "none" takes the ratio of the layers away.
    where
        Name → its place in the file or on the command line.

    Raises
    ------
    ConfigError
        D104, or what is wrong with the number, such as U102.
    """
    values = {RATIO: LAYER_RATIO} if package.second_layer is not None else {}
    for name, value in written.items():
        try:
            number = _value(package, name, value)
        except ConfigError as fault:
            raise ConfigError(
                fault.code, fault.message, where=where.get(name, name), value=str(value), hint=fault.hint
            ) from None
        if number is None:
            values.pop(name, None)
        else:
            values[name] = number
    return tuple(Limit(name, values[name]) for name in MEASURES if name in values)


def _value(package: Package, name: str, written: str) -> float | None:
    if name not in MEASURES:
        raise ConfigError("D104", f'nothing called "{name}" can be limited', hint=did_you_mean(name, list(MEASURES)))
    if package.second_layer is None and name in (RATIO, "cylinder_shear_strain"):
        raise ConfigError(
            "D104", f"this package has no second layer and no cylinder, so no {name}", hint="take this limit out"
        )
    if written == OFF:
        return None
    number = parse(written, MEASURES[name].kind)
    if not number > 0.0:
        raise ConfigError("D104", "a limit is greater than zero", hint=f'"{OFF}" for no limit')
    return number
