"""A law of the dossier: what the program must compute, where that is known from, and what it must not let pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """One number that was computed, beside what it should be.

    Parameters
    ----------
    name
        What it is.
    unit
        Of computed, expected and tolerance; "-" for none.
    computed, expected
        [unit].
    tolerance
        Largest acceptable difference between both [unit].
    """

    name: str
    unit: str
    computed: float
    expected: float
    tolerance: float

    @property
    def error(self) -> float:
        """Difference between computed and expected, in units of the tolerance [-]."""
        return abs(self.computed - self.expected) / self.tolerance

    @property
    def passed(self) -> bool:
        """Whether the difference is within the tolerance; what is not a number is not."""
        return self.error <= 1.0


def near(
    name: str, computed: float, expected: float, relative: float, unit: str = "-", of: float | None = None
) -> Quantity:
    """Return a quantity whose tolerance is a share of what is expected, or ``of`` another size [unit]."""
    return within(name, computed, expected, relative * abs(expected if of is None else of), unit)


def within(name: str, computed: float, expected: float, tolerance: float, unit: str = "-") -> Quantity:
    """Return a quantity with an absolute tolerance [unit]."""
    return Quantity(name, unit, float(computed), float(expected), float(tolerance))


def vanishing(name: str, computed: float, tolerance: float, unit: str = "-") -> Quantity:
    """Return a quantity that should be zero."""
    return within(name, computed, 0.0, tolerance, unit)


Measure = Callable[[bool], tuple[Quantity, ...]]
"""Computes a law's quantities; True: with the one thing wrong that makes it the broken control."""


def nothing_missing() -> str:
    """Return that nothing is missing."""
    return ""


@dataclass(frozen=True)
class Law:
    """A law with its broken control.

    Parameters
    ----------
    name
        Short name, for ``--only``.
    title
        What holds, in one line.
    statement
        Formula or problem.
    source
        Where what is expected comes from: never a run of this program.
    control
        What is wrong in the broken control: an input or a constant of the computation, never the comparison.
    measure
        Computes the quantities, of the law or of its control; both have the same expectations and tolerances.
    quick
        Whether it belongs to the quick set.
    missing
        What this machine lacks for it; "" where nothing does.
    """

    name: str
    title: str
    statement: str
    source: str
    control: str
    measure: Measure
    quick: bool = True
    missing: Callable[[], str] = nothing_missing
