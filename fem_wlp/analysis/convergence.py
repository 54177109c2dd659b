"""What a package converges to on finer and finer meshes, in numbers and in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..package.model import Package
from ..results import plain
from .corners import Corner
from .extrapolation import Limit, Verdict, extrapolated

WITHIN = 2.0
"""A stated error is confirmed by one that is at most this many times as large [-]."""

WITHOUT_ORDER = 3.0
"""What is left where no order was observed, in spreads of the last values: Roache's factor of safety (1994) [-]."""

FIGURE, FORCE = "decoupling.figure", "critical_joint.shear_force"

UNITS: Mapping[str, str] = {
    "decoupling": "1",
    "critical_joint.free": "mm",
    "critical_joint.shift": "mm",
    "critical_joint.shear_force": "N",
    "critical_joint.axial_force": "N",
    "critical_joint.moment": "N mm",
    "critical_joint.energy": "N mm",
    "critical_joint.chip_stress": "MPa",
    "joint.stiffness.axial": "N/mm",
    "joint.stiffness.lateral": "N/mm",
    "joint.stiffness.rocking": "N mm/rad",
    "joint.stiffness.torsion": "N mm/rad",
    "interconnect.strain": "1",
    "parts.cylinder_shear_strain": "1",
    "parts.ball_stress": "MPa",
    "warpage": "mm",
}
"""Beginning of a quantity's key → unit."""


@dataclass(frozen=True)
class Family:
    """Meshes that are refined together.

    Parameters
    ----------
    name
        "joint cell", "plates" or "array".
    refined
        What is refined, in a sentence.
    unknowns
        Of every level [-].
    factors
        By which element lengths are divided, one a level; 1 is the package's own mesh [-].
    """

    name: str
    refined: str
    unknowns: tuple[int, ...]
    factors: tuple[float, ...]

    @property
    def sizes(self) -> tuple[float, ...]:
        """Element lengths, those of the package's own mesh being 1 [-]."""
        return tuple(1.0 / factor for factor in self.factors)


@dataclass(frozen=True)
class Quantity:
    """One number of a package on all meshes.

    Parameters
    ----------
    key
        Its path in ``results.json``; "critical_joint." for what stands there under ``joints``.
    unit
        Its unit.
    scale
        What its errors are measured against.
    together
        Its values with all meshes refined alike.
    series
        Its values as one family of meshes is refined and the others are finest.
    limits
        What each series tends to.

    Where a limit is not asymptotic, its error is no error but the spread of the last three values.
    """

    key: str
    unit: str
    scale: float
    together: tuple[float, ...]
    series: Mapping[str, tuple[float, ...]]
    limits: Mapping[str, Limit]

    @cached_property
    def limit(self) -> Limit:
        """The value on meshes that are all infinitely fine: what each family leaves is taken off, the errors add up."""
        finest, each = self.together[-1], list(self.limits.values())
        verdicts = [limit.verdict for limit in each]
        worst: Verdict = "settled"
        if "asymptotic" in verdicts:
            worst = "asymptotic"
        if "not asymptotic" in verdicts:
            worst = "not asymptotic"
        orders = [limit.order for limit in each if limit.order is not None and limit.known]
        return Limit(
            finest + sum(limit.value - finest for limit in each),
            sum(limit.error for limit in each),
            min(orders, default=None),
            worst,
            "; ".join(f"{name}: {limit.reason}" for name, limit in self.limits.items() if limit.reason),
        )

    @property
    def default_error(self) -> float:
        """Error on the package's own mesh, of the scale [-]."""
        return (self.together[0] - self.limit.value) / self.scale


@dataclass(frozen=True)
class Stated:
    """An error that `solve` states, beside the one that was found.

    Parameters
    ----------
    key
        Whose error.
    value
        What `solve` answers.
    stated
        The error that it states.
    found
        How far the answer is from the converged one.
    uncertainty
        How well that is known.
    """

    key: str
    value: float
    stated: float
    found: float
    uncertainty: float

    @property
    def ratio(self) -> float:
        """Stated over found error [-]."""
        return self.stated / self.found if self.found > 0.0 else math.inf

    @property
    def confirmed(self) -> bool | None:
        """Whether the statement holds within a factor `WITHIN`; None where the levels cannot tell."""
        if WITHIN * self.stated >= self.found + self.uncertainty:
            return True
        return False if WITHIN * self.stated < self.found - self.uncertainty else None

    @property
    def words(self) -> str:
        """What the comparison says."""
        if self.confirmed is None:
            return "these levels cannot tell whether the estimate holds"
        if not self.confirmed:
            return "NOT confirmed: the estimate is too small"
        if self.stated > WITHIN * (self.found + self.uncertainty):
            return "confirmed, on the safe side"
        return "confirmed"


@dataclass(frozen=True)
class Convergence:
    """What a package converges to; ``print`` it.

    Parameters
    ----------
    package
        What was solved.
    levels
        Their numbers; 1 is the package's own mesh [-].
    families
        The meshes that are refined.
    quantities
        The numbers, D first.
    stated
        The errors that `solve` states of D and of the shear force (relative), beside those found.
    corners
        Where stress is singular, the sharpest first.
    seconds
        Of each step [s].
    provenance
        Versions and date.
    """

    package: Package
    levels: tuple[int, ...]
    families: tuple[Family, ...]
    quantities: tuple[Quantity, ...]
    stated: tuple[Stated, ...]
    corners: tuple[Corner, ...]
    seconds: Mapping[str, float]
    provenance: Mapping[str, Any]

    def family(self, name: str) -> Family:
        """Return a family of meshes by its name."""
        return next(family for family in self.families if family.name == name)

    def quantity(self, key: str) -> Quantity:
        """Return a quantity by its key."""
        return next(quantity for quantity in self.quantities if quantity.key == key)

    @property
    def open(self) -> tuple[Quantity, ...]:
        """Quantities whose limit could not be told."""
        return tuple(quantity for quantity in self.quantities if not quantity.limit.known)

    @property
    def verdict(self) -> str:
        """The answer in a sentence or two."""
        one, limit = self.stated[0], self.quantity(FIGURE).limit
        solved = f"D = {one.value:.5f} ± {one.stated:.1g} as solved"
        if not limit.known:
            return (
                f"{solved}; on these meshes D is not asymptotic ({limit.reason}): about {limit.value:.5f}, its last "
                f"values spread over {limit.error:.1g}, so the mesh error is about {one.found:.1e}: {one.words}."
            )
        return (
            f"{solved}; converged it is {limit.value:.5f} ± {limit.error:.1g}, so the mesh error is {one.found:.1e}, "
            f"and {one.stated:.1e} was stated ({one.ratio:.2f} of it): {one.words}."
        )

    def __str__(self) -> str:
        return "\n".join([f"{self.package.name}: {self.verdict}", "", *_table(self), "", *_tail(self)])

    def _repr_html_(self) -> str:
        return f"<pre>{self}</pre>"


def quantity_of(
    key: str,
    sizes: Mapping[str, Sequence[float]],
    together: tuple[float, ...],
    series: Mapping[str, tuple[float, ...]],
    scale: float,
) -> Quantity:
    """Extrapolate one quantity along every family of meshes; parameters as `Quantity`, sizes by family."""
    limits = {name: extrapolated(sizes[name], values, scale) for name, values in series.items()}
    return Quantity(key, unit_of(key), scale, together, series, limits)


def compared(key: str, value: float, stated: float, limit: Limit, relative: bool) -> Stated:
    """Lay an error that a solve states of its answer beside the one found; relative ones are shares of the limit."""
    unit = abs(limit.value) if relative else 1.0
    uncertainty = limit.error * (1.0 if limit.known else WITHOUT_ORDER)
    return Stated(key, value, stated, abs(value - limit.value) / unit, uncertainty / unit)


def unit_of(key: str) -> str:
    """Return the unit of a quantity.

    >>> unit_of("critical_joint.shear_force"), unit_of("parts.ball_stress.core")
    ('N', 'MPa')
    """
    return next(unit for start, unit in UNITS.items() if key.startswith(start))


def as_data(found: Convergence) -> dict[str, Any]:
    """Return a convergence as plain data, the content of ``converge.json``."""
    return {
        "package": found.package.name,
        "kind": found.package.model.kind,
        "fineness": found.package.model.fineness,
        "verdict": found.verdict,
        "levels": list(found.levels),
        "families": plain(found.families),
        "quantities": [
            {
                "key": quantity.key,
                "unit": quantity.unit,
                "value": quantity.together[0],
                "converged": quantity.limit.value,
                "error": quantity.limit.error,
                "verdict": quantity.limit.verdict,
                "reason": quantity.limit.reason,
                "error_of_the_first_level": quantity.default_error,
                "scale": quantity.scale,
                "together": list(quantity.together),
                "series": {
                    name: {"values": list(quantity.series[name]), **plain(limit)}
                    for name, limit in quantity.limits.items()
                },
            }
            for quantity in found.quantities
        ],
        "stated": [
            {**plain(one), "ratio": None if math.isinf(one.ratio) else one.ratio, "confirmed": one.confirmed,
             "words": one.words}
            for one in found.stated
        ],
        "corners": [
            {
                **plain(replace(corner, exponents=())),
                "exponents": [[root.real, root.imag] for root in corner.exponents],
                "uniform_order": corner.uniform_order,
                "graded_order": corner.graded_order,
            }
            for corner in found.corners
        ],
        "seconds": dict(found.seconds),
        "provenance": dict(found.provenance),
    }  # fmt: skip


def _table(found: Convergence) -> list[str]:
    families = [family.name for family in found.families]
    head = ["", "unit", *(f"level {level}" for level in found.levels), "converged", "±", "error", *families]
    rows = [
        [
            quantity.key,
            quantity.unit,
            *(f"{value:.5g}" for value in quantity.together),
            ("" if quantity.limit.known else "~") + f"{quantity.limit.value:.5g}",
            f"{quantity.limit.error:.1g}",
            f"{100.0 * quantity.default_error:+.2f} %",
            *(order_in_words(quantity.limits[name]) for name in families),
        ]
        for quantity in found.quantities
    ]
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]


def order_in_words(limit: Limit) -> str:
    """Return the observed order, or in a word why there is none."""
    if limit.verdict == "asymptotic" and limit.order is not None:
        return f"{limit.order:.1f}"
    return limit.verdict


def _tail(found: Convergence) -> list[str]:
    lines = [f"{quantity.key} is not asymptotic: {quantity.limit.reason}" for quantity in found.open]
    lines += [
        f"{one.key}: {one.stated:.2%} stated, {one.found:.2%} found (ratio {one.ratio:.2f}): {one.words}."
        for one in found.stated[1:]
    ]
    lines += [family.refined for family in found.families]
    if found.corners:
        sharpest = found.corners[0]
        lines += [
            "",
            f"Singular corners ({len(found.corners)}), stress grows as r^(λ−1); the sharpest limits energies to order "
            f"{sharpest.graded_order:.1f} on these graded meshes, to {sharpest.uniform_order:.1f} on uniform ones:",
            *(f"  λ = {exponents_in_words(corner)}  {corner_in_words(corner)}" for corner in found.corners),
        ]
    return lines


def corner_in_words(corner: Corner) -> str:
    """Return what meets at a corner, and where.

    >>> corner_in_words(Corner(("land", "board"), "interface at a surface", 0.12, 0.0, (90.0, 180.0), False, (0.57,)))
    'land / board: interface at a surface, r = 120 µm, z = 0 µm (90° / 180°)'
    """
    names = " / ".join(name.replace("_", " ") for name in corner.regions)
    openings = " / ".join(f"{angle:.0f}°" for angle in corner.angles)
    place = f"r = {1e3 * corner.r:.4g} µm, z = {1e3 * corner.z:.4g} µm"
    return f"{names}: {corner.kind}, {place} ({openings})"


def exponents_in_words(corner: Corner) -> str:
    """Return the exponents of a corner; of a conjugate pair both."""
    return ", ".join(
        f"{root.real:.3f} ± {root.imag:.3f}i" if root.imag else f"{root.real:.3f}" for root in corner.exponents
    )
