"""Text ↔ number, through one table of units.

Inside the program every number is in mm, N, MPa, K (absolute), rad, mW, Ohm and s; text with units exists only at the
rim. The arithmetic is decimal, so "5 um" and "0.005 mm" are the same number to the last bit.

>>> parse("5 um", "length"), parse("25 degC", "temperature"), parse("17 ppm/degC", "expansion")
(0.005, 298.15, 1.7e-05)
>>> text(0.005, "length"), text(298.15, "temperature"), text(43000.0, "stress")
('5 um', '25 degC', '43 GPa')
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal

from fem_wlp.errors import LONGEST_VALUE, ConfigError, shortened

Kind = Literal[
    "length",
    "stress",
    "stress_slope",
    "expansion",
    "expansion_slope",
    "temperature",
    "temperature_difference",
    "angle",
    "fraction",
    "resistivity",
    "conductivity",
    "force",
    "resistance",
    "time",
]


@dataclass(frozen=True)
class Dimension:
    """One kind of quantity.

    Parameters
    ----------
    name
        As an engineer calls it.
    inside
        The unit inside the program.
    example
        How it may be written.
    units
        Unit as written → what one of it is inside the program.
    shown
        Units used to print it, the largest first.
    """

    name: str
    inside: str
    example: str
    units: dict[str, Decimal]
    shown: tuple[str, ...]


def _dimension(name: str, inside: str, example: str, units: dict[str, str], shown: str) -> Dimension:
    return Dimension(name, inside, example, {unit: Decimal(f) for unit, f in units.items()}, tuple(shown.split()))


_STRESS = {
    "Pa": "1e-6",
    "kPa": "1e-3",
    "MPa": "1",
    "GPa": "1e3",
    "N/mm^2": "1",
    "psi": "0.006894757293168",
    "ksi": "6.894757293168",
}
_EXPANSION = {"ppm/K": "1e-6", "ppm/degC": "1e-6", "1/K": "1", "1/degC": "1", "%/K": "1e-2"}

DIMENSIONS: dict[Kind, Dimension] = {
    "length": _dimension(
        "length",
        "mm",
        "5 um",
        {"nm": "1e-6", "um": "1e-3", "mm": "1", "cm": "10", "m": "1e3", "mil": "0.0254", "in": "25.4"},
        "mm um nm",
    ),
    "stress": _dimension("stress", "MPa", "43 GPa", _STRESS, "GPa MPa kPa Pa"),
    "stress_slope": _dimension(
        "stress per temperature",
        "MPa/K",
        "-58.5 MPa/K",
        {f"{unit}/{kelvin}": factor for unit, factor in _STRESS.items() for kelvin in ("K", "degC")},
        "GPa/K MPa/K",
    ),
    "expansion": _dimension("thermal expansion", "1/K", "17 ppm/K", _EXPANSION, "ppm/K"),
    "expansion_slope": _dimension(
        "thermal expansion per temperature",
        "1/K^2",
        "0.00944 ppm/K^2",
        {"ppm/K^2": "1e-6", "1/K^2": "1", "ppm/degC^2": "1e-6", "1/degC^2": "1"},
        "ppm/K^2",
    ),
    "temperature": _dimension("temperature", "K", "25 degC", {"K": "1", "degC": "1"}, "degC"),
    "temperature_difference": _dimension("temperature difference", "K", "100 K", {"K": "1", "degC": "1"}, "K"),
    "angle": _dimension(
        "angle", "rad", "30 deg", {"deg": "0.017453292519943295769", "mrad": "1e-3", "rad": "1"}, "deg"
    ),
    "fraction": _dimension("pure number", "-", "0.3", {"": "1", "%": "1e-2"}, ""),
    "resistivity": _dimension(
        "electrical resistivity",
        "Ohm*mm",
        "130 nOhm*m",
        {
            "nOhm*m": "1e-6",
            "uOhm*m": "1e-3",
            "Ohm*m": "1e3",
            "uOhm*cm": "1e-5",
            "mOhm*cm": "1e-2",
            "Ohm*cm": "10",
            "mOhm*mm": "1e-3",
            "Ohm*mm": "1",
        },
        "Ohm*m uOhm*m nOhm*m",
    ),
    "conductivity": _dimension(
        "thermal conductivity",
        "mW/(mm*K)",
        "58 W/(m K)",
        {"W/(m*K)": "1", "mW/(mm*K)": "1", "W/(cm*K)": "100"},
        "W/(m*K)",
    ),
    "force": _dimension("force", "N", "1 N", {"uN": "1e-6", "mN": "1e-3", "N": "1", "kN": "1e3"}, "N mN uN"),
    "resistance": _dimension(
        "electrical resistance", "mOhm", "20 mOhm", {"uOhm": "1e-3", "mOhm": "1", "Ohm": "1e3"}, "Ohm mOhm uOhm"
    ),
    "time": _dimension("time", "s", "10 min", {"s": "1", "min": "60", "h": "3600"}, "h min s"),
}
"""The table: what each kind is called, how it may be written, and what that is inside."""

ZERO_CELSIUS = Decimal("273.15")
"""0 °C [K]."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SPELLINGS = (
    (re.compile(r"[µμ]"), "u"),
    (re.compile(r"Ω|Ω|(?i:ohms?)\b"), "Ohm"),
    (re.compile(r"°\s*C|℃"), "degC"),
    (re.compile(r"°"), "deg"),
    (re.compile(r"²|\*\*2|(?<=mm)2"), "^2"),
    (re.compile(r"[·⋅×]"), "*"),
    (re.compile(r"\s*([*/()^])\s*"), r"\1"),
    (re.compile(r"\s+"), "*"),
    (re.compile(r"^/"), "1/"),
    (re.compile(r"^W/\(?m[/*]?K\)?$|^W/\(K\*m\)$"), "W/(m*K)"),
)


def parse(written: object, kind: Kind) -> float:
    """Return the number inside the program that `written` stands for.

    Parameters
    ----------
    written
        Number and unit as text, e.g. "5 um"; for the kind "fraction" also a bare number.
    kind
        What it should be; key of `DIMENSIONS`.

    Returns
    -------
    float
        In `DIMENSIONS[kind].inside`.

    Raises
    ------
    ConfigError
        U101 … U108, F110: without place, which the reader of the file knows.
    """
    dimension = DIMENSIONS[kind]
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise ConfigError(
            "F110",
            f"a {dimension.name} is written as text with a unit, not as {_toml_name(written)}",
            value=str(written),
            hint=f'write it like "{dimension.example}"',
        )
    number, unit = _split(str(written), dimension)
    factor = _factor(unit, str(written), kind)
    value = float(number * factor)
    if kind == "temperature":
        value = _absolute(number, unit, str(written))
    if not math.isfinite(value):
        raise ConfigError(
            "U104",
            "the number is too large to be computed with",
            value=str(written),
            hint="check its exponent and its unit",
        )
    return value


def text(value: float, kind: Kind, digits: int | None = None) -> str:
    """Return `value` with the unit in which it is easiest to read.

    Parameters
    ----------
    value
        In `DIMENSIONS[kind].inside`.
    kind
        Key of `DIMENSIONS`.
    digits
        Significant digits; all that are needed to read the same number back, if None.
    """
    dimension = DIMENSIONS[kind]
    exact = Decimal(repr(float(value)))
    if kind == "temperature":
        return f"{_plain(exact - ZERO_CELSIUS, digits)} degC"
    if kind == "fraction":
        return _plain(exact, digits)
    unit = next((u for u in dimension.shown if abs(exact) >= dimension.units[u]), dimension.shown[-1])
    if exact == 0:
        unit = dimension.shown[0]
    return f"{_plain(exact / dimension.units[unit], digits)} {unit}"


def _plain(number: Decimal, digits: int | None) -> str:
    rounded = float(number) if digits is None else float(f"{number:.{digits}g}")
    return f"{rounded:.0f}" if rounded == int(rounded) and abs(rounded) < 1e6 else repr(rounded)


def _toml_name(value: object) -> str:
    names = {bool: "true or false", list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")


def _split(written: str, dimension: Dimension) -> tuple[Decimal, str]:
    """Return number and unit of a text."""
    stripped = written.strip()
    hint = f'write it like "{dimension.example}"'
    if not stripped:
        raise ConfigError("U101", f"there is no value here: a {dimension.name} is needed", value='""', hint=hint)
    if re.match(r"[+-]?(nan|inf|infinity)\b", stripped, re.IGNORECASE):
        raise ConfigError("U104", f"{shortened(stripped)} is no number to compute with", value=written, hint=hint)
    if re.match(r"[+-]?[0-9]+,[0-9]", stripped):
        point = stripped.replace(",", ".", 1) if len(stripped) <= LONGEST_VALUE else dimension.example
        raise ConfigError("U107", "a comma is not a decimal point", value=written, hint=f'write "{point}"')
    match = _NUMBER.match(stripped) if len(stripped) <= LONGEST_VALUE else None
    unit = stripped[match.end() :].strip() if match else ""
    if match is None or re.match(r"(?!1/\s*[a-zA-Z°])[-+*^(,.0-9]|/\s*[^\sa-zA-Z°]", unit):
        raise ConfigError("U103", "this is not one number and one unit; nothing is evaluated", value=written, hint=hint)
    if not math.isfinite(float(match.group())):
        raise ConfigError(
            "U104", "the number is too large to be computed with", value=written, hint="check its exponent and its unit"
        )
    return Decimal(match.group()), unit


def _factor(unit: str, written: str, kind: Kind) -> Decimal:
    """Return what one `unit` is inside the program."""
    dimension = DIMENSIONS[kind]
    spelled = unit
    for pattern, plain in _SPELLINGS:
        spelled = pattern.sub(plain, spelled)
    if spelled in dimension.units:
        return dimension.units[spelled]
    if not spelled:
        raise ConfigError(
            "U102",
            f"a number without its unit is not a {dimension.name}",
            value=written,
            hint=f"add one of: {', '.join(dimension.units)}",
        )
    others = [other.name for other in DIMENSIONS.values() if spelled in other.units]
    if others:
        raise ConfigError(
            "U106",
            f"{shortened(written)} is not a {dimension.name}; it is a {others[0]}",
            value=written,
            hint=f'write it like "{dimension.example}"',
        )
    raise ConfigError("U105", f'unknown unit "{shortened(unit)}"', value=written, hint=_unit_hint(spelled, dimension))


def _unit_hint(spelled: str, dimension: Dimension) -> str:
    known = [unit for unit in dimension.units if unit]
    same = [unit for unit in known if unit.lower() == spelled.lower()]
    close = same or (["degC"] if spelled == "C" and "degC" in known else get_close_matches(spelled, known, 1))
    question = f"did you mean {close[0]}? " if close else ""
    return f"{question}known here: {', '.join(known) or 'no unit at all'}"


def _absolute(number: Decimal, unit: str, written: str) -> float:
    kelvin = number if unit == "K" else number + ZERO_CELSIUS
    if kelvin < 0:
        raise ConfigError(
            "U108",
            f"{shortened(written)} lies {text(float(-kelvin), 'temperature_difference', 6)} below absolute zero",
            value=written,
            hint="the lowest temperature is 0 K, -273.15 degC",
        )
    return float(kelvin)
