"""How the report writes numbers, and the lines of its tables."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10

NO_BREAK = "\u00a0"

NO_FORCE = 1e-9
"""Forces below are those of rounding [N]."""


@dataclass(frozen=True)
class Row:
    """One line of a table: what it is, its value with unit, and what it means."""

    name: str
    value: str
    meaning: str


def number(value: float | None, digits: int = 4, nothing: float = 0.0) -> str:
    """Return a number with a few significant digits; a dash where there is none, 0 where it is less than ``nothing``.

    >>> number(-0.123456), number(None), number(3e-13, 1), number(20960.0)
    ('−0.1235', '–', '3 × 10⁻¹³', '20960')
    """
    if value is None:
        return "–"
    if abs(value) <= nothing:
        return "0"
    exponent = floor(log10(abs(value)))
    if -5 <= exponent < 6:
        decimals = max(0, digits - 1 - exponent)
        shown = f"{value:.{decimals}f}"
        return (shown.rstrip("0").rstrip(".") if "." in shown else shown).replace("-", "−")
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa} × 10{raised}".replace("-", "−")


def signed(value: float, digits: int = 3, nothing: float = 0.0) -> str:
    """Return a number with its sign, also where it is positive.

    >>> signed(0.0253), signed(-272.16), signed(1e-12, nothing=1e-6)
    ('+0.0253', '−272', '0')
    """
    shown = number(value, digits, nothing)
    return f"+{shown}" if value > nothing else shown


def percent(share: float) -> str:
    """Return a share in per cent."""
    return f"{number(100.0 * share, 3)}{NO_BREAK}%"


def counted(count: int, thing: str) -> str:
    """Return a number of things in words.

    >>> counted(1, "joint"), counted(36, "joint")
    ('1 joint', '36 joints')
    """
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
