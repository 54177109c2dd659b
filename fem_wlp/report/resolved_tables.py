"""What the report says of a resolved array only: its mesh and solver, and its figures beside the condensed model's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..mesh.kinds import kind_of
from ..results import ArrayField, Compared, Result
from .words import Row, counted, number

EXTENTS = {
    "cell": "one joint with its pitch",
    "strip": "a strip of half a pitch from the centre to the board's edge",
    "eighth": "an eighth; the other seven are its mirror images",
    "quarter": "a quarter; the other three are its mirror images",
    "full": "all of it",
}
"""Parts of an array in words."""

SHOWN_IN = {"mm": (1e3, "µm"), "1": (1.0, "-")}
"""By how much a unit's values are multiplied for reading, and the unit they then have."""


@dataclass(frozen=True)
class ComparedRow:
    """One figure of both models: its name with unit, both values, and their difference."""

    name: str
    resolved: str
    condensed: str
    difference: str
    scale: str


def facts_of(result: Result) -> list[Row]:
    """Return what the mesh is and how its equations were solved; nothing of a result that is not resolved."""
    field, provenance = result.field, result.provenance
    if not isinstance(field, ArrayField):
        return []
    mesh = field.mesh
    facts = [
        Row("Part that is meshed", EXTENTS.get(str(provenance.get("extent")), "–"), "the rest follows by symmetry"),
        Row(
            "Elements",
            _grouped(len(mesh.cells)),
            f"{kind_of(mesh.cells).name}, quadratic; of one joint with its pitch {_grouped(_of_one_joint(field))}",
        ),
        Row("Unknowns", _grouped(3 * len(mesh.points)), "three displacements a node"),
    ]
    if "coarse_unknowns" in provenance:
        facts.append(
            Row(
                "Unknowns of the second mesh",
                _grouped(provenance["coarse_unknowns"]),
                "coarser; it tells the error, and answers for severed and for rigid joints and the reference package",
            )
        )
    if "solver" in provenance:
        facts.append(Row("Solver", str(provenance["solver"]), _iterations(provenance)))
    seconds = provenance.get("seconds")
    if isinstance(seconds, Mapping):
        longest = max(seconds, key=lambda step: seconds[step])
        words = f"of which {number(seconds[longest], 2)} s for the step “{longest}”"
        facts.append(Row("Time", f"{number(sum(seconds.values()), 3)} s", words))
    if "memory" in provenance:
        facts.append(Row("Memory", f"{number(provenance['memory'] / 1e3, 2)} GB", "at its peak, all of the program"))
    return facts


def _of_one_joint(field: ArrayField) -> int:
    """Elements in the cell that has most of them: it is not cut by a mirror plane."""
    places = field.mesh.places[field.mesh.places >= 0]
    return int(max((places == place).sum() for place in range(len(field.axes))))


def _iterations(provenance: Mapping[str, Any]) -> str:
    counts = provenance.get("iterations") or []
    if not any(counts):
        return "equations solved directly"
    several = " and ".join(str(count) for count in counts)
    return f"{several} iterations at the service temperatures" if len(counts) > 1 else counted(counts[0], "iteration")


def _grouped(value: int) -> str:
    """Write a whole number in groups of three digits, which don't break apart.

    >>> _grouped(211914).split()
    ['211', '914']
    """
    return f"{value:,}".replace(",", "\u202f")


def compared_rows(result: Result) -> list[ComparedRow]:
    """Return the figures of both models, one a line; nothing of a result that is not resolved."""
    return [_compared(each) for each in result.comparison]


def _compared(each: Compared) -> ComparedRow:
    factor, unit = SHOWN_IN.get(each.unit, (1.0, each.unit))
    resolved, condensed = (
        number(None if value is None else factor * value) for value in (each.resolved, each.condensed)
    )
    return ComparedRow(f"{each.name} [{unit}]", resolved, condensed, _difference(each), _scale(each))


def _difference(each: Compared) -> str:
    if each.difference is None:
        return "–"
    relative = each.scale != "1"
    shown = number(100.0 * each.difference if relative else each.difference, 2, 0.005 if relative else 5e-6)
    sign = "+" if each.difference > 0.0 and shown != "0" else ""
    return f"{sign}{shown}{' %' if relative else ''}"


def _scale(each: Compared) -> str:
    return "absolute" if each.scale == "1" else f"of {each.scale}"
